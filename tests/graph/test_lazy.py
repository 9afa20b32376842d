"""A lazy input is computed only when the node asks; keys, uses and cancelling stay right."""

import gc
import itertools
import tempfile
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as tried_on
from hypothesis import strategies as st

from graph import Lazy, node
from graph.events import StepFinished, StepStarted
from tests.graph.sample import SAMPLES, Bench, document

LazyInt = Lazy[int] | None


@node()
def pick(which: int = 0, a: LazyInt = None, b: LazyInt = None, eager: int = 0, plus: int = 0) -> int:
    """One of two, or both where `which` is 2."""
    asked = (a, b) if which == 2 else ((b,) if which else (a,))
    return plus + eager + sum(each.get() for each in asked if each is not None)


@node()
def stream(a: Lazy[int]) -> Iterator[int]:
    yield 0
    yield a.get()


@node()
async def wait(a: Lazy[int], b: Lazy[float]) -> float:
    return a.get() + b.get()


@node()
async def stream_async(a: Lazy[list[int]]) -> AsyncIterator[int]:
    yield sum(a.get())


FUNCTIONS = (*SAMPLES, pick, stream, wait, stream_async)
NODES: dict[str, Any] = {
    "x": ("Number", {"value": 1}),
    "y": ("Number", {"value": 2}),
    "left": ("Add", {"b": 10}),
    "right": ("Add", {"b": 20}),
    "p": ("Pick", {}),
}
LINKS = ("x.INT > left.a", "y.INT > right.a", "left.INT > p.a", "right.INT > p.b")


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(*FUNCTIONS)


def picked(which: int, **nodes: Any) -> Any:
    return document({**NODES, "p": ("Pick", {"which": which}), **nodes}, *LINKS)


@pytest.mark.parametrize(
    ("which", "ran", "value"),
    [
        (0, {"x", "left", "p"}, 11),
        (1, {"y", "right", "p"}, 22),
        (2, {"x", "left", "y", "right", "p"}, 33),
    ],
)
def test_only_what_is_asked_for_runs(bench: Bench, which: int, ran: set[str], value: int) -> None:
    first = bench.run(picked(which), ["p"])
    assert (first.did_run, first.started, first.finished.status) == (ran, ran, "succeeded")
    assert [type(event) for event in first.events if getattr(event, "step", "") == "p"] == [
        StepStarted,
        StepFinished,
    ]
    assert bench.value(picked(which), "p") == value
    assert bench.run(picked(which), ["p"]).did_run == set()


def test_a_plan_says_who_may_ask(bench: Bench) -> None:
    planned = {step.id: (step.state, step.reason) for step in bench.plan(picked(0), ["p"]).steps}
    assert planned["p"] == ("will_run", "not run before")
    assert planned["x"] == planned["left"] == ("will_run", "if p asks for it: not run before")
    bench.run(picked(0), ["p"])
    assert {step.state for step in bench.plan(picked(0), ["p"]).steps} == {"cached"}


def test_what_others_need_runs_in_any_case_and_is_held_for_the_one_that_may_ask(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(*FUNCTIONS, budget=0)
    given = document(
        {**NODES, "t": ("Total", {}), "out": ("Add", {})},
        *(*LINKS, "right.INT > t.items", "t.INT > p.eager", "p.INT > out.a"),
    )
    given["nodes"][4]["inputs"] = {"which": 2}
    events = bench.run(given, ["out"])
    assert events.finished.status == "succeeded"
    assert len(events.of(StepFinished)) == len(events.did_run) == 7


def test_lazy_inputs_of_every_kind_of_function(bench: Bench) -> None:
    nodes = {
        **{"x": ("Number", {"value": 3}), "y": ("Number", {"value": 4})},
        **{"s": ("Stream", {}), "w": ("Wait", {}), "z": ("StreamAsync", {})},
    }
    links = ("x.INT > s.a", "x.INT > w.a", "y.INT > w.b", "x.INT > z.a", "y.INT > z.a")
    assert [bench.value(document(nodes, *links), name) for name in "swz"] == [3, 7.0, 7]


def test_a_failure_behind_a_lazy_input_stops_the_asker_only_if_it_asks(bench: Bench) -> None:
    broken = picked(0, left=("Fail", {}))
    broken["links"] = [link for link in broken["links"] if link["to"] != ["left", "a"]]
    ran = bench.run(broken, ["p"])
    assert (ran.failed, ran.did_run, ran.finished.status) == ({"left"}, set(), "failed")
    broken["nodes"][4]["inputs"]["which"] = 1
    ran = bench.run(broken, ["p"])
    assert (ran.failed, ran.did_run) == (set(), {"y", "right", "p"})


def test_a_cancelled_run_does_not_go_on_asking(bench: Bench) -> None:
    cancel = threading.Event()

    def heard(event: object) -> None:
        if isinstance(event, StepFinished) and event.step == "x":
            cancel.set()

    ran = bench.run(picked(0), ["p"], cancel=cancel, heard=heard)
    assert (ran.finished.status, ran.did_run) == ("cancelled", {"x"})
    assert bench.run(picked(0), ["p"]).did_run == {"left", "p"}


def test_what_only_a_branch_not_asked_for_would_use_is_let_go(make_bench: Callable[..., Bench]) -> None:
    class Value:
        pass

    made: list[weakref.ref[Value]] = []

    @node()
    def fresh() -> Any:
        value = Value()
        made.append(weakref.ref(value))
        return value

    @node()
    def use(value: Any) -> int:
        return 1

    @node()
    def look(value: int) -> int:
        gc.collect()
        return sum(reference() is not None for reference in made)

    bench = make_bench(fresh, use, look, pick, budget=0)
    given = document(
        {"f": ("Fresh", {}), "u": ("Use", {}), "v": ("Use", {}), "p": ("Pick", {}), "l": ("Look", {})},
        *("f.ANY > u.value", "u.INT > p.eager", "f.ANY > v.value", "v.INT > p.b", "p.INT > l.value"),
    )
    seen: list[int] = []

    @node()
    def tell(value: int) -> int:
        seen.append(value)
        return value

    bench.registry.add(tell.__node_type__)
    given["nodes"].append({"id": "t", "type": "Tell", "inputs": {}})
    given["links"].append({"from": ["l", "INT"], "to": ["t", "value"]})
    assert bench.run(given, ["t"]).finished.status == "succeeded"
    assert seen == [0]


def test_a_long_chain_behind_a_lazy_input(bench: Bench) -> None:
    names = [f"n{place}" for place in range(5000)]
    nodes: dict[str, Any] = {name: ("Add", {"a": 0, "b": 1}) for name in names}
    nodes = {"n0": ("Number", {}), **{name: nodes[name] for name in names[1:]}, "p": ("Pick", {})}
    links = [f"{a}.INT > {b}.a" for a, b in itertools.pairwise(names)]
    given = document(nodes, *links, f"{names[-1]}.INT > p.a", "n0.INT > p.b")
    assert bench.run(given, ["p"]).finished.status == "succeeded"
    given["nodes"][-1]["inputs"] = {"which": 1}
    bench.cache.clear()
    assert bench.run(given, ["p"]).did_run == {"n0", "p"}


# On random graphs

quick = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def lazy_graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Picks from earlier picks, some nodes equal to one another, the last the target."""
    count = draw(st.integers(1, 12))
    nodes: dict[str, Any] = {}
    links: list[str] = []
    for place in range(count):
        plus = draw(st.integers(0, 3))
        nodes[f"n{place}"] = ("Pick", {"which": draw(st.integers(0, 2)), "plus": plus})
        for name in ("a", "b", "eager") if place else ():
            source = draw(st.none() | st.integers(0, place - 1))
            links += [] if source is None else [f"n{source}.INT > n{place}.{name}"]
    return document(nodes, *links)


def demanded(given: dict[str, Any]) -> int:
    """The value of the last node, by asking."""
    inputs = {record["id"]: record["inputs"] for record in given["nodes"]}
    into: dict[str, dict[str, str]] = {name: {} for name in inputs}
    for link in given["links"]:
        into[link["to"][0]][link["to"][1]] = link["from"][0]
    values: dict[str, int] = {}

    def value(name: str) -> int:
        if name not in values:
            asked = [["a"], ["b"], ["a", "b"]][inputs[name]["which"]]
            sources = [into[name][each] for each in ("eager", *asked) if each in into[name]]
            values[name] = inputs[name]["plus"] + sum(map(value, sources))
        return values[name]

    return value(given["nodes"][-1]["id"])


BENCHES = [Bench(Path(tempfile.gettempdir()) / "tessera-nowhere", pick, budget=each) for each in (0, 10**7)]


@quick
@tried_on(lazy_graphs(), st.integers(0, 1))
def test_asking_makes_what_a_direct_evaluation_makes(given: dict[str, Any], which: int) -> None:
    bench = BENCHES[which]
    bench.cache.clear()
    names = [record["id"] for record in given["nodes"]]
    seen: dict[str, Any] = {}
    planned = bench.plan(given, names[-1:])
    put = bench.cache.put

    def note(key: str, entry: Any) -> None:
        assert key not in seen  # nothing runs twice
        seen[key] = entry.outputs[0]
        put(key, entry)

    bench.cache.put = note  # type: ignore[method-assign]
    try:
        ran = bench.run(given, names[-1:])
    finally:
        del bench.cache.put  # type: ignore[attr-defined]
    assert ran.finished.status == "succeeded"
    assert seen[planned.steps[-1].key] == demanded(given)
    if which:
        assert bench.run(given, names[-1:]).did_run == set()


def needed(given: dict[str, Any]) -> set[str]:
    """Ancestors of the last node over the links that are asked for."""
    which = {record["id"]: record["inputs"]["which"] for record in given["nodes"]}
    asked = nx.MultiDiGraph()
    asked.add_nodes_from(which)
    for link in given["links"]:
        target, name = link["to"]
        if name == "eager" or which[target] == 2 or name == "ab"[which[target]]:
            asked.add_edge(link["from"][0], target)
    last = given["nodes"][-1]["id"]
    return nx.ancestors(asked, last) | {last}


@quick
@tried_on(lazy_graphs())
def test_exactly_what_is_asked_for_runs(given: dict[str, Any]) -> None:
    for place, record in enumerate(given["nodes"]):
        record["inputs"]["plus"] = 10**6 + place  # so that no two are equal
    bench = BENCHES[1]
    bench.cache.clear()
    ran = bench.run(given, [given["nodes"][-1]["id"]])
    assert ran.did_run == needed(given)
