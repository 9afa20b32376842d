"""Warnings of sizes that take very much memory or time: mostly a factor or a side is other than meant."""

from collections.abc import Iterator
from math import prod

from graph import Seen
from graph.infer import Facts
from graph.problems import Problem

MEGA = 1024 * 1024
MANY = 64 * MEGA
"""Pixels of all pictures of a batch: 768 MB as numbers."""
WIDE = 16 * MEGA
"""Pixels of one picture that is sampled: attention over it takes their square."""
BYTES = 12
"""Of a pixel: three numbers of four bytes."""


def check_large(seen: Seen, name: str, made: Facts, *, sampled: bool = False) -> Iterator[Problem]:
    """Warn where what a node makes of an input is very large."""
    sides = [made.get(each) for each in ("width", "height")]
    if not all(isinstance(side, int) for side in sides):
        return
    batch = made.get("batch")
    count = batch if isinstance(batch, int) else 1
    one = prod(side for side in sides if isinstance(side, int))
    if one * count <= MANY and not (sampled and one > WIDE):
        return
    each = f"{sides[0]} x {sides[1]} pixels" + (f", {count} times" if count > 1 else "")
    costs = "sampling it takes very long" if sampled and one > WIDE else f"{one * count * BYTES / 1e9:.1f} GB"
    yield seen.problem(
        "very_large",
        name,
        f"this makes {each}: {costs}",
        given=one * count,
        expected=f"up to {(WIDE if sampled else MANY) // MEGA} million pixels",
        remedy="Make it smaller, or go on if that is meant.",
        warning=True,
    )
