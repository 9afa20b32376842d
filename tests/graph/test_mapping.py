"""A list into an input that takes one item: the node is called for each, and makes lists of its outputs."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as tried_on
from hypothesis import strategies as st

from graph import Artifact, Context, Lazy, NodeError, Range, SocketType, node
from graph.artifacts import Blocked
from graph.events import StepFinished, StepProgress, StepWarned
from graph.infer import Inferred, Seen, known
from tests.graph.sample import SAMPLES, Bench, document

BOX = SocketType("BOX", "#111111")
Box = Annotated[Any, BOX]
Facts = dict[str, Any]


def told(seen: Seen) -> Inferred:
    text = seen.value("text")
    return Inferred({"INT": known(size=len(text.split()) if isinstance(text, str) else None, kind="whole")})


@node(infer=told)
def numbers(text: str = "") -> list[int]:
    return [int(word) for word in text.split()]


@node()
def counted(stop: Annotated[int, Range(0, 9)]) -> list[int]:
    return list(range(stop))


@node()
def three(a: int = 0, b: int = 0, c: int = 0) -> tuple[int, str]:
    return a + 10 * b + 100 * c, f"{a}{b}{c}"


@node()
def half(value: float) -> float:
    return value / 2


@node()
def halves(values: list[float]) -> float:
    return sum(value / 2 for value in values)


@node()
def share(value: int, items: list[int]) -> float:
    return value / sum(items)


@node()
def inverse(value: int = 1, sign: int = 1) -> float:
    if value == 7:
        raise NodeError("7 is not wanted", input="value", remedy="Give another.")
    return sign / value


@node()
def working(value: int, context: Context) -> int:
    context.warn("it is odd") if value % 2 else context.progress(1, 2)
    return value


@node()
def stream(value: int) -> Iterator[int]:
    yield from range(value)


@node()
async def awaited(value: int) -> int:
    return value + 1


@node()
async def streamed(value: int) -> AsyncIterator[int]:
    yield value
    yield value + 2


@node()
def pick(left: Lazy[int], right: Lazy[int], is_left: bool = True) -> int:
    return (left if is_left else right).get()


@node()
def boxes(count: int = 2) -> list[Box]:
    return [[number] for number in range(count)]


@node()
def box() -> Box:
    return []


@node()
def spoil(box: Box) -> int:
    box.append(1)
    return len(box)


@node(mutates=("box", "more"))
def spoil_copies(box: Box, more: Box) -> int:
    box.append(1)
    more.append(1)
    return len(box) + 10 * len(more)


@node()
def gate(value: int = 0) -> int:
    return Blocked() if value == 2 else value  # type: ignore[return-value]


@node(infer=lambda seen: Inferred({"INT": known(**dict(seen.facts("value")))}))
def same(value: int) -> int:
    return value


@node(infer=lambda seen: Inferred({"INT": known(**dict(seen.items("values")))}))
def first(values: list[int]) -> int:
    return values[0]


KINDS = (
    *(*SAMPLES, numbers, counted, three, half, halves, share, inverse, working, stream, awaited, streamed),
    *(pick, boxes, box, spoil, spoil_copies, gate, same, first),
)
Nodes = dict[str, tuple[str, dict[str, object]]]


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench(*KINDS)


def listed(**texts: str) -> Nodes:
    return {name: ("Numbers", {"text": text}) for name, text in texts.items()}


# What is called with what


def test_a_list_is_taken_item_by_item_and_outputs_become_lists(bench: Bench) -> None:
    nodes: Nodes = {**listed(n="1 2 3"), "a": ("Add", {"b": 10}), "t": ("Three", {}), "sum": ("Total", {})}
    links = ("n.INT > a.a", "a.INT > t.a", "n.INT > t.c", "t.INT > sum.items", "n.INT > sum.items")
    given = document(nodes, *links)
    assert bench.value(given, "a") == [11, 12, 13]
    assert [bench.value(given, "t", output) for output in (0, 1)] == [
        [111, 212, 313],
        ["1101", "1202", "1303"],
    ]
    assert bench.value(given, "sum") == 111 + 212 + 313 + 6
    steps = bench.plan(given, ["sum"]).to_json()["steps"]
    assert {step["id"]: step.get("mapped", False) for step in steps} == {  # type: ignore[attr-defined]
        "n": False, "a": True, "t": True, "sum": False,
    }  # fmt: skip


LISTS = st.lists(st.integers(0, 9), max_size=4) | st.integers(0, 9)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@tried_on(a=LISTS, b=LISTS, c=LISTS)
def test_lists_are_zipped_and_shorter_ones_repeat_their_last_item(
    bench: Bench, a: Any, b: Any, c: Any
) -> None:
    inputs = {"a": a, "b": b, "c": c}
    lists = {name: value for name, value in inputs.items() if isinstance(value, list)}
    plain = {name: value for name, value in inputs.items() if isinstance(value, int)}
    nodes = {**listed(**{f"n{name}": " ".join(map(str, each)) for name, each in lists.items()})}
    given = document({**nodes, "t": ("Three", plain)}, *(f"n{name}.INT > t.{name}" for name in lists))
    made = bench.value(given, "t")
    if not lists:
        assert made == three(a, b, c)[0]
        return
    longest = max(map(len, lists.values())) if all(lists.values()) else 0

    def item(value: Any, place: int) -> int:
        return int(value if isinstance(value, int) else value[min(place, len(value) - 1)])

    assert made == [three(item(a, k), item(b, k), item(c, k))[0] for k in range(longest)]


def test_lists_of_different_lengths_and_empty_ones_are_warned_of(bench: Bench) -> None:
    def warned(**texts: str) -> list[tuple[str, str | None, str]]:
        given = document(
            {**listed(**texts), "t": ("Three", {})}, *(f"{name}.INT > t.{name}" for name in texts)
        )
        problems = [event.problem for event in bench.run(given, ["t"]).of(StepWarned)]
        return [(each.code, each.input, each.message) for each in problems]

    shorter = "Three: a has 2 items, b has 3 items, c has 1 items; shorter lists repeat their last item"
    assert warned(a="1 2", b="1 2 3", c="4") == [("lists_differ", None, shorter)]
    assert warned(a="1 2", b="1 2", c="4") == []
    empty = "Three.b is an empty list, so Three is not called"
    assert warned(a="1 2", b="") == [("empty_list", "b", empty)]


def test_lists_that_a_mapped_node_makes_are_joined(bench: Bench) -> None:
    given = document(
        {**listed(n="2 0 3"), "c": ("Counted", {}), "a": ("Add", {})}, "n.INT > c.stop", "c.INT > a.a"
    )
    assert bench.value(given, "a") == [0, 1, 0, 1, 2]


def test_items_are_converted_and_checked_one_by_one(bench: Bench) -> None:
    nodes: Nodes = {**listed(n="1 4"), "h": ("Half", {}), "all": ("Halves", {}), "c": ("Counted", {})}
    links = ("n.INT > h.value", "h.FLOAT > all.values", "n.INT > all.values", "n.INT > c.stop")
    given = document(nodes, *links)
    assert bench.value(given, "h") == [0.5, 2.0]
    assert bench.value(given, "all") == (0.5 + 2 + 1 + 4) / 2
    given["nodes"][0]["inputs"]["text"] = "1 4 10 2"
    (problem,) = bench.run(given, ["c"]).finished.problems
    assert (problem.code, problem.node, problem.input) == ("value_out_of_range", "c", "stop")
    assert problem.message == "Counted.stop: 10 is above 9, which a link brought (item 3 of 4)"


def test_a_mapped_node_gets_whole_lists_where_it_takes_lists(bench: Bench) -> None:
    given = document({**listed(n="1 3"), "s": ("Share", {})}, "n.INT > s.value", "n.INT > s.items")
    assert bench.value(given, "s") == [0.25, 0.75]


@pytest.mark.parametrize(("kind", "made"), [("Stream", [1, 3]), ("Awaited", [3, 5]), ("Streamed", [4, 6])])
def test_generators_and_async_functions_are_mapped(bench: Bench, kind: str, made: list[int]) -> None:
    given = document({**listed(n="2 4"), "g": (kind, {})}, "n.INT > g.value")
    assert bench.value(given, "g") == made


def test_a_list_into_a_lazy_input_is_made_and_the_other_stays_lazy(bench: Bench) -> None:
    nodes: Nodes = {**listed(n="5 6"), "f": ("Fail", {}), "m": ("Number", {"value": 3}), "p": ("Pick", {})}
    given = document(nodes, "n.INT > p.left", "f.INT > p.right")
    assert bench.value(given, "p") == [5, 6]
    given = document({**nodes, "p": ("Pick", {"is_left": False})}, "n.INT > p.left", "m.INT > p.right")
    assert bench.value(given, "p") == [3, 3]


def test_a_sink_shows_all_items(bench: Bench) -> None:
    ran = bench.run(document({**listed(n="3 1 2"), "s": ("Save", {})}, "n.INT > s.value"))
    assert ran.of(StepFinished)[-1].artifacts == tuple(
        Artifact("text", "output", f"{value}.txt", text=str(value)) for value in (3, 1, 2)
    )


def test_what_is_blocked_stays_in_its_place_and_out_of_whole_lists(bench: Bench) -> None:
    nodes: Nodes = {**listed(n="1 2 3"), "g": ("Gate", {}), "t": ("Three", {}), "sum": ("Total", {})}
    given = document(nodes, "n.INT > g.value", "g.INT > t.a", "n.INT > t.b", "t.INT > sum.items")
    assert bench.value(given, "t") == [11, Blocked(), 33]
    assert bench.value(given, "sum") == 44


# Telling, failing, stopping


def test_progress_and_warnings_are_of_the_whole_step(bench: Bench) -> None:
    ran = bench.run(document({**listed(n="2 3 4"), "w": ("Working", {})}, "n.INT > w.value"), ["w"])
    assert [(each.done, each.total) for each in ran.of(StepProgress)] == [
        (1, 6),
        (1, 3),
        (2, 3),
        (5, 6),
        (3, 3),
    ]
    assert [event.problem.message for event in ran.of(StepWarned)] == ["it is odd (item 2 of 3)"]


def test_a_long_list_tells_its_progress_a_hundred_times(bench: Bench) -> None:
    text = " ".join(map(str, range(1, 1001)))
    ran = bench.run(document({**listed(n=text), "a": ("Add", {})}, "n.INT > a.a"), ["a"])
    assert [each.done for each in ran.of(StepProgress)] == list(range(10, 1001, 10))


@pytest.mark.parametrize(
    ("item", "code", "name", "message"),
    [
        ("0", "node_failed", None, "Inverse: ZeroDivisionError: division by zero (item 2 of 3)"),
        ("7", "node_failed", "value", "Inverse.value: 7 is not wanted (item 2 of 3)"),
    ],
)
def test_an_error_names_the_item(bench: Bench, item: str, code: str, name: str | None, message: str) -> None:
    given = document(
        {**listed(n=f"1 {item} 2"), "i": ("Inverse", {}), "h": ("Half", {})},
        *("n.INT > i.value", "i.FLOAT > h.value"),
    )
    ran = bench.run(given, ["h"])
    assert (ran.finished.status, ran.did_run, ran.failed) == ("failed", {"n"}, {"i"})
    (problem,) = ran.finished.problems
    assert (problem.code, problem.node, problem.input, problem.message) == (code, "i", name, message)


@pytest.mark.parametrize("kind", ["Add", "Awaited"])
def test_cancelling_stops_between_items(make_bench: Callable[..., Bench], kind: str) -> None:
    cancel, called = threading.Event(), []

    def stop_at_two(event: object) -> None:
        if isinstance(event, StepProgress):
            called.append(event.done)
            if event.done == 2:
                cancel.set()

    given = document(
        {**listed(n="1 2 3 4"), "a": (kind, {})}, f"n.INT > a.{'a' if kind == 'Add' else 'value'}"
    )
    bench = make_bench(*KINDS)
    ran = bench.run(given, ["a"], cancel=cancel, heard=stop_at_two)
    assert (ran.finished.status, called) == ("cancelled", [1, 2])
    assert bench.run(given, ["a"]).did_run == {"a"}


def test_an_item_that_is_changed_in_place_is_found(make_bench: Callable[..., Bench]) -> None:
    checked = make_bench(*KINDS, fingerprint=repr)
    (problem,) = checked.run(
        document({"b": ("Boxes", {}), "s": ("Spoil", {})}, "b.BOX > s.box"), ["s"]
    ).finished.problems
    assert (problem.code, problem.node, problem.input) == ("input_changed", "s", "box")
    assert problem.message.endswith("(item 1 of 2)")


def test_a_node_that_declares_it_gets_copies_for_every_item(make_bench: Callable[..., Bench]) -> None:
    nodes: Nodes = {"b": ("Boxes", {}), "one": ("Box", {}), "s": ("SpoilCopies", {})}
    given = document(nodes, "b.BOX > s.box", "one.BOX > s.more")
    for _ in range(2):
        assert make_bench(*KINDS, fingerprint=repr).value(given, "s") == [12, 12]


# Keys, facts, and what else a document can hold


def test_a_mapped_step_is_cached_and_runs_again_for_another_list(bench: Bench) -> None:
    given = document(
        {**listed(n="1 2"), "a": ("Add", {}), "s": ("Show", {})}, "n.INT > a.a", "a.INT > s.value"
    )
    assert bench.run(given).did_run == {"n", "a", "s"}
    assert bench.run(given).was_cached == {"n", "a", "s"}
    given["nodes"][0]["inputs"]["text"] = "1  2"
    assert bench.run(given).did_run == {"n"}  # the same list
    given["nodes"][0]["inputs"]["text"] = "1 3"
    assert bench.run(given).did_run == {"n", "a", "s"}


def test_a_node_that_begins_to_take_lists_has_another_key(make_bench: Callable[..., Bench]) -> None:
    def keys(annotation: Any) -> set[str]:
        def passing(value):  # type: ignore[no-untyped-def]
            return value

        passing.__annotations__ = {"value": annotation, "return": annotation}
        made = make_bench(*KINDS, node()(passing))
        given = document(
            {**listed(n="1"), "p": ("Passing", {}), "s": ("Show", {})}, "n.INT > p.value", "p.INT > s.value"
        )
        return {step.key for step in made.plan(given).steps if step.id != "n"}

    assert keys(int).isdisjoint(keys(list[int]))


def test_facts_of_a_list_are_those_of_every_item(bench: Bench) -> None:
    nodes: Nodes = {**listed(n="1 2", m="1 2 3"), "a": ("Same", {}), "b": ("Same", {}), "f": ("First", {})}
    given = document(nodes, "n.INT > a.value", "m.INT > b.value", "a.INT > f.values", "b.INT > f.values")
    facts = bench.plan(given, ["f"]).facts
    assert {name: said["INT"] for name, said in facts.items()} == {
        "n": {"size": 2, "kind": "whole"}, "a": {"size": 2, "kind": "whole"},
        "m": {"size": 3, "kind": "whole"}, "b": {"size": 3, "kind": "whole"}, "f": {"kind": "whole"},
    }  # fmt: skip


def test_a_sweep_over_mapped_nodes_gathers_all_their_items(bench: Bench) -> None:
    nodes: Nodes = {**listed(n="1 2"), "a": ("Add", {"b": {"sweep": [10, 20]}}), "sum": ("Total", {})}  # type: ignore[dict-item]
    assert bench.value(document(nodes, "n.INT > a.a", "a.INT > sum.items"), "sum") == 11 + 12 + 21 + 22


def test_a_bypassed_node_passes_a_list_on(bench: Bench) -> None:
    given = document(
        {**listed(n="1 2"), "a": ("Add", {"b": 5}), "b": ("Add", {"b": 1})},
        *("n.INT > a.a", "a.INT > b.a"),
        a="bypassed",
    )
    assert bench.value(given, "b") == [2, 3]
