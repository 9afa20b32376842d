"""Faults, tried on random graphs: after any sequence of runs that fail, are cancelled, lose their disk or
are begun anew, every value is true, every run ends once, and no lane is stuck."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import given as tried_on
from hypothesis import strategies as st

from graph import Graph, Lazy, batched, node
from graph.devices import DeviceLanes, Devices
from graph.disk import LEAST_SECONDS, Torn
from graph.events import Event, RunFinished, StepFinished, StepProgress
from tests.graph.sample import Bench, Ran, document, subgraph
from tests.graph.stored import disk_in

FAILING: set[int] = set()
"""The literals of nodes that fail in this run."""
SMALL = 2000
"""A budget of memory, in bytes, that no graph fits in."""
TWO = Devices(("one", "two"), lambda position: contextlib.nullcontext(), lambda free, values: free[-1])


def summed(items: list[int] | None, plus: int) -> int:
    if plus in FAILING:
        raise RuntimeError("no")
    return sum(items or ()) + plus


def gpu_sums(*, items: list[int] | None = None, plus: Sequence[int]) -> list[int]:
    time.sleep(LEAST_SECONDS)
    return [summed(items, each) for each in plus]


@batched("plus", by=gpu_sums)
@node(lane="gpu")
def gpu_sum(items: list[int] | None = None, plus: int = 0) -> int:
    time.sleep(LEAST_SECONDS)
    return summed(items, plus)


@node()
def cpu_sum(items: list[int] | None = None, plus: int = 0) -> int:
    return summed(items, plus)


@node(lane="io")
def io_sum(items: list[int] | None = None, plus: int = 0) -> int:
    time.sleep(LEAST_SECONDS)
    return summed(items, plus)


@node()
async def async_sum(items: list[int] | None = None, plus: int = 0) -> int:
    return summed(items, plus)


class Network:
    """A value that no disk takes, as models are, and that counts in a sum."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __radd__(self, other: int) -> int:
        return other + self.value


@node()
def network(items: list[int] | None = None, plus: int = 0) -> int:
    time.sleep(LEAST_SECONDS)
    return Network(summed(items, plus))  # type: ignore[return-value]  # it counts as one


@node()
def least(items: list[int] | None = None, plus: int = 0) -> int:
    """Often the same as before: what follows need not run."""
    time.sleep(LEAST_SECONDS)
    return min(summed(items, plus), plus)


@node()
def choose(first: bool, one: Lazy[int], other: Lazy[int], plus: int = 0) -> int:
    if plus in FAILING:
        raise RuntimeError("no")
    return one.get() if first else other.get()


@node()
def grown(items: list[int] | None = None, plus: int = 0) -> int:
    """Puts other nodes in its own place."""
    if plus in FAILING:
        raise RuntimeError("no")
    graph = Graph()
    nothing = graph.add("CpuSum", plus=0)["INT"]
    return graph.add("GpuSum", items=[*(items or ()), nothing], plus=plus)["INT"]


SUMS = {"GpuSum": gpu_sum, "CpuSum": cpu_sum, "IoSum": io_sum, "AsyncSum": async_sum, "Network": network}
NODES = (*SUMS.values(), least, choose, grown)
TURNS = subgraph(
    "turns", "v:INT plus:INT", "v:INT", {"sum": ("GpuSum", {}), "same": ("CpuSum", {})},
    "@in.v > sum.items", "@in.plus > sum.plus", "sum.INT > same.items", "same.INT > @out.v", kind="repeat",
)  # fmt: skip
MAYBE = subgraph(
    "maybe", "v:INT w:INT plus:INT", "v:INT", {"sum": ("IoSum", {})},
    "@in.v > sum.items", "@in.w > sum.items", "@in.plus > sum.plus", "sum.INT > @out.v", kind="if",
)  # fmt: skip
BOX = subgraph("box", "items:INT+list plus:INT", "v:INT", {"z": ("@maybe", {}), "sum": ("CpuSum", {})},
               "@in.items > sum.items", "@in.plus > sum.plus", "sum.INT > @out.v")  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Nodes, zones and instances that sum earlier ones, or choose; the last sums them all."""
    count = draw(st.integers(2, 9))
    nodes: dict[str, Any] = {}
    links: list[str] = []
    outputs: list[str] = []
    for place in range(count):
        name, plus = f"n{place}", 10 * place
        earlier = st.integers(0, place - 1).map(lambda each: f"n{each}.{outputs[each]}")
        kind = draw(st.sampled_from([*OTHERS, *SUMS, *SUMS, "Least", "Grown", "@box"]))
        if place > 1 and kind in OTHERS:
            inputs, own = OTHERS[kind]
            nodes[name] = (kind, {"plus": plus, **({own: draw(st.booleans())} if own else {"times": 2})})
            links += [f"{draw(earlier)} > {name}.{given}" for given in inputs]
        else:
            nodes[name] = ("Least" if kind in OTHERS else kind, {"plus": plus})
            chosen = draw(st.lists(earlier, max_size=3)) if place else []
            links += [f"{each} > {name}.items" for each in chosen]
        outputs.append("v" if nodes[name][0].startswith("@") else "INT")
    nodes["out"] = ("GpuSum", {"plus": 1000})
    links += [f"n{place}.{output} > out.items" for place, output in enumerate(outputs)]
    return {**document(nodes, *links), "subgraphs": [TURNS, MAYBE, BOX]}


OTHERS = {"Choose": (("one", "other"), "first"), "@turns": (("v",), ""), "@maybe": (("v", "w"), "condition")}
"""By type, the inputs that take one link, and the one that is true or false."""


def values_of(given: dict[str, Any]) -> dict[str, int]:
    """What each node must make, by a direct loop."""
    values: dict[str, int] = {}
    for record in given["nodes"]:
        into = [link for link in given["links"] if link["to"][0] == record["id"]]
        plus = record["inputs"]["plus"]
        if record["type"] == "Choose":
            taken = "one" if record["inputs"]["first"] else "other"
            values[record["id"]] = next(values[link["from"][0]] for link in into if link["to"][1] == taken)
        elif record["type"] in ("@turns", "@maybe"):
            by_name = {link["to"][1]: values[link["from"][0]] for link in into}
            more = 2 * plus if record["type"] == "@turns" else by_name["w"] + plus
            values[record["id"]] = by_name["v"] + (more if record["inputs"].get("condition", True) else 0)
        else:
            total = sum(values[link["from"][0]] for link in into) + plus
            values[record["id"]] = min(total, plus) if record["type"] == "Least" else total
    return values


class Trial:
    """A program that is begun anew now and then, over one folder of results."""

    def __init__(self, folder: Path, given: dict[str, Any]) -> None:
        self.folder, self.given = folder, given
        self._begun = 0
        self.bench = self._begin()

    def _begin(self) -> Bench:
        """By turns with batches, and with two devices besides."""
        self._begun += 1
        devices = TWO if self._begun % 2 else None
        disk = disk_in(self.folder / "cache", 10**6)
        return Bench(self.folder, *NODES, budget=SMALL, disk=disk, most_together=3, devices=devices)

    def restart(self) -> None:
        self.close()
        self.bench = self._begin()

    def close(self) -> None:
        assert self.bench.cache.disk is not None
        assert self.bench.cache.disk.close(10)
        self.bench.executor.close()

    def lose(self, chosen: set[int]) -> None:
        """Results are damaged; nobody knows until they are read."""
        assert self.bench.cache.disk is not None
        assert self.bench.cache.disk.flush(10)
        steps = self.bench.plan(self.given, ["out"]).steps
        keys = [(steps[place % len(steps)].key,) for place in chosen]
        with contextlib.closing(sqlite3.connect(self.folder / "cache/index.sqlite")) as database, database:
            database.executemany("UPDATE results SET data = X'00' WHERE key = ?", keys)
        self.bench.cache.clear()

    def run(self, *, cancel_after: int | None = None) -> Ran:
        """A run in a thread, so that one that hangs is noticed."""
        cancel, done = threading.Event(), list[Ran]()
        ends = Counter[type]()

        def heard(event: Event) -> None:
            ends[type(event)] += 1
            if cancel_after is not None and ends[StepFinished] >= cancel_after:
                cancel.set()

        def work() -> None:
            done.append(self.bench.run(self.given, ["out"], cancel=cancel, heard=heard))

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(20)
        assert done, "the run hangs"
        return done[0]

    def check(self, ran: Ran, *, is_cancelled: bool) -> None:
        """What must hold after every run, whatever happened in it."""
        assert [event for event in ran.events if isinstance(event, RunFinished)] == [ran.events[-1]]
        told = Counter(
            (type(event), event.step)
            for event in ran.events
            if hasattr(event, "step") and not isinstance(event, StepProgress)
        )
        assert max(told.values(), default=1) == 1
        ended = ran.did_run | ran.failed
        assert ended <= ran.started
        assert (
            ran.finished.status != "succeeded" or ended == ran.started
        )  # else one may wait for a lazy input
        assert ran.finished.status in ({"cancelled"} if is_cancelled else set()) | (
            {"failed"} if ran.failed else {"succeeded"}
        )
        cache, values = self.bench.cache, values_of(self.given)
        assert cache.bytes <= SMALL
        assert not cache._wants
        for name, lane in self.bench.executor.lanes.items():
            waiting = lane._under_way if isinstance(lane, DeviceLanes) else [lane._waiting]
            assert not any(waiting), name
        for step in self.bench.plan(self.given, ["out"]).steps:
            entry = cache.peek(step.key)
            if entry is not None:
                (value,) = entry.outputs
                assert getattr(value, "value", value) == values[step.id.partition("/")[0]]
        if ran.finished.status == "succeeded":
            assert "out" in ran.did_run | ran.was_cached

    def check_disk(self) -> None:
        """All that lies on the disk is true, too."""
        disk = self.bench.cache.disk
        assert disk is not None
        assert disk.flush(10)
        values = values_of(self.given)
        for step in self.bench.plan(self.given, ["out"]).steps:
            stored = disk.find(step.key)
            if stored is not None:
                with contextlib.suppress(Torn):
                    assert disk.load(stored) == (values[step.id.partition("/")[0]],)


PLACES = st.sets(st.integers(0, 9), max_size=4)
FAULTS = st.one_of(
    st.tuples(st.just("edit"), st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.just("fail"), PLACES),
    st.tuples(st.just("cancel"), st.integers(0, 6)),
    st.tuples(st.just("restart")),
    st.tuples(st.just("lose"), PLACES),
)


def suffer(trial: Trial, fault: tuple[Any, ...]) -> int | None:
    """Let a fault happen; the number of steps after which the next run is cancelled, if it is."""
    FAILING.clear()
    match fault:
        case "edit", place, to:
            records = trial.given["nodes"]
            records[place % len(records)]["inputs"]["plus"] = 10 * to
        case "fail", places:
            FAILING.update(10 * place for place in places)
        case "cancel", after:
            return int(after)
        case ("restart",):
            trial.restart()
        case "lose", places:
            trial.lose(places)
    return None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@tried_on(graphs(), st.lists(FAULTS, min_size=1, max_size=6))
def test_no_fault_leaves_a_wrong_value_a_stuck_lane_or_a_second_end(
    given: dict[str, Any], faults: list[tuple[Any, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder), given)
        for fault in faults:
            cancel_after = suffer(trial, fault)
            ran = trial.run(cancel_after=cancel_after)
            trial.check(ran, is_cancelled=cancel_after is not None)
        FAILING.clear()
        trial.check_disk()
        ran = trial.run()
        trial.check(ran, is_cancelled=False)
        assert ran.finished.status == "succeeded", ran.finished.problems
        trial.check_disk()
        trial.close()
