"""A node that changes its input in place is named, unless it declares it and gets a copy."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import pytest

from graph import Lazy, SocketType, misuse, node
from graph.frozen import CODE
from tests.graph.sample import SAMPLES, Bench, document

BOX = SocketType("BOX", "#111111")
Box = Annotated[Any, BOX]


@node()
def make_box(value: int = 0) -> Box:
    return [value]


@node()
def spoil(box: Box, other: Box | None = None, times: int = 1) -> int:
    box.extend([1] * times)
    return sum(box)


@node()
def spoil_lazily(box: Lazy[Box]) -> int:
    box.get().append(1)
    return sum(box.get())


@node()
async def spoil_awaited(box: Box) -> AsyncIterator[int]:
    box.append(1)
    yield sum(box)


@node(mutates=("box",))
def spoil_a_copy(box: Box) -> int:
    box.append(1)
    return sum(box)


@node(mutates=("box",))
def spoil_a_lazy_copy(box: Lazy[Box]) -> int:
    mine = box.get()
    mine.append(1)
    return sum(mine)


@node()
def keep(box: Box) -> int:
    return sum(box)


@pytest.fixture
def make(make_bench: Callable[..., Bench]) -> Callable[..., Bench]:
    kinds = (make_box, spoil, spoil_lazily, spoil_awaited, spoil_a_copy, spoil_a_lazy_copy, keep)
    return lambda **options: make_bench(*SAMPLES, *kinds, **options)


def fingerprint(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def spoiling(kind: str) -> dict[str, Any]:
    return document({"box": ("MakeBox", {"value": 5}), "n": (kind, {})}, "box.BOX > n.box")


@pytest.mark.parametrize("kind", ["Spoil", "SpoilLazily", "SpoilAwaited"])
def test_the_check_names_node_and_input(make: Callable[..., Bench], kind: str) -> None:
    bench = make(fingerprint=fingerprint)
    ran = bench.run(spoiling(kind), ["n"])
    (problem,) = ran.finished.problems
    assert (problem.code, problem.node, problem.input) == (CODE, "n", "box")
    assert problem.message.startswith(f"{kind}.box: the node changed its input")
    assert 'mutates=("box",)' in problem.remedy


def test_what_was_spoilt_is_made_again(make: Callable[..., Bench]) -> None:
    bench = make(fingerprint=fingerprint)
    bench.run(spoiling("Spoil"), ["n"])
    assert bench.run(spoiling("Keep"), ["n"]).did_run == {"box", "n"}
    assert bench.value(spoiling("Keep"), "n") == 5


def test_the_input_that_was_changed_is_named_among_several(make: Callable[..., Bench]) -> None:
    bench = make(fingerprint=fingerprint)
    nodes = {"a": ("MakeBox", {"value": 1}), "b": ("MakeBox", {"value": 2}), "n": ("Spoil", {})}
    ran = bench.run(document(nodes, "a.BOX > n.other", "b.BOX > n.box"), ["n"])
    assert [problem.input for problem in ran.finished.problems] == ["box"]


def test_the_one_that_changes_is_blamed_and_not_one_that_runs_beside_it(make: Callable[..., Bench]) -> None:
    for _ in range(5):
        bench = make(fingerprint=fingerprint)
        kinds = {f"k{each}": ("Keep", {}) for each in range(4)} | {"s": ("Spoil", {"times": 1000})}
        links = [f"box.BOX > {name}.box" for name in kinds]
        ran = bench.run(document({"box": ("MakeBox", {}), **kinds}, *links), list(kinds))
        assert ran.failed == {"s"}


@pytest.mark.parametrize("kind", ["SpoilACopy", "SpoilALazyCopy"])
@pytest.mark.parametrize("check", [None, fingerprint])
def test_a_node_that_declares_it_gets_a_copy(make: Callable[..., Bench], kind: str, check: Any) -> None:
    bench = make(fingerprint=check)
    assert bench.value(spoiling(kind), "n") == 6
    assert bench.value(spoiling("Keep"), "n") == 5


def test_without_the_check_nothing_is_looked_at(make: Callable[..., Bench]) -> None:
    assert make().run(spoiling("Spoil"), ["n"]).finished.status == "succeeded"


@pytest.mark.parametrize("names", [("bux",), "box"])
def test_mutates_must_name_inputs(names: Any) -> None:
    with pytest.raises(misuse.UnknownInput, match="mutates= names inputs, of box"):

        @node(mutates=names)
        def wrong(box: Box) -> int:
            return 0
