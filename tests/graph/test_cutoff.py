"""Early cut-off: what follows a step whose result is the same stays cached."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph import Lazy, node
from graph.cutoff import AT_ONCE_BYTES
from graph.nodetype import node_type
from tests.graph.sample import Bench, add, document, number, total
from tests.graph.stored import JsonCodec, disk_in


@node()
def least(value: int, limit: int = 100) -> int:
    return min(value, limit)


@node()
def row(value: int, length: int = 1) -> list[int]:
    return [value // 10] * length


@node()
def length(values: list[int], plus: int = 0) -> int:
    return len(values) + sum(values) + plus


@node(pure=False)
def now(value: int = 0) -> int:
    return value


@node()
def choose(first: bool, one: Lazy[list[int]], other: Lazy[list[int]]) -> list[int]:
    return one.get() if first else other.get()


@node()
def nap(value: int) -> int:
    time.sleep(0.002)
    return value


NODES = (number, add, total, least, row, length, now, choose, nap)


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(*NODES)


def clamped(value: int, *, more: int = 1) -> dict[str, Any]:
    """number -> least -> add -> add: a number above 100 is 100."""
    return document(
        {
            "number": ("Number", {"value": value}),
            "least": ("Least", {}),
            "b": ("Add", {"b": more}),
            "c": ("Add", {"b": 2}),
        },
        "number.INT > least.value",
        "least.INT > b.a",
        "b.INT > c.a",
    )


def test_an_equal_result_leaves_what_follows_cached(bench: Bench) -> None:
    bench.run(clamped(200), ["c"])
    ran = bench.run(clamped(300), ["c"])
    assert (ran.did_run, ran.was_cached) == ({"number", "least"}, {"b", "c"})
    assert {step.state for step in bench.plan(clamped(300), ["c"]).steps} == {"cached"}
    assert bench.value(clamped(300), "c") == 103


def test_another_result_runs_what_follows(bench: Bench) -> None:
    bench.run(clamped(200), ["c"])
    ran = bench.run(clamped(50), ["c"])
    assert (ran.did_run, ran.was_cached) == ({"number", "least", "b", "c"}, set())
    assert bench.value(clamped(50), "c") == 53


def test_what_is_new_below_an_equal_result_runs_and_is_found_again(bench: Bench) -> None:
    bench.run(clamped(200), ["c"])
    ran = bench.run(clamped(300, more=5), ["c"])
    assert ran.did_run == {"number", "least", "b", "c"}
    assert {step.state for step in bench.plan(clamped(300, more=5), ["c"]).steps} == {"cached"}
    ran = bench.run(clamped(400, more=5), ["c"])
    assert ran.did_run == {"number", "least"}
    assert bench.value(clamped(400, more=5), "c") == 107


def test_code_that_was_edited_and_makes_the_same_stops_there(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(*NODES)
    bench.run(clamped(200), ["c"])

    @node(id="Least")
    def edited(value: int, limit: int = 100) -> int:
        return value if value < limit else limit

    bench.registry.now.types["Least"] = node_type(edited)
    planned = {step.id: step.reason for step in bench.plan(clamped(200), ["c"]).steps}
    assert planned["least"] == "the code of Least changed"
    assert bench.run(clamped(200), ["c"]).did_run == {"least"}


def test_a_node_that_runs_every_time_reruns_others_only_when_it_makes_something_else(bench: Bench) -> None:
    def given(value: int) -> dict[str, Any]:
        nodes = {"now": ("Now", {"value": value}), "b": ("Add", {}), "c": ("Add", {})}
        return document(nodes, "now.INT > b.a", "b.INT > c.a")

    assert bench.run(given(1), ["c"]).did_run == {"now", "b", "c"}
    assert [bench.run(given(1), ["c"]).did_run for _ in range(3)] == [{"now"}] * 3
    assert bench.run(given(2), ["c"]).did_run == {"now", "b", "c"}


@pytest.mark.parametrize("size", [3, AT_ONCE_BYTES])
def test_a_branch_that_was_not_taken_reruns_the_switch_alone(bench: Bench, size: int) -> None:
    """It passes the very same list, however long."""

    def given(other: int) -> dict[str, Any]:
        nodes = {
            "one": ("Row", {"value": 70, "length": size}),
            "other": ("Row", {"value": other}),
            "choose": ("Choose", {"first": True}),
            "end": ("Length", {}),
        }
        links = ("one.INT > choose.one", "other.INT > choose.other", "choose.INT > end.values")
        return document(nodes, *links)

    first = bench.run(given(10), ["end"])
    assert first.did_run == {"one", "choose", "end"}
    assert bench.run(given(20), ["end"]).did_run == {"choose"}


def rows(value: int, size: int) -> dict[str, Any]:
    nodes = {"row": ("Row", {"value": value, "length": size}), "end": ("Length", {}), "after": ("Add", {})}
    return document(nodes, "row.INT > end.values", "end.INT > after.a")


@pytest.mark.parametrize("size", [1, 3, AT_ONCE_BYTES])
def test_lists_are_compared_by_content(bench: Bench, size: int) -> None:
    assert bench.value(rows(71, size), "after") == 8 * size
    assert bench.run(rows(72, size), ["after"]).did_run == {"row"}
    assert bench.run(rows(81, size), ["after"]).did_run == {"row", "end", "after"}
    assert bench.value(rows(82, size), "after") == 9 * size


def test_large_results_are_compared_outside_the_scheduling_thread(bench: Bench) -> None:
    compared: list[str] = []

    class Watched(JsonCodec):
        def pack(self, outputs: Any) -> bytes | None:
            compared.append(threading.current_thread().name)
            return super().pack(outputs)

    bench.cache.codec = Watched()
    bench.run(rows(71, AT_ONCE_BYTES), ["after"])
    assert compared == []
    bench.run(rows(72, AT_ONCE_BYTES), ["after"])
    assert {name.partition("-")[0] for name in compared} == {"io"}


def test_a_codec_that_fails_costs_no_more_than_the_cut(bench: Bench) -> None:
    class Broken(JsonCodec):
        def pack(self, outputs: Any) -> bytes | None:
            raise RuntimeError("no")

    bench.cache.codec = Broken()
    bench.run(rows(71, 3), ["after"])
    ran = bench.run(rows(72, 3), ["after"])
    assert (ran.finished.status, ran.did_run) == ("succeeded", {"row", "end"})  # whose number is the same


def test_long_chains_below_an_equal_result_are_no_recursion(bench: Bench) -> None:
    def given(value: int) -> dict[str, Any]:
        nodes: dict[str, Any] = {"number": ("Number", {"value": value}), "least": ("Least", {})}
        links = ["number.INT > least.value"]
        above = "least"
        for place in range(3000):
            nodes[f"n{place}"] = ("Add", {"b": 1})
            links.append(f"{above}.INT > n{place}.a")
            above = f"n{place}"
        return document(nodes, *links)

    bench.run(given(200), ["n2999"])
    ran = bench.run(given(300), ["n2999"])
    assert (ran.finished.status, ran.did_run) == ("succeeded", {"number", "least"})
    assert len(ran.was_cached) == 3000


def test_the_last_result_may_lie_on_disk_and_so_may_what_follows(
    make_bench: Callable[..., Bench], tmp_path: Path
) -> None:
    bench = make_bench(*NODES, disk=disk_in(tmp_path / "cache"))
    disk = bench.cache.disk
    assert disk is not None

    def given(value: int, plus: int) -> dict[str, Any]:
        nodes = {
            "number": ("Number", {"value": value}),
            "least": ("Least", {}),
            "nap": ("Nap", {}),
            "b": ("Nap", {}),
            "end": ("Add", {"b": plus}),
        }
        links = ("number.INT > least.value", "least.INT > nap.value", "nap.INT > b.value", "b.INT > end.a")
        return document(nodes, *links)

    bench.run(given(200, 1), ["end"])
    assert disk.flush(5)
    bench.cache.clear()
    bench.run(given(200, 1), ["least"])  # in memory again; the naps are on disk alone
    ran = bench.run(given(300, 2), ["end"])
    assert ran.did_run == {"number", "least", "end"}
    assert ran.was_cached == {"nap", "b"}


def test_what_the_disk_lost_below_an_equal_result_runs(
    make_bench: Callable[..., Bench], tmp_path: Path
) -> None:
    bench = make_bench(*NODES, disk=disk_in(tmp_path / "cache"))
    disk = bench.cache.disk
    assert disk is not None

    def given(value: int, plus: int) -> dict[str, Any]:
        nodes = {
            "number": ("Number", {"value": value}),
            "least": ("Least", {}),
            "nap": ("Nap", {}),
            "end": ("Add", {"b": plus}),
        }
        links = ("number.INT > least.value", "least.INT > nap.value", "nap.INT > end.a")
        return document(nodes, *links)

    bench.run(given(200, 1), ["end"])
    assert disk.flush(5)
    bench.cache.clear()
    bench.run(given(200, 1), ["least"])
    (tmp_path / "cache/index.sqlite").touch()

    def torn(key: str) -> Any:
        raise LookupError(key)

    disk._index.content = torn  # type: ignore[method-assign]
    ran = bench.run(given(300, 2), ["end"])
    assert (ran.finished.status, ran.did_run) == ("succeeded", {"number", "least", "nap", "end"})
    assert bench.value(given(300, 2), "end") == 102


@st.composite
def limited(draw: st.DrawFn) -> tuple[dict[str, Any], list[str]]:
    """Sums over earlier nodes that are limited here and there, and the ids of numbers to change."""
    count = draw(st.integers(2, 10))
    nodes: dict[str, Any] = {}
    links: list[str] = []
    for place in range(count):
        source = draw(st.integers(0, place - 1)) if place else None
        if source is None or draw(st.integers(0, 3)) == 0:
            nodes[f"n{place}"] = ("Number", {"value": draw(st.integers(0, 9))})
        elif draw(st.booleans()):
            nodes[f"n{place}"] = ("Least", {"limit": draw(st.integers(0, 12))})
            links.append(f"n{source}.INT > n{place}.value")
        else:
            nodes[f"n{place}"] = ("Total", {"plus": draw(st.integers(0, 3))})
            chosen = draw(st.lists(st.integers(0, place - 1), min_size=1, max_size=3))
            links += [f"n{each}.INT > n{place}.items" for each in chosen]
    nodes["out"] = ("Total", {})
    links += [f"n{place}.INT > out.items" for place in range(count)]
    numbers = [name for name, (kind, _) in nodes.items() if kind == "Number"]
    return document(nodes, *links), numbers


def value_of(given: dict[str, Any]) -> int:
    """What `out` must be, by a direct loop."""
    values: dict[str, int] = {}
    for record in given["nodes"]:
        arriving = [values[link["from"][0]] for link in given["links"] if link["to"][0] == record["id"]]
        inputs = record["inputs"]
        values[record["id"]] = {
            "Number": lambda inputs=inputs: inputs["value"],
            "Least": lambda inputs=inputs, arriving=arriving: min(arriving[0], inputs["limit"]),
            "Total": lambda inputs=inputs, arriving=arriving: sum(arriving) + inputs.get("plus", 0),
        }[record["type"]]()
    return values["out"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(limited(), st.data())
def test_no_cut_ever_makes_a_wrong_value(made: tuple[dict[str, Any], list[str]], data: st.DataObject) -> None:
    document, numbers = made
    bench = Bench(Path("/nowhere"), *NODES)
    records = {record["id"]: record for record in document["nodes"]}
    for _ in range(5):
        records[data.draw(st.sampled_from(numbers))]["inputs"]["value"] = data.draw(st.integers(0, 9))
        assert bench.value(document, "out") == value_of(document)
        assert bench.run(document, ["out"]).did_run == set()
    bench.executor.close()
