"""Lists on links: which arrive whole, and which are followed item by item, so that the node is mapped.

A list is never nested: what a mapped node makes of its items is one list, and a list of lists is joined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from graph.checked import Checked, StepLink


PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class Each:
    """Stands among the arguments of a mapped step for a list, of which every call gets one item."""

    link: StepLink
    items: Sequence[object]


class Keyed(list[object]):
    """A list that a mapped step made, with what each item is known by."""

    __slots__ = ("keys",)
    stored_as = list
    """What it is on disk, where the keys are not kept."""

    def __init__(self, items: Iterable[object], keys: Sequence[str]) -> None:
        super().__init__(items)
        self.keys = keys


class Deferred(Sequence[object]):
    """A list whose items are made each time they are taken: read from a file, say. It holds none of them.

    `keys` says of every item what it is known by: a digest of the file, and how it is read.
    """

    __slots__ = ("_make", "keys")

    def __init__(self, make: Callable[[int], object], keys: Sequence[str]) -> None:
        self._make, self.keys = make, keys

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, place: int) -> object: ...
    @overload
    def __getitem__(self, place: slice) -> Deferred: ...
    def __getitem__(self, place: int | slice) -> object:
        places = range(len(self.keys))[place]
        if isinstance(places, range):
            return Deferred(lambda number: self._make(places[number]), self.keys[place])
        return self._make(places)


LISTS = (list, tuple, Deferred)


@dataclass(frozen=True, slots=True)
class Later:
    """Stands for an item that is made when it is taken."""

    items: Deferred
    place: int

    @staticmethod
    def of(items: Sequence[object], place: int) -> object:
        """An item, or what stands for it."""
        return Later(items, place) if isinstance(items, Deferred) else items[place]

    @staticmethod
    def made(value: object) -> object:
        """The value, made now if it was to be made later."""
        return value.items[value.place] if isinstance(value, Later) else value


def item_key(brings: str, items: Sequence[object], place: int, converted: str = "") -> str:
    """Text for one item of a list: what made it, its content where that is plain, or its place.

    `brings` stands for the whole list.
    """
    if isinstance(items, Keyed | Deferred):
        return f"{items.keys[place]}{converted}"
    if type(items[place]) in PLAIN:
        return f"={items[place]!r}{converted}"
    return f"{brings}[{place}]"


def follow_lists(checked: Checked, drafts: Mapping[str, Checked]) -> None:
    """Note of every link that brings a list how it arrives: a node that takes one item at a time is mapped.

    How many calls there will be must be known before the first: a list into a lazy input is no longer lazy.
    """
    for number, link in enumerate(checked.links):
        source = drafts.get(link.source)
        if (link.spread or (source is not None and source.mapped)) and checked.node_type is not None:
            given = checked.node_type.inputs_by_name.get(link.input)
            whole = given is not None and given.list
            lazy = link.lazy and whole
            checked.links[number] = link._replace(plain=False, spread=whole, each=not whole, lazy=lazy)
            checked.mapped = checked.mapped or not whole


def mark(link: StepLink) -> str:
    """What enters the key of how a link brings a list."""
    return " each" if link.each else " all" if link.spread else ""
