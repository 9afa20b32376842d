"""The executor runs what must run, beside each other where it can, and always ends once."""

import asyncio
import gc
import itertools
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import pytest

from graph import Artifact, Cancelled, Context, Lazy, NodeError, Range, node
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
from tests.graph.sample import SAMPLES, Bench, chain, document, show, total

LONG = 10.0
"""Seconds until a barrier that nobody meets gives up: only a broken executor waits so long."""


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


# Kinds of functions


class Pair(NamedTuple):
    first: int
    second: str


@node()
def pair(value: int = 1) -> Pair:
    return Pair(value, str(value))


@node()
def as_list(value: int = 1) -> tuple[int, str]:
    return [value, "x"]  # type: ignore[return-value]  # a list will do


@node()
def count_up(stop: int = 3) -> Iterator[int]:
    yield from range(1, stop + 1)


@node()
async def doubled(value: int = 1) -> int:
    await asyncio.sleep(0)
    return 2 * value


@node()
async def counted(stop: int = 3) -> AsyncIterator[int]:
    for value in range(1, stop + 1):
        await asyncio.sleep(0)
        yield value


@node()
def several(count: int = 2) -> list[int]:
    return list(range(count))


@node()
def upper(text: str) -> str:
    return text.upper()


KINDS = (*SAMPLES, pair, as_list, count_up, doubled, counted, several, upper)


@pytest.fixture
def kinds(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(*KINDS)


def test_several_outputs_come_apart_by_name(kinds: Bench) -> None:
    given = document({"p": ("Pair", {"value": 7}), "u": ("Upper", {}), "s": ("Add", {})}, "p.second > u.text")
    assert kinds.value(given, "u") == "7"
    assert kinds.value(document({"l": ("AsList", {})}), "l", 1) == "x"


def test_a_generators_last_value_is_the_result_and_each_yield_is_progress(kinds: Bench) -> None:
    for kind in ("CountUp", "Counted"):
        given = document({"g": (kind, {"stop": 3})})
        ran = kinds.run(given, ["g"])
        assert ran.of(StepProgress) == [StepProgress("run", "g", done, None) for done in (1, 2, 3)]
        assert kinds.value(given, "g") == 3


def test_async_functions_are_awaited(kinds: Bench) -> None:
    given = document({"n": ("Number", {"value": 4}), "d": ("Doubled", {})}, "n.INT > d.value")
    assert kinds.value(given, "d") == 8


def test_an_async_function_known_to_be_brief_is_awaited_still(kinds: Bench) -> None:
    for value in range(5):
        given = document({"a": ("Doubled", {"value": value}), "b": ("Doubled", {})}, "a.INT > b.value")
        assert kinds.value(given, "b") == 4 * value


def test_a_list_input_receives_all_links_in_order_and_lists_join(kinds: Bench) -> None:
    @node()
    def collected(items: list[int]) -> list[int]:
        return list(items)

    kinds.registry.add(collected.__node_type__)
    given = document(
        {
            "a": ("Number", {"value": 7}),
            "b": ("Several", {"count": 3}),
            "c": ("Number", {"value": 5}),
            "all": ("Collected", {}),
        },
        *("c.INT > all.items", "b.INT > all.items", "a.INT > all.items"),
    )
    assert kinds.value(given, "all") == [5, 0, 1, 2, 7]


def test_a_linked_value_is_checked_by_the_widget_when_it_arrives(make_bench: Callable[..., Bench]) -> None:
    @node()
    def few(count: Annotated[int, Range(0, 3)] = 0, mode: Literal["a", "b"] = "a") -> int:
        return count

    bench = make_bench(*SAMPLES, few)
    ran = bench.run(document({"n": ("Number", {"value": 9}), "f": ("Few", {})}, "n.INT > f.count"), ["f"])
    (problem,) = ran.finished.problems
    assert (problem.code, problem.node, problem.input) == ("value_out_of_range", "f", "count")
    assert problem.message == "Few.count: 9 is above 3, which a link brought"


@pytest.mark.parametrize("result", [None, (1,), (1, 2, 3), "ab"])
def test_a_result_that_is_not_what_was_promised_is_a_failure(
    make_bench: Callable[..., Bench], result: object
) -> None:
    @node()
    def promising() -> tuple[int, int]:
        return result  # type: ignore[return-value]

    @node()
    def listing() -> list[int]:
        return 5  # type: ignore[return-value]

    @node(sink=True)
    def leaving() -> list[Artifact]:
        return [5]  # type: ignore[list-item]

    bench = make_bench(promising, listing, leaving)
    given = document({"p": ("Promising", {}), "l": ("Listing", {}), "a": ("Leaving", {})})
    ran = bench.run(given, ["p", "l", "a"])
    assert ran.failed == {"p", "l", "a"}
    assert all("WrongResult" in problem.message for problem in ran.finished.problems)
    assert len(bench.cache) == 0


# Overlap, proven by barriers: each of two nodes ends only if the other one runs at the same time


def meeting(lanes: tuple[str, str]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    barrier = threading.Barrier(2, timeout=LONG)

    def left(value: int = 0) -> int:
        return barrier.wait()

    def right(value: int = 0) -> int:
        return barrier.wait()

    return node(lane=lanes[0])(left), node(lane=lanes[1])(right)  # type: ignore[arg-type]


@pytest.mark.parametrize("lanes", [("gpu", "cpu"), ("cpu", "cpu"), ("io", "io"), ("gpu", "io")])
def test_independent_branches_overlap(make_bench: Callable[..., Bench], lanes: tuple[str, str]) -> None:
    bench = make_bench(*meeting(lanes), total, show, cpu_workers=2)
    given = document(
        {"l": ("Left", {}), "r": ("Right", {}), "sum": ("Total", {}), "out": ("Show", {})},
        *("l.INT > sum.items", "r.INT > sum.items", "sum.INT > out.value"),
    )
    assert bench.run(given).finished.status == "succeeded"


def test_async_nodes_overlap_with_each_other_and_with_threads(make_bench: Callable[..., Bench]) -> None:
    met: list[threading.Event] = [threading.Event() for _ in range(3)]

    async def meet(place: int) -> int:
        met[place].set()
        for _ in range(int(LONG * 1000)):
            if all(event.is_set() for event in met):
                return place
            await asyncio.sleep(0.001)
        raise TimeoutError

    @node()
    async def first() -> int:
        return await meet(0)

    @node()
    async def second() -> int:
        return await meet(1)

    @node()
    def third() -> int:
        met[2].set()
        assert all(event.wait(LONG) for event in met)
        return 2

    bench = make_bench(first, second, third)
    given = document({"a": ("First", {}), "b": ("Second", {}), "c": ("Third", {})})
    assert bench.run(given, ["a", "b", "c"]).did_run == {"a", "b", "c"}


def test_a_branch_goes_on_while_another_is_still_busy(make_bench: Callable[..., Bench]) -> None:
    saved = threading.Event()

    @node(lane="io", sink=True)
    def slow_save(value: int) -> None:
        assert saved.wait(LONG)  # ends only after the other branch is through

    @node(lane="gpu")
    def sample(value: int) -> int:
        return value + 1

    @node(sink=True)
    def done(value: int) -> None:
        saved.set()

    bench = make_bench(*SAMPLES, slow_save, sample, done)
    given = document(
        {
            **{"n": ("Number", {}), "s1": ("Sample", {}), "s2": ("Sample", {})},
            **{"save": ("SlowSave", {}), "done": ("Done", {})},
        },
        *("n.INT > s1.value", "s1.INT > save.value", "s1.INT > s2.value", "s2.INT > done.value"),
    )
    assert bench.run(given).finished.status == "succeeded"


def test_the_gpu_lane_runs_one_at_a_time(make_bench: Callable[..., Bench]) -> None:
    inside, most = [0], [0]

    @node(lane="gpu")
    def heavy(value: int = 0) -> int:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.005)
        inside[0] -= 1
        return value

    bench = make_bench(heavy, total)
    nodes: dict[str, Any] = {f"h{place}": ("Heavy", {"value": place}) for place in range(6)}
    links = [f"{name}.INT > sum.items" for name in nodes]
    ran = bench.run(document(nodes | {"sum": ("Total", {})}, *links), ["sum"])
    assert (len(ran.did_run), most[0]) == (7, 1)


def test_a_step_alone_runs_in_the_calling_thread(make_bench: Callable[..., Bench]) -> None:
    threads = []

    @node(lane="gpu")
    def where(value: int = 0) -> int:
        threads.append(threading.current_thread())
        return value + 1

    bench = make_bench(where)
    names = [f"w{place}" for place in range(5)]
    links = [f"{a}.INT > {b}.value" for a, b in itertools.pairwise(names)]
    bench.run(document({name: ("Where", {}) for name in names}, *links), ["w4"])
    assert threads == [threading.current_thread()] * 5


def test_brief_nodes_stay_in_the_calling_thread_once_they_are_known(bench: Bench) -> None:
    nodes: dict[str, Any] = {f"n{place}": ("Number", {"value": place}) for place in range(300)}
    links = [f"{name}.INT > sum.items" for name in nodes]
    given = document(nodes | {"sum": ("Total", {})}, *links)
    bench.executor.learn(bench.registry.types["Number"], 0.00001)
    for lane in bench.executor.lanes.values():
        lane.submit = lambda call: pytest.fail("a brief node was handed over")  # type: ignore[method-assign]
    assert bench.value(given, "sum") == sum(range(300))


# Values


class Value:
    """Something that a weak reference can follow."""


def test_values_are_released_after_their_last_use(make_bench: Callable[..., Bench]) -> None:
    made: dict[str, weakref.ref[Value]] = {}
    alive: list[set[str]] = []

    def note() -> None:
        gc.collect()
        alive.append({name for name, value in made.items() if value() is not None})

    @node()
    def fresh(name: str, above: Any | None = None) -> Any:
        note()
        value = Value()
        made[name] = weakref.ref(value)
        return value

    bench = make_bench(fresh, show, budget=0)
    names = ["a", "b", "c", "d"]
    nodes = {name: ("Fresh", {"name": name}) for name in names}
    given = document(nodes, "a.ANY > b.above", "b.ANY > c.above", "c.ANY > d.above")
    bench.run(given, ["d"])
    note()
    assert alive == [set(), {"a"}, {"b"}, {"c"}, set()]


def test_values_are_released_in_lanes_too(make_bench: Callable[..., Bench]) -> None:
    made: list[weakref.ref[Value]] = []
    barrier = threading.Barrier(2, timeout=LONG)

    @node(lane="io")
    def fresh(which: int) -> Any:
        value = Value()
        made.append(weakref.ref(value))
        barrier.wait()
        return value

    @node(lane="cpu")
    def use(one: Any, other: Any) -> int:
        return 1

    @node()
    def look(value: int) -> int:
        gc.collect()
        return sum(reference() is not None for reference in made)

    bench = make_bench(fresh, use, look, budget=100)
    given = document(
        {"a": ("Fresh", {"which": 1}), "b": ("Fresh", {"which": 2}), "u": ("Use", {}), "l": ("Look", {})},
        *("a.ANY > u.one", "b.ANY > u.other", "u.INT > l.value"),
    )
    bench.cache = bench.executor.cache = type(bench.cache)(
        1000, lambda value: 2000 * isinstance(value, Value)
    )
    assert bench.value(given, "l") == 0


def test_a_branch_that_failed_lets_its_values_go(make_bench: Callable[..., Bench]) -> None:
    made: list[weakref.ref[Value]] = []
    left: list[int] = []

    @node()
    def fresh() -> Any:
        value = Value()
        made.append(weakref.ref(value))
        return value

    @node()
    def broken(above: Any) -> int:
        raise RuntimeError("no")

    @node()
    def joined(value: Any, number: int) -> int:
        return 0

    bench = make_bench(fresh, broken, joined, budget=0)
    given = document(
        {"f": ("Fresh", {}), "b": ("Broken", {}), "j": ("Joined", {})},
        *("f.ANY > b.above", "f.ANY > j.value", "b.INT > j.number"),
    )

    def heard(event: Event) -> None:
        if isinstance(event, RunFinished):
            left.append(sum(reference() is not None for reference in made))

    assert bench.run(given, ["j"], heard=heard).failed == {"b"}
    assert left == [0]


def test_a_run_finishes_with_a_cache_that_holds_nothing(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(budget=0)
    assert bench.run(chain(20)).finished.status == "succeeded"
    assert len(bench.cache) == 0


def test_a_run_uses_what_another_run_made_since_the_plan(bench: Bench) -> None:
    given = chain(4)
    planned = bench.plan(given)
    bench.run(given)
    events: list[Event] = []
    bench.executor.run(planned, run_id="late", emit=events.append)
    assert [type(event) for event in events] == [RunStarted, *[StepCached] * 4, RunFinished]


def test_a_run_makes_again_what_left_the_cache_since_the_plan(bench: Bench) -> None:
    given = chain(4)
    bench.run(given)
    planned = bench.plan(given)
    assert {state for _, state in planned.states()} == {"cached"}
    bench.cache.clear()
    events: list[Event] = []
    assert bench.executor.run(planned, run_id="late", emit=events.append).status == "succeeded"
    assert len([event for event in events if isinstance(event, StepFinished)]) == 4


# Failure


def test_a_node_that_raises_fails_alone_and_finished_steps_stay(bench: Bench) -> None:
    given = document(
        {
            **{"n": ("Number", {"value": 3}), "bad": ("Fail", {}), "after": ("Show", {})},
            **{"m": ("Number", {"value": 4}), "fine": ("Show", {})},
        },
        *("n.INT > bad.value", "bad.INT > after.value", "m.INT > fine.value"),
    )
    ran = bench.run(given)
    assert (ran.did_run, ran.failed, ran.started) == (
        {"n", "m", "fine"},
        {"bad"},
        {"n", "m", "fine", "bad"},
    )
    assert ran.finished.status == "failed"
    (problem,) = ran.finished.problems
    assert (problem.code, problem.node, problem.given) == ("node_failed", "bad", "ValueError")
    assert problem.message == "Fail: ValueError: no 3"
    assert "raise ValueError" in problem.details
    assert "graph/call.py" not in problem.details
    again = bench.run(given)
    assert (again.did_run, again.was_cached, again.failed) == (set(), {"n", "m", "fine"}, {"bad"})


class OutOfMemoryError(RuntimeError):
    """As torch names it."""


class Wordless(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even words")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OutOfMemoryError("CUDA"), "out_of_memory"),
        (MemoryError(), "out_of_memory"),
        (FileNotFoundError("gone.png"), "file_not_found"),
        (NodeError("bad mask", code="empty_mask", input="mask", remedy="Paint one."), "empty_mask"),
        (StopIteration(), "node_failed"),
        (SystemExit(3), "node_failed"),
        (RecursionError(), "node_failed"),
        (Wordless(), "node_failed"),
    ],
)
@pytest.mark.parametrize("lane", ["alone", "handed over"])
def test_every_kind_of_failure_is_a_typed_outcome(
    make_bench: Callable[..., Bench], error: BaseException, code: str, lane: str
) -> None:
    @node()
    def broken(value: int = 0) -> int:
        raise error

    bench = make_bench(broken)
    nodes = {"a": ("Broken", {})} | ({"b": ("Broken", {"value": 1})} if lane != "alone" else {})
    ran = bench.run(document(nodes), list(nodes))
    assert [problem.code for problem in ran.finished.problems] == [code] * len(nodes)
    assert ran.of(RunFinished) == [ran.finished]


def test_a_plan_with_a_blocked_target_runs_the_others_and_fails(bench: Bench) -> None:
    given = document(
        {"bad": ("Show", {"value": "x"}), "n": ("Number", {}), "out": ("Show", {})}, "n.INT > out.value"
    )
    ran = bench.run(given)
    assert (ran.did_run, ran.finished.status) == ({"n", "out"}, "failed")
    assert [problem.code for problem in ran.finished.problems] == ["wrong_value_type"]


def test_a_listener_that_raises_ends_the_run_once(bench: Bench) -> None:
    def heard(event: Event) -> None:
        if isinstance(event, StepFinished):
            raise OSError("the log is full")

    ran = bench.run(chain(5), heard=heard)
    assert (ran.finished.status, ran.finished.problems[0].code) == ("failed", "internal_error")
    assert ran.of(RunFinished) == [ran.finished]


def test_an_interrupt_from_the_keyboard_is_a_cancelled_run(make_bench: Callable[..., Bench]) -> None:
    @node()
    def interrupted() -> int:
        raise KeyboardInterrupt

    ran = make_bench(interrupted).run(document({"i": ("Interrupted", {})}), ["i"])
    assert ran.finished.status == "cancelled"


# Cancelling


def test_a_cancelled_run_stops_between_steps_and_keeps_what_is_done(bench: Bench) -> None:
    cancel = threading.Event()

    def heard(event: Event) -> None:
        if isinstance(event, StepFinished) and event.step == "n3":
            cancel.set()

    ran = bench.run(chain(10), cancel=cancel, heard=heard)
    assert (ran.finished.status, ran.did_run) == ("cancelled", {"n0", "n1", "n2", "n3"})
    assert ran.of(RunFinished) == [ran.finished]
    resumed = bench.run(chain(10))
    assert resumed.was_cached == {"n0", "n1", "n2", "n3"}
    assert resumed.finished.status == "succeeded"


@pytest.mark.parametrize("count", [1, 2])
def test_cancel_takes_effect_inside_a_node_and_stores_nothing(
    make_bench: Callable[..., Bench], count: int
) -> None:
    cancel = threading.Event()
    steps: list[int] = []

    @node(lane="io")
    def long(context: Context, which: int = 0) -> int:
        for step in range(10**9):
            context.check_cancelled()
            steps.append(step)
            cancel.set()
        return 1

    bench = make_bench(long)
    nodes = {f"l{place}": ("Long", {"which": place}) for place in range(count)}
    ran = bench.run(document(nodes), list(nodes), cancel=cancel)
    assert (ran.finished.status, ran.finished.problems, len(bench.cache)) == ("cancelled", (), 0)
    assert len(steps) <= count * 2


def test_a_generator_is_cancelled_at_its_next_yield_and_closed(make_bench: Callable[..., Bench]) -> None:
    cancel, closed = threading.Event(), []

    @node()
    def endless() -> Iterator[int]:
        try:
            while True:
                cancel.set()
                yield 1
        finally:
            closed.append(True)

    bench = make_bench(endless)
    ran = bench.run(document({"e": ("Endless", {})}), ["e"], cancel=cancel)
    assert (ran.finished.status, closed, len(bench.cache)) == ("cancelled", [True], 0)


def test_an_async_node_is_cancelled_while_it_waits(make_bench: Callable[..., Bench]) -> None:
    cancel, ended = threading.Event(), []

    @node()
    async def forever() -> int:
        cancel.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)
        return 1

    ran = make_bench(forever).run(document({"f": ("Forever", {})}), ["f"], cancel=cancel)
    assert (ran.finished.status, ended) == ("cancelled", [True])


def test_a_run_cancelled_before_it_starts_runs_nothing(bench: Bench) -> None:
    cancel = threading.Event()
    cancel.set()
    ran = bench.run(chain(5), cancel=cancel)
    assert (ran.finished.status, ran.started) == ("cancelled", set())


def test_a_run_that_is_through_when_it_is_cancelled_has_succeeded(bench: Bench) -> None:
    cancel = threading.Event()

    def heard(event: Event) -> None:
        if isinstance(event, StepFinished) and event.step == "show":
            cancel.set()

    assert bench.run(chain(5), cancel=cancel, heard=heard).finished.status == "succeeded"


def test_what_a_node_raises_as_cancelled_cancels(make_bench: Callable[..., Bench]) -> None:
    @node()
    def stopping() -> int:
        raise Cancelled

    ran = make_bench(stopping).run(document({"s": ("Stopping", {})}), ["s"])
    assert ran.finished.status == "cancelled"


# The context and artifacts


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
            context.shared(Value)
        return 0

    bench = make_bench(telling, services={Models: models})
    given = document({"t": ("Telling", {})})
    ran = bench.run(given, ["t"])
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
