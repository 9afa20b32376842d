"""Items of mapped steps are known by what made them: one that changes costs itself alone."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as tried_on
from hypothesis import strategies as st

from graph import Artifact, Context, Lazy, SocketType, items, node
from graph.events import StepFinished, StepProgress
from graph.nodetype import NodeType, node_type
from tests.graph.sample import SAMPLES, Bench, document
from tests.graph.stored import disk_in

BOX = SocketType("BOX", "#111111")
Box = Annotated[Any, BOX]
SLOW = 0.002
"""Seconds: what takes less than a millisecond is not kept by item."""


@node()
def numbers(text: str = "") -> list[int]:
    return [int(word) for word in text.split()]


@node()
def half(value: float = 0) -> float:
    return value / 2


class Called:
    """Nodes that take their time, and what they were called with."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.stop_at: object = None

    def types(self) -> list[NodeType]:
        def note(value: Any) -> None:
            time.sleep(SLOW)
            self.calls.append(value)
            if value == self.stop_at:
                raise ValueError("stopped")

        @node(version=1)
        def boxed(value: float, plus: int = 0) -> Box:
            note(value)
            return {"box": value + plus}

        @node()
        def opened(box: Box) -> list[float]:
            note(box["box"])
            return [box["box"], -box["box"]]

        @node()
        def passed(value: float) -> float:
            note(value)
            return value

        @node(pure=False)
        def fresh(value: float) -> float:
            note(value)
            return value

        @node()
        def pick(value: float, more: Lazy[int]) -> float:
            note(value)
            return value + more.get()

        @node(sink=True)
        def keep(value: float, context: Context) -> tuple[Artifact, ...]:
            note(value)
            return (Artifact("text", "output", "one.txt", text=str(value)),)

        return [node_type(each) for each in (boxed, opened, passed, fresh, pick, keep)]

    def taken(self) -> list[Any]:
        taken, self.calls = self.calls, []
        return taken


@pytest.fixture
def called() -> Called:
    return Called()


@pytest.fixture
def bench(make_bench: Callable[..., Bench], called: Called) -> Bench:
    made = make_bench(*SAMPLES, numbers, half)
    for each in called.types():
        made.registry.add(each)
    return made


def chain(text: str, plus: int = 0) -> dict[str, Any]:
    nodes: dict[str, Any] = {
        "n": ("Numbers", {"text": text}),
        "b": ("Boxed", {"plus": plus}),
        "o": ("Opened", {}),
        "p": ("Passed", {}),
    }
    return document(nodes, "n.INT > b.value", "b.BOX > o.box", "o.FLOAT > p.value")


def test_a_changed_item_costs_itself_alone(bench: Bench, called: Called) -> None:
    assert bench.value(chain("1 2"), "p") == [1, -1, 2, -2]
    assert called.taken() == [1, 2, 1, 2, 1, -1, 2, -2]
    assert bench.value(chain("1 3 2"), "p") == [1, -1, 3, -3, 2, -2]
    assert called.taken() == [3, 3, 3, -3]
    assert bench.value(chain("1 3 2", plus=1), "b") == [{"box": 2}, {"box": 4}, {"box": 3}]
    assert called.taken() == [1, 3, 2]


def test_equal_items_are_made_once(bench: Bench, called: Called) -> None:
    assert bench.value(chain("4 4 4"), "p") == [4, -4] * 3
    assert called.taken() == [4, 4, 4, -4]


def test_items_that_cannot_be_compared_are_known_by_their_list_and_place(
    bench: Bench, called: Called
) -> None:
    @node()
    def boxes(count: int = 2) -> list[Box]:
        return [{"box": place} for place in range(count)]

    bench.registry.add(node_type(boxes))
    nodes: dict[str, Any] = {"x": ("Boxes", {}), "o": ("Opened", {}), "h": ("Half", {})}
    given = document(nodes, "x.BOX > o.box", "o.FLOAT > h.value")
    assert bench.value(given, "h") == [0, 0, 0.5, -0.5]
    assert called.taken() == [0, 1]
    given["nodes"][0]["inputs"]["count"] = 3
    assert bench.value(given, "h") == [0, 0, 0.5, -0.5, 1, -1]
    assert called.taken() == [0, 1, 2]


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_a_run_that_stopped_goes_on_at_its_item(bench: Bench, called: Called, how: str) -> None:
    cancel = threading.Event()

    def stop(event: object) -> None:
        if how == "cancelled" and isinstance(event, StepProgress) and event.done == 2:
            cancel.set()

    called.stop_at = 3 if how == "failed" else None
    ran = bench.run(chain("1 2 3 4"), ["b"], cancel=cancel, heard=stop)
    assert ran.finished.status == how
    assert called.taken()[:2] == [1, 2]
    called.stop_at = None
    again = bench.run(chain("1 2 3 4"), ["b"])
    assert again.finished.status == "succeeded" and called.taken() == [3, 4]
    assert [event.done for event in again.of(StepProgress)] == [1, 2, 3, 4]


def test_what_waits_for_a_lazy_input_does_not_begin_again(bench: Bench, called: Called) -> None:
    nodes: dict[str, Any] = {
        "n": ("Numbers", {"text": "1 2"}),
        "m": ("Number", {"value": 5}),
        "p": ("Pick", {}),
    }
    given = document(nodes, "n.INT > p.value", "m.INT > p.more")
    assert bench.value(given, "p") == [6, 7]
    assert called.taken() == [1, 1, 2]  # the first one asked, and was called again


def test_impure_nodes_and_sinks_are_called_for_every_item(bench: Bench, called: Called) -> None:
    nodes: dict[str, Any] = {"n": ("Numbers", {"text": "7 7"}), "f": ("Fresh", {}), "k": ("Keep", {})}
    ran = bench.run(document(nodes, "n.INT > f.value", "f.FLOAT > k.value"))
    assert called.taken() == [7, 7, 7, 7]
    assert [each.text for each in ran.of(StepFinished)[-1].artifacts] == ["7.0", "7.0"]


def test_a_mapped_step_lies_on_disk_as_a_whole(
    make_bench: Callable[..., Bench], called: Called, tmp_path: Path
) -> None:
    def fresh_bench() -> Bench:
        made = make_bench(*SAMPLES, numbers, half, disk=disk_in(tmp_path / "disk"))
        for each in called.types():
            made.registry.add(each)
        return made

    first = fresh_bench()
    assert first.value(chain("1 2"), "o") == [1, -1, 2, -2]
    first.cache.close(5)
    called.taken()
    second = fresh_bench()
    assert second.value(chain("1 2"), "p") == [1, -1, 2, -2]
    assert called.taken() == [1, -1, 2, -2]
    second.cache.close(5)


def test_checked_calls_are_not_left_out(make_bench: Callable[..., Bench], called: Called) -> None:
    checked = make_bench(*SAMPLES, numbers, fingerprint=repr)
    for each in called.types():
        checked.registry.add(each)
    assert checked.value(chain("4 4"), "o") == [4, -4, 4, -4]
    assert called.taken() == [4, 4, 4, 4]


SHORT = st.lists(st.integers(0, 3), max_size=4)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@tried_on(st.lists(st.tuples(SHORT, SHORT, st.integers(0, 1)), min_size=1, max_size=5))
def test_what_is_known_of_items_is_always_true(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, runs: list[tuple[list[int], list[int], int]]
) -> None:
    monkeypatch.setattr(items, "WORTH_KEEPING", 0)
    for left, right, plus in runs:
        nodes: dict[str, Any] = {
            **{"l": ("Numbers", {"text": " ".join(map(str, left))}), "a": ("Add", {"b": plus})},
            **{"r": ("Numbers", {"text": " ".join(map(str, right))}), "b": ("Add", {}), "h": ("Half", {})},
        }
        links = ("l.INT > a.a", "a.INT > b.a", "r.INT > b.b", "b.INT > h.value")
        count = max(len(left), len(right)) if left and right else 0
        pairs = [(left[min(k, len(left) - 1)], right[min(k, len(right) - 1)]) for k in range(count)]
        assert bench.value(document(nodes, *links), "h") == [(a + plus + b) / 2 for a, b in pairs]
