"""Nodes that return graphs: what they put in their own place runs as if it stood in the document."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest

from graph import Graph, Lazy, SocketType, node
from graph.events import StepFinished
from tests.graph.sample import SAMPLES, Bench, Ran, document, subgraph
from tests.graph.test_mapping import numbers
from tests.graph.test_subgraphs import with_subgraphs

THING = SocketType("THING", "#222222")
Thing = Annotated[Any, THING]


@node()
def several(value: int, times: int = 3) -> int:
    graph = Graph()
    made: Any = value
    for place in range(times):
        made = graph.add("Add", id=f"add{place}", a=made, b=1)["INT"]
    return made


@node()
def thing(value: int = 1) -> Thing:
    return {"value": value}


@node()
def opened(thing: Thing) -> int:
    return int(thing["value"])


@node()
def through(thing: Thing) -> tuple[int, int]:
    graph = Graph()
    own = {"value": 40}
    first = graph.add("Opened", thing=thing)["INT"]
    second = graph.add("Opened", id="own", thing=own)["INT"]
    return graph.add("Add", a=first, b=second)["INT"], 3


@node()
def factorial(value: int) -> int:
    if value <= 1:
        return 1
    graph = Graph()
    below = graph.add("Factorial", id="f", value=value - 1)["INT"]
    return graph.add("Times", a=below, b=value)["INT"]


@node()
def times(a: int, b: int) -> int:
    return a * b


@node()
def listed(count: int = 2) -> list[int]:
    graph = Graph()
    return [graph.add("Add", a=place, b=10)["INT"] for place in range(count)]


@node()
def shown(value: int) -> int:
    graph = Graph()
    graph.add("Save", id="save", value=value)
    return graph.add("Add", a=value)["INT"]


@node()
def broken(kind: str = "", value: int = 0) -> int:
    graph = Graph()
    if kind == "two":
        return graph.add("Add", a=Graph().add("Number")["INT"])["INT"]
    if kind == "output":
        return graph.add("Add", a=1)["NOTHING"]
    return graph.add(kind or "Nothing", value=value)["INT"]


@node()
async def awaited(value: int) -> int:
    return Graph().add("Add", a=value, b=5)["INT"]


@node()
def chosen(which: bool, yes: Lazy[int], no: Lazy[int]) -> int:
    graph = Graph()
    return graph.add("Add", a=yes.get() if which else no.get())["INT"]


@pytest.fixture
def built(make_bench: Callable[..., Bench]) -> Bench:
    own = (several, thing, opened, through, factorial, times, listed, shown, broken, awaited, chosen)
    return make_bench(*SAMPLES, numbers, *own)


def one(kind: str, inputs: dict[str, object]) -> dict[str, Any]:
    nodes: dict[str, Any] = {"n": ("Number", {"value": 4}), "x": (kind, inputs), "s": ("Show", {})}
    return document(nodes, "n.INT > x.value", "x.INT > s.value")


def inside(ran: Ran) -> list[str]:
    return sorted(step for step in ran.did_run if "/" in step)


def test_a_node_returns_what_its_graph_gives(built: Bench) -> None:
    ran = built.run(one("Several", {}))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert inside(ran) == ["x/add0", "x/add1", "x/add2"]
    assert built.value(one("Several", {}), "x") == 7


def test_what_the_graph_has_in_common_with_an_earlier_one_is_cached(built: Bench) -> None:
    built.run(one("Several", {"times": 2}))
    ran = built.run(one("Several", {"times": 3}))
    assert inside(ran) == ["x/add2"]
    assert {"x/add0", "x/add1"} <= ran.was_cached


def test_values_that_no_document_holds_go_in(built: Bench) -> None:
    given = document({"n": ("Thing", {"value": 4}), "x": ("Through", {})}, "n.THING > x.thing")
    assert built.value(given, "x") == 44
    other = document({"n": ("Thing", {"value": 5}), "x": ("Through", {})}, "n.THING > x.thing")
    assert built.value(other, "x") == 45


def test_graphs_return_graphs(built: Bench) -> None:
    given = document({"x": ("Factorial", {"value": 10})})
    assert built.value(given, "x") == 3628800
    given = document({"x": ("Factorial", {"value": 12})})
    ran = built.run(given, ["x"])
    assert ran.was_cached == {"x/f/f"}
    assert ran.did_run == {"x", "x/Times_2", "x/f", "x/f/Times_2"}


def test_a_deep_expansion_needs_no_recursion(built: Bench) -> None:
    @node()
    def count(value: int) -> int:
        return Graph().add("Count", value=value - 1)["INT"] if value > 0 else 0

    from graph.nodetype import node_type

    built.registry.add(node_type(count))
    assert built.value(document({"x": ("Count", {"value": 400})}), "x") == 0


def test_a_list_of_wires_is_a_list(built: Bench) -> None:
    given = document({"x": ("Listed", {"count": 3}), "t": ("Total", {})}, "x.INT > t.items")
    assert built.value(given, "t") == 33


def test_sinks_in_a_graph_run(built: Bench) -> None:
    ran = built.run(one("Shown", {}))
    shown = {event.step: [each.text for each in event.artifacts] for event in ran.of(StepFinished)}
    assert shown["x/save"] == ["4"]


def test_an_async_node_returns_a_graph(built: Bench) -> None:
    assert built.value(one("Awaited", {}), "x") == 9


def test_only_what_a_lazy_node_asked_for_is_made(built: Bench) -> None:
    nodes: dict[str, Any] = {
        "y": ("Number", {"value": 1}),
        "n": ("Fail", {}),
        "x": ("Chosen", {"which": True}),
    }
    assert built.value(document(nodes, "y.INT > x.yes", "n.INT > x.no"), "x") == 1


def test_a_graph_stands_in_a_zone_and_in_a_sweep(built: Bench) -> None:
    body = subgraph("z", "v:INT", "v:INT", {"x": ("Several", {"times": 2})},
                    "@in.v > x.value", "x.INT > @out.v", kind="repeat")  # fmt: skip
    given = document({"z": ("@z", {"times": {"sweep": [1, 3]}, "v": 5}), "t": ("Total", {})}, "z.v > t.items")
    assert built.value(with_subgraphs(given, body), "t") == 7 + 11


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("", "Broken: the node Nothing_1 that it puts in: there is no node type 'Nothing'"),
        ("two", "Broken: it leads a wire of another graph into this one"),
        ("output", "Broken: the node @out that it puts in: @out.INT: the link comes from an output 'NOTHING'"
         " that Add does not have: it has INT"),
    ],
)  # fmt: skip
def test_a_graph_that_cannot_run_names_the_node(built: Bench, kind: str, said: str) -> None:
    ran = built.run(document({"x": ("Broken", {"kind": kind})}), ["x"])
    assert [(problem.node, problem.message) for problem in ran.finished.problems] == [("x", said)]


def test_a_failing_node_inside_is_named(built: Bench) -> None:
    ran = built.run(document({"x": ("Broken", {"kind": "Fail"})}), ["x"])
    (problem,) = ran.finished.problems
    assert (problem.node, problem.message) == ("x/Fail_1", "Fail: ValueError: no 0")
    assert ran.failed == {"x/Fail_1", "x"}


def test_for_items_of_a_list_a_map_is_asked_for(built: Bench) -> None:
    given = document({"n": ("Numbers", {"text": "1 2"}), "x": ("Several", {})}, "n.INT > x.value")
    (problem,) = built.run(given, ["x"]).finished.problems
    assert problem.remedy == "Put it into a map."
