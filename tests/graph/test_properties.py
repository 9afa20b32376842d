"""What holds for every graph, tried on random ones."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as tried_on
from hypothesis import strategies as st

from graph import node
from graph.cache import Cache
from graph.events import Event, RunFinished
from graph.execute import Executor
from graph.folders import Folders
from graph.plan import Plan, plan
from graph.problems import Problem
from graph.workflow import read_document
from tests.graph.sample import Bench, document, registry_of

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
REGISTRY = registry_of()
FOLDERS = Folders(Path(tempfile.gettempdir()) / "tessera-nowhere")
EXECUTOR = Executor(Cache(10**6), FOLDERS)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """A document of sums over earlier nodes, every literal its own, with a sink on the last node."""
    count = draw(st.integers(1, 14))
    nodes: dict[str, Any] = {}
    links: list[str] = []
    for place in range(count):
        sources = draw(st.lists(st.integers(0, place - 1), max_size=3)) if place else []
        nodes[f"n{place}"] = ("Total", {"plus": 1000 + place})
        links += [f"n{source}.INT > n{place}.items" for source in sources]
    nodes["out"] = ("Total", {"plus": 999})
    links += [f"n{place}.INT > out.items" for place in range(count)]
    return document(nodes, *links)


def network(given: dict[str, Any]) -> nx.MultiDiGraph:
    found = nx.MultiDiGraph()
    found.add_nodes_from(node["id"] for node in given["nodes"])
    found.add_edges_from((link["from"][0], link["to"][0]) for link in given["links"])
    return found


def values_of(given: dict[str, Any]) -> dict[str, int]:
    """What each node must make, by a direct loop."""
    above = network(given)
    literals = {node["id"]: node["inputs"]["plus"] for node in given["nodes"]}
    values: dict[str, int] = {}
    for name in nx.topological_sort(above):
        values[name] = literals[name] + sum(values[source] for source, _ in above.in_edges(name))
    return values


@quick
@tried_on(graphs())
def test_a_run_makes_what_a_direct_loop_makes_in_an_order_that_can_run(given: dict[str, Any]) -> None:
    bench = Bench(FOLDERS.root)
    ran = bench.run(given, ["out"])
    entries = {step.id: bench.cache.get(step.key) for step in ran.plan.steps}
    assert {name: entry.outputs[0] for name, entry in entries.items() if entry} == values_of(given)
    place = {step.id: number for number, step in enumerate(ran.plan.steps)}
    assert all(place[link.source] < place[step.id] for step in ran.plan.steps for link in step.links)
    bench.executor.close()


@quick
@tried_on(graphs())
def test_running_twice_runs_nothing(given: dict[str, Any]) -> None:
    bench = Bench(FOLDERS.root)
    first, second = bench.run(given, ["out"]), bench.run(given, ["out"])
    assert len(first.did_run) == len(given["nodes"])
    assert (second.did_run, second.was_cached) == (set(), first.did_run)
    bench.executor.close()


@quick
@tried_on(graphs(), st.data())
def test_changing_one_literal_runs_exactly_its_descendants(
    given: dict[str, Any], data: st.DataObject
) -> None:
    bench = Bench(FOLDERS.root)
    bench.run(given, ["out"])
    changed = data.draw(st.sampled_from(given["nodes"]))
    changed["inputs"]["plus"] += 50_000
    descendants = nx.descendants(network(given), changed["id"]) | {changed["id"]}
    planned = bench.plan(given, ["out"])
    assert {step.id for step in planned.steps if step.state == "will_run"} == descendants
    assert bench.run(given, ["out"]).did_run == descendants
    bench.executor.close()


@quick
@tried_on(graphs(), st.randoms(use_true_random=False))
def test_equal_sub_graphs_have_equal_keys(given: dict[str, Any], random: Any) -> None:
    """A copy under other ids and in another order of nodes has the same keys, node by node."""
    names = {node["id"]: f"copy of {node['id']}" for node in given["nodes"]}
    nodes = [{**node, "id": names[node["id"]]} for node in given["nodes"]]
    random.shuffle(nodes)
    links = [
        {"from": [names[link["from"][0]], "INT"], "to": [names[link["to"][0]], link["to"][1]]}
        for link in given["links"]
    ]
    both = {**given, "nodes": [*given["nodes"], *nodes], "links": [*given["links"], *links]}
    workflow, _ = read_document(both)
    assert workflow is not None
    planned = plan(workflow, REGISTRY, targets=["out", names["out"]], folders=FOLDERS)
    keys = {step.id: step.key for step in planned.steps}
    assert all(keys[name] == keys[copy] for name, copy in names.items())
    assert len(set(keys.values())) == len(names)


@quick
@tried_on(graphs(), st.data())
def test_a_failure_stops_exactly_what_is_downstream(given: dict[str, Any], data: st.DataObject) -> None:
    bench = Bench(FOLDERS.root)
    broken = data.draw(st.sampled_from(given["nodes"]))
    broken["type"] = "Fail"
    broken["inputs"] = {}
    given["links"] = [link for link in given["links"] if link["to"][0] != broken["id"]]
    if broken["id"] == "out":
        given["links"] = []
    needed = nx.ancestors(network(given), "out") | {"out"}
    ran = bench.run(given, ["out"])
    down = nx.descendants(network(given), broken["id"]) | {broken["id"]}
    assert ran.failed == {broken["id"]}
    assert ran.did_run == needed - down
    bench.executor.close()


@quick
@tried_on(graphs(), st.integers(0, 15))
def test_a_cancelled_run_keeps_its_steps_and_resumes(given: dict[str, Any], after: int) -> None:
    bench = Bench(FOLDERS.root)
    cancel = threading.Event()
    seen = Counter[str]()

    def heard(event: object) -> None:
        seen[type(event).__name__] += 1
        if seen["StepFinished"] >= after:
            cancel.set()

    first = bench.run(given, ["out"], cancel=cancel, heard=heard)
    second = bench.run(given, ["out"])
    assert first.did_run | second.did_run == {node["id"] for node in given["nodes"]}
    assert not first.did_run & second.did_run
    assert seen["RunFinished"] == 1
    bench.executor.close()


def in_lane(lane: Any) -> Any:
    def total(items: list[int] | None = None, plus: int = 0) -> int:
        return sum(items or ()) + plus

    return node(lane=lane, id=lane)(total)


@node(id="async")
async def awaited_total(items: list[int] | None = None, plus: int = 0) -> int:
    await asyncio.sleep(0)
    return sum(items or ()) + plus


LANES = Bench(FOLDERS.root, in_lane("gpu"), in_lane("cpu"), in_lane("io"), awaited_total)


@quick
@tried_on(graphs(), st.data())
def test_lanes_change_nothing_but_the_time(given: dict[str, Any], data: st.DataObject) -> None:
    for record in given["nodes"]:
        record["type"] = data.draw(st.sampled_from(["gpu", "cpu", "io", "async"]))
        record["inputs"]["plus"] += data.draw(st.integers(0, 10**6))
    LANES.run(given, ["out"])
    planned = LANES.plan(given, ["out"])  # anew: a result may be known by the content above it
    entries = {step.id: LANES.cache.get(step.key) for step in planned.steps}
    assert {name: entry.outputs[0] for name, entry in entries.items() if entry} == values_of(given)


# No input whatsoever makes planning raise

NAMES = st.sampled_from(
    ["a", "b", "c", "", "INT", "out", "\0", "é", "\ud800", "items", "a.b", "plus", "value"]
)
TYPES = st.sampled_from(["Number", "Add", "Total", "Show", "Fail", "Nmuber", "", "\ud800", "@a", "@b"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([10**400, -(10**4000), "x" * 10_000, "\0", "../..", "\ud800"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
NODE = st.fixed_dictionaries(
    {"id": NAMES, "type": TYPES},
    optional={
        "inputs": st.dictionaries(NAMES, JSON, max_size=3),
        "mode": st.sampled_from(["active", "muted", "bypassed"]),
    },
)
LINK = st.fixed_dictionaries({"from": st.tuples(NAMES, NAMES), "to": st.tuples(NAMES, NAMES)})
ENDS = st.sampled_from(["@in", "@out"]) | NAMES
INNER = st.fixed_dictionaries({"from": st.tuples(ENDS, NAMES), "to": st.tuples(ENDS, NAMES)})
SIGNED = st.fixed_dictionaries(
    {"name": NAMES, "type": st.sampled_from(["INT", "IMAGE", "ANY", "INT|FLOAT", "NEW", ""])},
    optional={"list": JSON, "each": st.booleans(), "collect": st.booleans(), "default": JSON},
)
SUBGRAPH = st.fixed_dictionaries(
    {"id": NAMES, "kind": st.sampled_from(["graph", "map", "repeat", "while", "if", "none"])},
    optional={
        "inputs": st.lists(SIGNED, max_size=3) | JSON,
        "outputs": st.lists(SIGNED, max_size=3) | JSON,
        "nodes": st.lists(NODE, max_size=4) | JSON,
        "links": st.lists(INNER | INNER | JSON, max_size=6) | JSON,
    },
)
DOCUMENTS = JSON | st.fixed_dictionaries(
    {"format": st.just("tessera.workflow"), "version": st.sampled_from([1, 1, 1, 2, 0, True, 1.0, None])},
    optional={
        "nodes": st.lists(NODE | NODE | NODE | JSON, max_size=8) | JSON,
        "links": st.lists(LINK | LINK | LINK | JSON, max_size=12) | JSON,
        "parameters": JSON,
        "subgraphs": st.lists(SUBGRAPH | SUBGRAPH | JSON, max_size=3) | JSON,
    },
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@tried_on(DOCUMENTS, st.none() | st.lists(NAMES, max_size=3) | JSON)
def test_no_input_whatsoever_makes_planning_raise(given: Any, targets: Any) -> None:
    workflow, problems = read_document(given)
    assert all(isinstance(problem, Problem) for problem in problems)
    assert workflow is not None or problems
    if workflow is None:
        return
    planned = plan(workflow, REGISTRY, targets=targets, folders=FOLDERS)
    assert isinstance(planned, Plan)
    assert "internal_error" not in {problem.code for problem in planned.problems}
    blocked = {step.id for step in planned.steps if step.state == "blocked"}
    assert (
        planned.ok
        or blocked
        or not planned.steps
        or {"unknown_target", "no_targets"} & {problem.code for problem in planned.problems}
    )
    assert not (planned.ok and blocked)
    events: list[Event] = []
    finished = EXECUTOR.run(planned, run_id="run", emit=events.append)
    assert [event for event in events if isinstance(event, RunFinished)] == [finished] == events[-1:]
    assert finished.status == "failed" or (planned.ok and finished.status == "succeeded")


class Hostile:
    """An object that no JSON holds."""

    __hash__ = None  # type: ignore[assignment]


def deep(levels: int) -> Any:
    nested: Any = []
    for _ in range(levels):
        nested = [nested]
    return nested


HOSTILE: dict[str, object] = {
    "unhashable": Hostile(),
    "deep": deep(100_000),
    "number keys": {1: 2},
    "bytes": b"",
    "a class": object,
    "not a number": float("nan"),
    "huge": 10**10_000,
    "a set": set(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_objects_that_are_no_json_become_problems_too(name: str) -> None:
    value = HOSTILE[name]
    for given in (
        value,
        {"format": "tessera.workflow", "version": value},
        {"format": value, "version": 1},
        {"format": "tessera.workflow", "version": 1, "nodes": value, "links": value},
        {"format": "tessera.workflow", "version": 1, "nodes": [value], "links": [value]},
    ):
        workflow, problems = read_document(given)
        assert workflow is None or problems
    given = document({"out": ("Show", {"value": value})})
    given["nodes"][0]["inputs"][1] = value
    workflow, _ = read_document(given)
    assert workflow is not None
    codes = [problem.code for problem in plan(workflow, REGISTRY).problems]
    assert "internal_error" not in codes
    assert {"wrong_value_type", "value_out_of_range"} & set(codes)
