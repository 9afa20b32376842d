"""Nodes that hold one value, to feed several inputs from one place."""

from typing import Annotated

from graph import Range, Seed, Text, node

LARGEST = 2**63 - 1
SEARCH = ("constant", "number", "value", "primitive")


@node(id="PrimitiveInt", title="Int", category="utils/primitive", search=SEARCH)
def primitive_int(value: Annotated[int, Range(-LARGEST, LARGEST)] = 0) -> int:
    """A whole number."""
    return value


@node(id="PrimitiveFloat", title="Float", category="utils/primitive", search=SEARCH)
def primitive_float(value: Annotated[float, Range(-LARGEST, LARGEST)] = 0.0) -> float:
    """A number."""
    return value


@node(id="PrimitiveString", title="String", category="utils/primitive", search=("text", *SEARCH))
def primitive_string(value: str = "") -> str:
    """A line of text."""
    return value


@node(
    id="PrimitiveStringMultiline",
    title="String (Multiline)",
    category="utils/primitive",
    search=("text", *SEARCH),
)
def primitive_string_multiline(value: Annotated[str, Text(multiline=True)] = "") -> str:
    """Text of several lines."""
    return value


@node(id="PrimitiveBoolean", title="Boolean", category="utils/primitive", search=("switch", *SEARCH))
def primitive_boolean(value: bool = False) -> bool:
    """True or false."""
    return value


@node(id="PrimitiveSeed", title="Seed", category="utils/primitive", search=("random", *SEARCH))
def primitive_seed(value: Seed = 0) -> int:
    """A seed, to share between samplers."""
    return value
