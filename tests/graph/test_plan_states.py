"""What a plan says of each step: cached and where, or what made it run."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graph import Lazy, node
from graph.nodetype import node_type
from graph.plan import Plan, plan
from tests.graph.pictures import PICTURES
from tests.graph.sample import (
    SAMPLES,
    Bench,
    Mask,
    chain,
    document,
    read,
    registry_of,
)
from tests.graph.stored import disk_in


def codes(planned: Plan) -> list[tuple[str, str | None, str | None]]:
    return [(problem.code, problem.node, problem.input) for problem in planned.problems]


def states(planned: Plan) -> dict[str, tuple[str, str]]:
    return {step.id: (step.state, step.reason) for step in planned.steps}


def test_after_a_run_everything_is_cached_and_a_change_says_what_runs(bench: Bench) -> None:
    given = chain(5)
    bench.run(given)
    assert set(states(bench.plan(given)).values()) == {("cached", "in the cache")}
    given["nodes"][2]["inputs"]["b"] = 77
    assert dict(bench.plan(given).states()) == {
        "n0": "cached",
        "n1": "cached",
        "n2": "will_run",
        "n3": "will_run",
        "show": "will_run",
    }


def test_what_left_the_cache_runs_only_if_it_is_needed(bench: Bench) -> None:
    given = chain(4)
    ran = bench.run(given)
    keys = {step.id: step.key for step in ran.plan.steps}
    bench.cache.discard(keys["n1"])
    planned = bench.plan(given)
    assert states(planned)["n1"] == ("cached", "not needed: what uses it is in the cache")
    bench.cache.discard(keys["show"])
    assert dict(bench.plan(given).states()) == {
        **{"n0": "cached", "n1": "cached", "n2": "cached"},
        "show": "will_run",
    }


def test_equal_steps_run_once(bench: Bench) -> None:
    given = document(
        {"a": ("Number", {"value": 1}), "b": ("Number", {"value": 1}), "sum": ("Total", {})},
        *("a.INT > sum.items", "b.INT > sum.items"),
    )
    assert states(bench.plan(given, ["sum"]))["b"] == ("cached", "the same as a")
    ran = bench.run(given, ["sum"])
    assert (ran.did_run, ran.was_cached) == ({"a", "sum"}, {"b"})
    assert bench.value(given, "sum") == 2


def test_lazy_inputs_are_planned_like_others(make_bench: Callable[..., Bench]) -> None:
    @node()
    def wait(mask: Lazy[Mask], other: Lazy[Mask] | None = None) -> Mask:
        return (mask.get(), other)

    bench = make_bench(*PICTURES, wait)
    given = document({"m": ("Selection", {}), "w": ("Wait", {})}, "m.MASK > w.mask")
    assert bench.value(given, "w") == ("mask", None)
    assert codes(bench.plan(document({"w": ("Wait", {})}), ["w"])) == [("missing_input", "w", "mask")]


def test_a_bug_in_planning_is_a_problem_too() -> None:
    broken: Any = None
    planned = plan(broken, registry_of())
    assert [problem.code for problem in planned.problems] == ["internal_error"]


def test_planning_many_unknown_types_stays_quick(bench: Bench) -> None:
    nodes: dict[str, Any] = {f"n{place}": (f"Unknwon{place}", {}) for place in range(3000)}
    nodes["out"] = ("Total", {})
    planned = bench.plan(document(nodes, *(f"{name}.INT > out.items" for name in list(nodes)[:-1])), ["out"])
    assert len(planned.problems) == 3000


def test_a_registry_takes_node_types_made_elsewhere(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    assert bench.registry.get("Number") is node_type(SAMPLES[0])
    assert read(chain(3)).nodes[0].type == "Number"


def test_a_cached_step_says_where_it_lies_how_old_and_how_large_it_is(
    make_bench: Callable[..., Bench], tmp_path: Path
) -> None:
    @node()
    def nap(value: int = 0) -> int:
        time.sleep(0.002)
        return value

    disk = disk_in(tmp_path / "cache")
    bench = make_bench(nap, disk=disk)
    given = document({"n": ("Nap", {"value": 7})})
    (fresh,) = bench.plan(given, ["n"]).steps
    assert "kept" not in fresh.to_json(time.time())
    bench.run(given, ["n"])
    (step,) = bench.plan(given, ["n"]).steps
    assert step.kept is not None
    told = step.to_json(step.kept.made + 90)["kept"]
    entry = bench.cache.get(step.key)
    assert entry is not None
    seconds = round(entry.seconds, 6)
    assert told == {"where": "memory", "age": 90.0, "bytes": entry.bytes, "seconds": seconds}
    assert disk.flush(5)
    bench.cache.clear()
    (step,) = bench.plan(given, ["n"]).steps
    assert step.kept is not None
    stored = disk.find(step.key)
    assert stored is not None
    told = step.to_json(entry.made)["kept"]
    assert told == {"where": "disk", "age": 0.0, "bytes": stored.bytes, "seconds": seconds}


def test_a_plan_that_nobody_reads_says_the_same_without_reasons(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    bench.run(chain(4))
    changed = document(
        {"n": ("Number", {"value": 5}), "s": ("Show", {}), "f": ("Fail", {})}, "n.INT > s.value"
    )
    bench.run(changed, ["s"])
    changed["nodes"][0]["inputs"]["value"] = 6
    read_one = read(changed)
    asked = {"targets": ["s"], "folders": bench.folders, "cache": bench.cache}
    explained, brief = (plan(read_one, bench.registry, explain=each, **asked) for each in (True, False))
    assert [step.reason for step in explained.steps] == [
        "value changed from 5 to 6",
        "the result of n changed",
    ]
    assert [step.reason for step in brief.steps] == ["", ""]
    assert [step[:8] for step in brief.steps] == [step[:8] for step in explained.steps]
