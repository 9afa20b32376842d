"""Types are told apart by their letters alone, and by eyes that see few colours."""

from itertools import combinations

from graph.sockets import SocketType
from nodes import types

ALL = [value for value in vars(types).values() if isinstance(value, SocketType)]
USUAL = [types.MODEL, types.CLIP, types.VAE, types.CONDITIONING, types.LATENT, types.IMAGE, types.MASK]
# Machado et al. 2009, table 1
GREEN_BLIND = ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969))
LEAST = 0.1


def linear(colour: str) -> list[float]:
    values = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]


def seen(colour: str) -> list[float]:
    lit = linear(colour)
    return [sum(factor * value for factor, value in zip(row, lit, strict=True)) for row in GREEN_BLIND]


def test_every_type_has_a_letter_and_a_colour_of_its_own() -> None:
    assert len(ALL) > 15
    for look in ("letter", "colour"):
        assert len({getattr(each, look) for each in ALL}) == len(ALL), look


def test_the_usual_types_differ_for_eyes_that_see_no_green() -> None:
    close = [
        (a.name, b.name)
        for a, b in combinations(USUAL, 2)
        if sum((x - y) ** 2 for x, y in zip(seen(a.colour), seen(b.colour), strict=True)) ** 0.5 < LEAST
    ]
    assert close == []
