"""Nodes that choose between values; what is not chosen is not computed."""

from typing import Annotated, Any

from graph import Lazy, NodeError, Range, node

SEARCH = ("if", "else", "condition", "choose", "select", "logic")
Choosable = Lazy[Any] | None


@node(id="LazySwitch", title="Switch", category="utils/logic", search=SEARCH, outputs=("output",))
def lazy_switch(switch: bool = False, on_false: Choosable = None, on_true: Choosable = None) -> Any:
    """Pass one of two values on; the other one is not computed."""
    name, chosen = ("on_true", on_true) if switch else ("on_false", on_false)
    return _asked(name, chosen)


@node(
    id="LazyIndexSwitch",
    title="Switch (Index)",
    category="utils/logic",
    search=SEARCH,
    outputs=("output",),
    grows=("value",),
)
def lazy_index_switch(
    index: Annotated[int, Range(0, 3)] = 0,
    value0: Choosable = None,
    value1: Choosable = None,
    value2: Choosable = None,
    value3: Choosable = None,
) -> Any:
    """Pass one of four values on by its number; the others are not computed."""
    return _asked(f"value{index}", (value0, value1, value2, value3)[index])


def _asked(name: str, chosen: Lazy[Any] | None) -> Any:
    if chosen is None:
        raise NodeError("nothing is linked to it", code="missing_input", input=name, remedy="Connect it.")
    return chosen.get()
