"""Axes: along which a sweep varies, and where on them one instance of a node stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple

from graph.problems import Scalar


@dataclass(frozen=True, slots=True)
class Axis:
    """A name, and what stands at each position: the values of the first input that is swept along it."""

    name: str
    values: tuple[Scalar, ...]

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Axes:
    """What a node's first list was gathered over, outermost first: its items are in the order of the product.

    A parameter annotated with it is not a socket. Where branches of a sweep are linked side by side, the
    outermost axis is nameless and holds the titles of what is linked; without a sweep there are no axes.
    """

    axes: tuple[Axis, ...] = ()
    gaps: tuple[int, ...] = field(default=(), repr=False)
    """Places in the list's order of what was skipped and is not in the list; of a node that takes gaps."""

    def __iter__(self) -> Iterator[Axis]:
        return iter(self.axes)

    def __len__(self) -> int:
        return len(self.axes)

    @property
    def count(self) -> int:
        """How many coordinates there are."""
        return prod(map(len, self.axes))


class Instance(NamedTuple):
    """Of which node a step is, and where: (axis, value) for each axis that the node depends on."""

    node: str
    coordinate: tuple[tuple[str, Scalar], ...]
    positions: tuple[int, ...]
    """The place on each of these axes: values may repeat, positions do not."""

    def to_json(self) -> dict[str, object]:
        return {"node": self.node, "coordinate": dict(self.coordinate)}
