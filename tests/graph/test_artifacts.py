"""A node may show something beside what it gives on, and may keep an output from what it leads to."""

from dataclasses import replace
from typing import Annotated, Any

from graph import ANY, Artifact, node
from graph.artifacts import Blocked, Shown
from graph.events import StepFinished
from graph.nodetype import node_type
from tests.graph.sample import SAMPLES, Bench, document


@node(sink=True)
def doubled_and_shown(value: int = 0) -> int:
    return Shown(2 * value, (Artifact("text", text=str(value)),))  # type: ignore[return-value]


@node()
def gate(value: int = 0, reason: str = "", is_open: bool = True) -> tuple[int, int]:
    return (value if is_open else Blocked(reason)), value  # type: ignore[return-value]


@node(sink=True)
def end(value: Annotated[Any, ANY]) -> None:
    assert not isinstance(value, Blocked)


MORE = (doubled_and_shown, gate, end)


def test_a_node_shows_and_gives_at_once(bench: Bench) -> None:
    for function in MORE:
        bench.registry.add(node_type(function))
    given = document(
        {"a": ("DoubledAndShown", {"value": 4}), "b": ("Add", {"b": 1}), "c": ("Save", {})},
        *("a.INT > b.a", "b.INT > c.value"),
    )
    ran = bench.run(given)
    shown = {event.step: [each.text for each in event.artifacts] for event in ran.of(StepFinished)}
    assert shown == {"a": ["4"], "b": [], "c": ["9"]}
    assert bench.run(given).did_run == set()


def gated(reason: str, sink: str = "Show") -> dict[str, Any]:
    """A closed gate whose first output goes on through an addition, and whose second goes by itself."""
    nodes = {
        "gate": ("Gate", {"value": 3, "is_open": False, "reason": reason}),
        "add": ("Add", {"b": 1}),
        "sum": ("Total", {}),
        **{"shut": (sink, {}), "free": ("Show", {})},
    }
    links = ("gate.INT > add.a", "gate.INT_2 > sum.items", "add.INT > sum.items", "sum.INT > shut.value")
    return document(nodes, *links, "gate.INT_2 > free.value")


def test_a_blocked_output_stops_what_it_leads_to_and_nothing_else(bench: Bench) -> None:
    for function in MORE:
        bench.registry.add(node_type(function))
    ran = bench.run(gated("", sink="Fail"), ["shut", "free"])  # Fail raises if it is called
    assert ran.finished.status == "succeeded" and not ran.finished.problems
    assert ran.did_run == {"gate", "add", "sum", "shut", "free"}
    ended = bench.run(
        document({"gate": ("Gate", {"is_open": False}), "end": ("End", {})}, "gate.INT > end.value")
    )
    assert ended.finished.status == "succeeded"


def test_a_reason_is_told_at_the_node_that_is_reached_first(bench: Bench) -> None:
    for function in MORE:
        bench.registry.add(node_type(function))
    ran = bench.run(gated("the door is shut"))
    (problem,) = ran.finished.problems
    assert (problem.code, problem.node, problem.input) == ("input_blocked", "add", "a")
    assert problem.message == "Add.a is blocked: the door is shut"
    assert {event.step for event in ran.of(StepFinished)} == {"gate", "free"}


def test_a_result_of_one_node_alone_has_a_key_of_its_own(bench: Bench) -> None:
    number = next(each for each in map(node_type, SAMPLES) if each.id == "Number")
    bench.registry.add(replace(number, id="Named", by_node=True))
    for kind, count in (("Number", 1), ("Named", 2)):
        nodes = {"a": (kind, {}), "b": (kind, {}), "sum": ("Total", {}), "out": ("Show", {})}
        planned = bench.plan(document(nodes, "a.INT > sum.items", "b.INT > sum.items", "sum.INT > out.value"))
        assert len({step.key for step in planned.steps if step.type == kind}) == count
