"""Runs after a restart: what the disk keeps is not made again, and what it lost is."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest

from graph import Artifact, Context, Lazy, SocketType, node
from graph.events import Event, StepCached, StepFinished
from graph.nodetype import node_type
from tests.graph.sample import Bench, document
from tests.graph.stored import disk_in

CALLS = Counter[str]()
Model = Annotated[Any, SocketType("MODEL")]
WORTH_IT = 0.002  # s; what is made faster than it is read is not stored


class Network:
    """A value that no disk takes."""


@pytest.fixture(autouse=True)
def _count_anew() -> None:
    CALLS.clear()


def work(name: str) -> None:
    CALLS[name] += 1
    time.sleep(WORTH_IT)


@node()
def load(size: int = 1) -> Model:
    work("load")
    network = Network()
    network.size = size  # type: ignore[attr-defined]
    return network


@node()
def encode(model: Model, text: str = "") -> list[int]:
    work("encode")
    return [ord(letter) for letter in text] * 20_000 * model.size


@node()
def sample(model: Model, words: list[int], seed: int = 0) -> int:
    work("sample")
    return len(words) + seed * model.size


@node()
def brighten(value: int, by: int = 0) -> int:
    work("brighten")
    return value + by


@node()
def choose(first: bool, one: Lazy[int], other: Lazy[int]) -> int:
    return one.get() if first else other.get()


@node(sink=True)
def keep(value: int, context: Context) -> tuple[Artifact, ...]:
    work("keep")
    path = context.folder("output") / f"{value}.txt"
    path.write_text(str(value))
    return (Artifact("text", "output", path.name, text=str(value)),)


@node(sink=True, pure=False)
def shout(value: int) -> None:
    work("shout")


NODES = (load, encode, sample, brighten, choose, keep, shout)
PICTURE = document(
    {
        "load": ("Load", {}),
        "encode": ("Encode", {"text": "a cat"}),
        "sample": ("Sample", {"seed": 1}),
        "brighten": ("Brighten", {"by": 2}),
        "keep": ("Keep", {}),
    },
    "load.MODEL > encode.model",
    "load.MODEL > sample.model",
    "encode.INT > sample.words",
    "sample.INT > brighten.value",
    "brighten.INT > keep.value",
)


def changed(name: str, **inputs: object) -> dict[str, Any]:
    records = [
        {**each, "inputs": {**each["inputs"], **inputs}} if each["id"] == name else each
        for each in PICTURE["nodes"]
    ]
    return {**PICTURE, "nodes": records}


@pytest.fixture
def restart(make_bench: Callable[..., Bench], tmp_path: Path) -> Callable[[], Bench]:
    """A maker of benches as new processes would have them, one disk below them."""
    opened: list[Bench] = []

    def begin() -> Bench:
        for bench in opened:
            assert bench.cache.disk is not None
            assert bench.cache.disk.close(timeout=60.0)  # a busy disk may take its time
        opened[:] = [make_bench(*NODES, disk=disk_in(tmp_path / "cache"))]
        CALLS.clear()
        return opened[0]

    return begin


def test_nothing_that_was_made_is_made_again(restart: Callable[[], Bench]) -> None:
    first = restart().run(PICTURE)
    bench = restart()
    planned = {step.id: step.state for step in bench.plan(PICTURE).steps}
    assert planned == dict.fromkeys(planned, "cached")
    second = bench.run(PICTURE)
    assert (second.did_run, second.finished.status, CALLS) == (set(), "succeeded", Counter())
    shown = [event.artifacts for event in second.of(StepCached) if event.step == "keep"]
    assert first.did_run == {"load", "encode", "sample", "brighten", "keep"}
    assert shown == [(Artifact("text", "output", "100003.txt", text="100003"),)]


def test_models_are_not_stored_and_only_loaded_when_something_below_runs(
    restart: Callable[[], Bench],
) -> None:
    restart().run(PICTURE)
    ran = restart().run(changed("brighten", by=3))
    assert (ran.did_run, ran.finished.status) == ({"brighten", "keep"}, "succeeded")
    ran = restart().run(changed("sample", seed=7))
    assert ran.did_run == {"load", "sample", "brighten", "keep"}  # not the words
    assert Counter({"load": 1, "sample": 1, "brighten": 1, "keep": 1}) == CALLS


def test_a_result_from_disk_is_in_memory_from_then_on(restart: Callable[[], Bench]) -> None:
    restart().run(PICTURE)
    bench = restart()
    ran = bench.run(changed("brighten", by=3))
    key = next(step.key for step in ran.plan.steps if step.id == "sample")
    entry = bench.cache.get(key)
    assert entry is not None
    assert entry.outputs == (100_001,)


@pytest.mark.parametrize("also", [(), ("encode",), ("encode", "brighten", "keep")])
def test_what_the_disk_has_lost_since_the_plan_is_made_again(
    restart: Callable[[], Bench], also: tuple[str, ...]
) -> None:
    """The sample's file goes after the run has begun; so may the words that it needs."""
    restart().run(PICTURE)
    bench = restart()
    disk = bench.cache.disk
    assert disk is not None
    lost = {step.key for step in bench.plan(PICTURE).steps if step.id in ("sample", *also)}
    content = disk._index.content

    def gone(key: str) -> Any:
        if key in lost:
            raise LookupError(key)
        return content(key)

    disk._index.content = gone  # type: ignore[method-assign]
    ran = bench.run(changed("brighten", by=3))
    assert ran.finished.status == "succeeded", ran.finished.problems
    expected = {"load", "sample", "brighten", "keep"} | ({"encode"} if "encode" in also else set())
    assert ran.did_run == expected
    assert (bench.folders.folder("output") / "100004.txt").is_file()


def test_a_source_that_fails_when_it_must_be_made_again_fails_the_run_and_blocks_nothing(
    restart: Callable[[], Bench],
) -> None:
    restart().run(PICTURE)
    bench = restart()
    disk = bench.cache.disk
    assert disk is not None
    disk.load = lambda stored: disk.__class__.load(disk, stored._replace(key="0" * 32))  # type: ignore[method-assign]

    def refuse(size: int = 1) -> Any:
        raise RuntimeError("the file is gone")

    object.__setattr__(bench.registry.types["Load"], "run", refuse)
    try:
        ran = bench.run(changed("brighten", by=3))
    finally:
        object.__setattr__(bench.registry.types["Load"], "run", load)
    assert (ran.finished.status, ran.failed, ran.did_run) == ("failed", {"load"}, set())


def test_a_miss_is_explained_after_a_restart(restart: Callable[[], Bench]) -> None:
    restart().run(PICTURE)
    planned = restart().plan(changed("encode", text="a dog"))
    reasons = {step.id: step.reason for step in planned.steps}
    assert reasons == {
        "load": "not kept on disk: made again when something needs it",
        "encode": "text changed from 'a cat' to 'a dog'",
        "sample": "the result of encode changed",
        "brighten": "the result of sample changed",
        "keep": "the result of brighten changed",
    }


@pytest.mark.parametrize("at_once", [False, True], ids=["the disk takes its time", "the disk writes at once"])
def test_code_that_was_edited_and_makes_the_same_stops_there_after_a_restart(
    restart: Callable[[], Bench], monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    restart().run(PICTURE)
    bench = restart()
    disk = bench.cache.disk
    assert disk is not None
    if at_once:
        put = disk.put
        monkeypatch.setattr(disk, "put", lambda *given: (put(*given), disk.flush()))

    @node(id="Sample")
    def edited(model: Model, words: list[int], seed: int = 0) -> int:
        work("sample")
        return seed * model.size + len(words)

    bench.registry.now.types["Sample"] = node_type(edited)
    reasons = {step.id: step.reason for step in bench.plan(PICTURE).steps}
    assert reasons["sample"] == "the code of Sample changed"
    ran = bench.run(PICTURE)
    assert (ran.did_run, ran.was_cached) == ({"load", "sample"}, {"encode", "brighten", "keep"})


def test_a_failed_run_goes_on_where_it_failed(restart: Callable[[], Bench]) -> None:
    bench = restart()

    def refuse(value: int, by: int = 0) -> int:
        raise RuntimeError("no light")

    kind = bench.registry.types["Brighten"]
    object.__setattr__(kind, "run", refuse)
    try:
        failed = bench.run(PICTURE)
    finally:
        object.__setattr__(kind, "run", brighten)
    assert (failed.finished.status, failed.did_run) == ("failed", {"load", "encode", "sample"})
    resumed = restart().run(PICTURE)
    assert (resumed.finished.status, resumed.did_run) == ("succeeded", {"brighten", "keep"})


@pytest.mark.parametrize("last", ["load", "encode", "sample", "brighten"])
def test_a_cancelled_run_goes_on_where_it_stopped(restart: Callable[[], Bench], last: str) -> None:
    cancel = threading.Event()

    def heard(event: Event) -> None:
        if isinstance(event, StepFinished) and event.step == last:
            cancel.set()

    first = restart().run(PICTURE, cancel=cancel, heard=heard)
    assert first.finished.status == "cancelled"
    resumed = restart().run(PICTURE)
    assert resumed.finished.status == "succeeded"
    order = ["load", "encode", "sample", "brighten", "keep"]
    assert first.did_run == set(order[: order.index(last) + 1])
    needs_model = last in ("load", "encode")  # which no disk keeps
    assert resumed.did_run == (set(order) - first.did_run) | ({"load"} if needs_model else set())


def test_what_a_lazy_input_does_not_take_is_not_read(restart: Callable[[], Bench]) -> None:
    def choice(first: bool, by: int) -> dict[str, Any]:
        return document(
            {
                "a": ("Brighten", {"value": 1}),
                "b": ("Brighten", {"value": 2}),
                "choose": ("Choose", {"first": first}),
                "end": ("Brighten", {"by": by}),
            },
            "a.INT > choose.one",
            "b.INT > choose.other",
            "choose.INT > end.value",
        )

    bench = restart()
    assert bench.value(choice(True, 0), "a") == 1
    assert bench.value(choice(True, 0), "b") == 2
    bench = restart()
    disk = bench.cache.disk
    assert disk is not None
    read: list[str] = []
    content = disk._index.content
    disk._index.content = lambda key: (read.append(key), content(key))[1]  # type: ignore[method-assign]
    keys = {step.id: step.key for step in bench.plan(choice(False, 5), ["end"]).steps}
    assert bench.value(choice(False, 5), "end") == 7
    assert (read, CALLS) == ([keys["b"]], Counter({"brighten": 1}))


def test_impure_results_are_not_stored(restart: Callable[[], Bench]) -> None:
    given = document({"shout": ("Shout", {"value": 1})})
    bench = restart()
    bench.run(given)
    disk = bench.cache.disk
    assert disk is not None
    assert disk.flush(5)
    assert len(disk) == 0


def test_a_program_without_a_disk_stores_nothing(make_bench: Callable[..., Bench], tmp_path: Path) -> None:
    bench = make_bench(*NODES)
    assert bench.run(PICTURE).finished.status == "succeeded"
    assert [path.name for path in tmp_path.iterdir()] == ["output"]
