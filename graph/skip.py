"""Skipping: what a run that works is asked not to make after all, and how its steps hear of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Protocol

from graph.problems import Scalar

if TYPE_CHECKING:
    from graph.step import Step


class Flag(Protocol):
    """What says that work is to stop, as a threading.Event does."""

    def is_set(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Skip:
    """The steps of a node, those at a coordinate, or those of a node at a coordinate.

    A coordinate names some axes of a sweep, or the turns of zones: it holds all that lies at these values,
    wherever that lies on other axes. What depends on none of the axes is not part of it.
    """

    node: str | None = None
    coordinate: Mapping[str, Scalar] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The fields by which it is made again."""
        return {"node": self.node, "coordinate": dict(self.coordinate)}

    def covers(self, step: Step) -> bool:
        node = step.node
        if self.node is not None and node != self.node and not node.startswith(f"{self.node}/"):
            return False
        at = dict(step.instance.coordinate) if step.instance is not None else {}
        return all(axis in at and is_same(at[axis], value) for axis, value in self.coordinate.items())


def is_same(one: Scalar, other: Scalar) -> bool:
    """Whether two values are the same place on an axis: 4 and 4.0 are, 1 and true are not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


class Skips:
    """What one run is asked to skip. Any thread may ask, also before the run begins; the run takes it."""

    def __init__(self, *asked: Skip) -> None:
        self._asked: SimpleQueue[Skip] = SimpleQueue()
        self._wake: Callable[[], None] = lambda: None
        for skip in asked:
            self._asked.put(skip)

    def __bool__(self) -> bool:
        """Whether something is asked that the run has not taken yet."""
        return not self._asked.empty()

    def ask(self, skip: Skip) -> None:
        self._asked.put(skip)
        self._wake()

    def heard_by(self, wake: Callable[[], None]) -> None:
        """Have a run woken whenever something is asked."""
        self._wake = wake

    def take(self) -> Iterator[Skip]:
        while True:
            try:
                yield self._asked.get_nowait()
            except Empty:
                return


@dataclass(frozen=True, slots=True)
class StepFlag:
    """Whether one step is to stop: its run is cancelled, or it is skipped.

    `look` takes in what was asked meanwhile, where the step itself keeps the scheduling thread busy.
    """

    place: int
    stopping: Container[int]
    cancel: Flag
    look: Callable[[], None]

    def is_set(self) -> bool:
        self.look()
        return self.place in self.stopping or self.cancel.is_set()


@dataclass(frozen=True, slots=True)
class AllSet:
    """Whether everybody whose work is done together is to stop."""

    flags: tuple[Flag, ...]

    def is_set(self) -> bool:
        return all(flag.is_set() for flag in self.flags)


def only_here(look: Callable[[], None]) -> Callable[[], None]:
    """The function for this thread; other threads do nothing by calling it."""
    here = threading.get_ident()
    return lambda: look() if threading.get_ident() == here else None
