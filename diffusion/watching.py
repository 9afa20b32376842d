"""Who watches a piece of work: hears how far it is, and may stop it."""

from collections.abc import Callable

Check = Callable[[], None]
"""Called before every part of the work; what it raises stops the work."""
OnTile = Callable[[int, int], None]
"""Hears how many tiles, or pictures, of how many are done."""


def unstopped() -> None:
    """Nobody stops it."""


def silent(done: int, total: int) -> None:
    """Nobody listens."""
