"""Sockets: the types of wires, the inputs and outputs of a node type, and what may feed what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from graph.widgets import Widget

T = TypeVar("T")
Fact = str | int | float | bool
"""One thing that is known of a value before anything runs."""


@dataclass(frozen=True, slots=True)
class SocketType:
    """The identity of a wire. Two types of one name are the same type."""

    name: str
    colour: str = field(default="#9e9e9e", compare=False)
    letter: str = field(default="", compare=False)

    def to_json(self) -> dict[str, str]:
        return {"colour": self.colour, "letter": self.letter or self.name[:1]}


ANY = SocketType("ANY", "#b0b0b0", "*")
INT = SocketType("INT", "#7cb342", "1")
FLOAT = SocketType("FLOAT", "#26a69a", ".")
STRING = SocketType("STRING", "#ffb74d", "T")
BOOLEAN = SocketType("BOOLEAN", "#ec407a", "?")
CURVE = SocketType("CURVE", "#d4a5ff", "~")
FILE = SocketType("FILE", "#8d6e63", "F")
"""A file is chosen, never linked: its content must be known before anything runs."""

BUILTIN = (ANY, INT, FLOAT, STRING, BOOLEAN, CURVE, FILE)


class Lazy(Generic[T]):
    """An input that the node asks for: `mask: Lazy[Mask]`, then `mask.get()`."""

    __slots__ = ("_get",)

    def __init__(self, get: Callable[[], T]) -> None:
        self._get = get

    def get(self) -> T:
        return self._get()


Condition = tuple[str, frozenset[str]]
"""A choice's name, and the options with which something is there."""


@dataclass(frozen=True, slots=True)
class Grows:
    """The row of inputs that one belongs to: interfaces show those that are used, and one more."""

    row: str
    least: int = 0
    """How many of them are shown in any case."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a node type; several types make a union."""

    name: str
    types: tuple[SocketType, ...]
    required: bool = True
    default: object = None
    widget: Widget | None = None
    optional: bool = False
    lazy: bool = False
    list: bool = False
    help: str = ""
    grows: Grows | None = None
    when: tuple[Condition, ...] = ()
    """The choices on which it depends: where one is another, interfaces do not show it."""

    @property
    def type_name(self) -> str:
        return type_name(self.types)


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a node type."""

    name: str
    types: tuple[SocketType, ...]
    list: bool = False
    passes: str | None = None
    """The input that a bypassed node passes on here, or "" for none; None where the types say it."""

    @property
    def type_name(self) -> str:
        return type_name(self.types)

    def to_json(self) -> dict[str, object]:
        record: dict[str, object] = {"name": self.name, "type": self.type_name, "list": self.list}
        return record if self.passes is None else {**record, "passes": self.passes}


def type_name(types: tuple[SocketType, ...]) -> str:
    """The name of a union is its members' names with bars between."""
    return "|".join(member.name for member in types)


@dataclass(frozen=True, slots=True, eq=False)
class Conversion:
    """A value of one type made into another on the way along a link."""

    source: SocketType
    target: SocketType
    convert: Callable[[object], object]
    code: str
    carry: Callable[[Mapping[str, Fact]], Mapping[str, Fact]] | None = None
    """What is known of the made value, from what is known of the given one; None for nothing."""


Conversions = Mapping[tuple[str, str], Conversion]


def feeds(output: Output, given: Input, conversions: Conversions) -> Conversion | bool:
    """May this output feed that input: True, False, or the conversion that makes it so.

    A union feeds only where each of its members would, unconverted. A list feeds what its items would: an
    input that takes one item has its node mapped (graph/lists.py).
    """
    if FILE in given.types:
        return False
    if output.types == given.types:
        return True
    if ANY in output.types or ANY in given.types:
        return True
    if all(member in given.types for member in output.types):
        return True
    if len(output.types) > 1:
        return False
    found = (conversions.get((output.types[0].name, member.name)) for member in given.types)
    return next((conversion for conversion in found if conversion), False)
