"""The executor runs what must run, beside each other where it can, and always ends once."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph import Artifact, Context, Lazy, node
from graph.cache import Cache
from graph.context import Context as ContextType
from graph.events import (
    Event,
    RunFinished,
    RunStarted,
    StepCached,
    StepFailed,
    StepFinished,
    StepPreview,
    StepProgress,
    StepStarted,
)
from tests.graph.sample import SAMPLES, Bench, chain, document


def test_a_chain_runs_and_tells_each_step(bench: Bench) -> None:
    ran = bench.run(document({"one": ("Number", {"value": 5}), "out": ("Show", {})}, "one.INT > out.value"))
    one, out = ran.of(StepFinished)
    assert one.bytes > out.bytes > 0
    assert ran.events == [
        RunStarted("run"),
        StepStarted("run", "one"),
        StepFinished("run", "one", one.seconds, bytes=one.bytes),
        StepStarted("run", "out"),
        StepFinished("run", "out", out.seconds, bytes=out.bytes),
        RunFinished("run", "succeeded", ran.finished.seconds),
    ]
    assert ran.events[-1] is ran.finished


def test_running_twice_runs_nothing(bench: Bench) -> None:
    bench.run(chain(6))
    again = bench.run(chain(6))
    assert (again.did_run, again.was_cached) == (set(), {"n0", "n1", "n2", "n3", "n4", "show"})
    assert again.finished.status == "succeeded"


def test_changed_literal_reruns_only_descendants(bench: Bench) -> None:
    given = document(
        {
            **{"a": ("Number", {"value": 1}), "b": ("Number", {"value": 2})},
            **{"left": ("Add", {"b": 10}), "right": ("Add", {"b": 20}), "sum": ("Total", {})},
            "out": ("Show", {}),
        },
        *("a.INT > left.a", "b.INT > right.a", "left.INT > sum.items", "right.INT > sum.items"),
        "sum.INT > out.value",
    )
    bench.run(given)
    given["nodes"][3]["inputs"]["b"] = 21
    assert bench.run(given).did_run == {"right", "sum", "out"}


def test_a_chain_of_ten_thousand_nodes_plans_and_runs(bench: Bench) -> None:
    assert len(bench.run(chain(10_000)).did_run) == 10_000
    assert len(bench.run(chain(10_000)).was_cached) == 10_000


def test_a_node_tells_progress_and_previews_and_knows_its_run(make_bench: Callable[..., Bench]) -> None:
    seen: dict[str, Any] = {}

    class Models:
        pass

    models = Models()

    @node()
    def telling(context: Context) -> int:
        seen.update(node=context.node_id, run=context.run_id, document=context.document)
        seen["models"] = context.shared(Models)
        seen["cancelled"] = context.cancelled
        context.progress(1, 4)
        context.preview(b"jpeg")
        with pytest.raises(LookupError):
            context.shared(Bench)
        return 0

    bench = make_bench(telling, services={Models: models})
    given = document({"t": ("Telling", {})})
    ran = bench.run(given, ["t"])
    assert ran.finished.status == "succeeded"
    assert ran.events[2:4] == [
        StepProgress("run", "t", 1, 4),
        StepPreview("run", "t", "image/jpeg", b"jpeg"),
    ]
    assert seen == {"node": "t", "run": "run", "document": given, "models": models, "cancelled": False}


def test_what_a_straggler_says_after_its_step_is_dropped(make_bench: Callable[..., Bench]) -> None:
    kept: list[ContextType] = []

    @node()
    def keeping(context: Context) -> int:
        kept.append(context)
        return 0

    events: list[Event] = []
    make_bench(keeping).run(document({"k": ("Keeping", {})}), ["k"], heard=events.append)
    kept[0].progress(1, 1)
    assert isinstance(events[-1], RunFinished)


def test_a_sink_leaves_artifacts_and_a_hit_names_them_again(bench: Bench, tmp_path: Path) -> None:
    given = document({"n": ("Number", {"value": 8}), "s": ("Save", {})}, "n.INT > s.value")
    artifact = Artifact("text", "output", "8.txt", text="8")
    first, second = bench.run(given), bench.run(given)
    assert [event.artifacts for event in first.of(StepFinished) if event.step == "s"] == [(artifact,)]
    assert [event.artifacts for event in second.of(StepCached) if event.step == "s"] == [(artifact,)]
    (tmp_path / "output" / "8.txt").unlink()
    assert [(step.id, step.state, step.reason) for step in bench.plan(given).steps][1] == (
        *("s", "will_run"),
        "its files are gone",
    )
    assert bench.run(given).did_run == {"s"}
    assert (tmp_path / "output" / "8.txt").exists()


def test_another_file_of_its_name_is_not_what_a_sink_left(bench: Bench, tmp_path: Path) -> None:
    given = document({"n": ("Number", {"value": 8}), "s": ("Save", {})}, "n.INT > s.value")
    bench.run(given)
    file = tmp_path / "output" / "8.txt"
    left = file.read_bytes()
    file.write_text("what another run left under the name, after this one's was deleted")
    assert bench.run(given).did_run == {"s"}
    assert file.read_bytes() == left
    assert bench.run(given).did_run == set()


def test_a_lazy_input_is_asked_for(make_bench: Callable[..., Bench]) -> None:
    @node()
    def ask(value: Lazy[int], others: Lazy[list[int]]) -> int:
        return value.get() + sum(others.get())

    bench = make_bench(*SAMPLES, ask)
    given = document(
        {"n": ("Number", {"value": 4}), "m": ("Number", {"value": 5}), "a": ("Ask", {})},
        *("n.INT > a.value", "n.INT > a.others", "m.INT > a.others"),
    )
    assert bench.value(given, "a") == 13


def test_several_runs_share_one_executor(bench: Bench) -> None:
    results: list[str] = []

    def run(seed: int) -> None:
        given = chain(50)
        given["nodes"][0]["inputs"]["value"] = seed
        results.append(bench.run(given).finished.status)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["succeeded"] * 6


def test_a_failing_measure_of_bytes_ends_the_run_once(bench: Bench) -> None:
    def measure(value: object) -> int:
        raise TypeError("no size")

    bench.cache = bench.executor.cache = Cache(1000, measure)
    ran = bench.run(chain(4))
    assert (ran.finished.status, ran.of(RunFinished)) == ("failed", [ran.finished])


def test_entries_tell_what_they_cost(bench: Bench) -> None:
    ran = bench.run(chain(3))
    entry = bench.cache.get(ran.plan.steps[0].key)
    assert entry is not None
    assert (entry.outputs, entry.artifacts, entry.seconds > 0, entry.bytes > 0) == ((1,), (), True, True)


def test_the_failed_event_carries_the_problem(bench: Bench) -> None:
    ran = bench.run(document({"f": ("Fail", {"value": 2})}), ["f"])
    assert ran.of(StepFailed) == [StepFailed("run", "f", ran.finished.problems[0])]
