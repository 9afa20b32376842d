"""What a node may be: one that gives several values, a generator, a coroutine; and what it may be given."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Literal, NamedTuple

import pytest

from graph import Artifact, Range, node
from graph.events import (
    StepProgress,
)
from tests.graph.sample import SAMPLES, Bench, document


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
