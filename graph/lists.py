"""Lists on links: which arrive whole, and which are followed item by item, so that the node is mapped.

A list is never nested: what a mapped node makes of its items is one list, and a list of lists is joined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph.check import Checked, StepLink


@dataclass(frozen=True, slots=True)
class Each:
    """Stands among the arguments of a mapped step for a list, of which every call gets one item."""

    link: StepLink
    items: Sequence[object]


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
