"""Gaps: what gathers a sweep and can do without some of its cells is made without those that were skipped.

A node says that it can, and finds in its Axes which cells are not in its list:

    @takes_gaps
    @node(id="ImageGrid")
    def image_grid(images: list[Image], axes: Axes) -> Image: ...

What is made with gaps has a key of its own: it is never taken for the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from graph.axes import Axes
from graph.keys import step_key
from graph.misuse import UnknownInput
from graph.nodetype import node_type

if TYPE_CHECKING:
    from graph.step import Step

Function = TypeVar("Function", bound=Callable[..., Any])


def takes_gaps(function: Function) -> Function:
    """Let a node be called without cells of its sweep that were skipped; `axes.gaps` says which."""
    if node_type(function).axes is None:
        raise UnknownInput(f"{function.__name__}: takes_gaps is for a node with a parameter of the type Axes")
    function.__takes_gaps__ = True  # type: ignore[attr-defined]  # where `without` looks
    return function


def without(step: Step, source: str) -> Step | None:
    """The step without what a skipped one would have given to its list; None where it cannot do without."""
    node_type, made_of = step.node_type, step.made_of
    if node_type is None or made_of is None or not getattr(node_type.run, "__takes_gaps__", False):
        return None
    axes = step.literals.get(node_type.axes or "")
    linked = {link.input for link in step.links}
    first = next((given.name for given in node_type.inputs if given.list and given.name in linked), "")
    of_list = [number for number, link in enumerate(step.links) if link.input == first]
    lost = {number for number, link in enumerate(step.links) if link.source == source}
    if not isinstance(axes, Axes) or len(of_list) + len(axes.gaps) != axes.count:
        return None
    if not lost < set(of_list):  # another input needs it, or nothing would be left
        return None
    there = [place for place in range(axes.count) if place not in axes.gaps]
    gone = (place for place, number in zip(there, of_list, strict=True) if number in lost)
    made = replace(axes, gaps=tuple(sorted((*axes.gaps, *gone))))
    kept = [number for number in range(len(step.links)) if number not in lost]
    links, above = [step.links[each] for each in kept], [made_of.above[each] for each in kept]
    mark = f"{node_type.axes} gaps="
    values = [*(text for text in made_of.values if not text.startswith(mark)), f"{mark}{made.gaps!r};"]
    key = step_key(made_of.prefix, "".join(values), above, made_of.salt)
    literals = {**step.literals, node_type.axes or "": made}
    own = replace(made_of, key=key, arguments=literals, values=values, links=links, above=above)
    return step._replace(key=key, literals=literals, links=links, made_of=own)
