"""Nodes that hold curves and read numbers from them."""

from typing import Annotated

from graph import Curve, CurveRange, Range, conversion, node
from graph.sockets import CURVE, FLOAT

SEARCH = ("ramp", "graph", "schedule", "keyframes", "animation")
RISING = Curve.line(0, 1)
Shape = Annotated[Curve, CurveRange(-1000, 1000, shown=(0, 1), across="items")]


@conversion(FLOAT, CURVE)
def float_to_curve(value: float) -> Curve:
    """A number as a curve that stays there."""
    return Curve.flat(value)


@node(id="PrimitiveCurve", title="Curve", category="utils/primitive", search=("constant", *SEARCH))
def primitive_curve(value: Shape = RISING) -> Curve:
    """A curve, to share between inputs."""
    return value


@node(
    id="CurveValues",
    title="Curve Values",
    category="utils/list",
    outputs=("list",),
    search=("list of floats", "for each", "sample", *SEARCH),
)
def curve_values(
    curve: Shape = RISING, count: Annotated[int, Range(0, 10_000), "how many, from end to end"] = 16
) -> list[float]:
    """Read a curve at even places: a number for each item of a list, each frame of an animation."""
    from diffusion.curves import sampled

    return sampled(curve, count)


@node(id="CurveValue", title="Curve Value", category="utils/primitive", search=("evaluate", "at", *SEARCH))
def curve_value(
    curve: Shape = RISING,
    x: Annotated[float, Range(0, 1, 0.001), "where: 0 is the beginning, 1 the end"] = 0.5,
) -> float:
    """Read a curve at one place."""
    from diffusion.curves import value_at

    return value_at(curve, x)
