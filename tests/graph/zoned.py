"""Nodes and documents that the tests of zones share; `zones` is a fixture of the folder."""

from typing import Any

from graph import NodeError, node
from tests.graph.sample import Ran, document, subgraph
from tests.graph.test_subgraphs import with_subgraphs


@node()
def below(value: int, limit: int = 20) -> bool:
    return value < limit


@node()
def inverse(value: int) -> float:
    if value == 3:
        raise NodeError("three has none")
    return 1 / value


@node(pure=False)
def once() -> int:
    once.called += 1  # type: ignore[attr-defined]
    return int(once.called)  # type: ignore[attr-defined]


DOUBLE = subgraph(
    "z", "v:INT plus:INT=0", "v:INT", {"sum": ("Add", {}), "plus": ("Add", {})},
    "@in.v > sum.a", "@in.v > sum.b", "sum.INT > plus.a", "@in.plus > plus.b", "plus.INT > @out.v",
    kind="repeat",
)  # fmt: skip


ADD_NONE = subgraph("z", "v:INT", "v:INT", {"add": ("Add", {"b": 0})}, "@in.v > add.a", "add.INT > @out.v",
                    kind="repeat")  # fmt: skip


def repeat(times: int, body: dict[str, Any] = DOUBLE, **inputs: object) -> dict[str, Any]:
    given = document(
        {"n": ("Number", {"value": 1}), "z": ("@z", {"times": times, **inputs}), "s": ("Show", {})},
        "n.INT > z.v", "z.v > s.value",
    )  # fmt: skip
    return with_subgraphs(given, body)


def mapped(text: str, body: dict[str, Any], *links: str, **nodes: Any) -> dict[str, Any]:
    given = document({"n": ("Numbers", {"text": text}), "z": ("@z", {}), **nodes}, "n.INT > z.v", *links)
    return with_subgraphs(given, body)


def inside(ran: Ran, what: set[str]) -> list[str]:
    return sorted(step for step in what if "/" in step)


INVERSE = subgraph("z", "v:INT+each", "out:FLOAT place:INT", {"i": ("Inverse", {})},
                   "@in.v > i.value", "i.FLOAT > @out.out", "@in.index > @out.place", kind="map")  # fmt: skip
