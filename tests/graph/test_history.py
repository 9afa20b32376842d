"""A miss names the one change that caused it."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest

from graph import File, node
from graph.cache import Entry
from graph.history import BUDGET_BYTES, History
from graph.nodetype import node_type
from tests.graph.sample import Bench, chain, document, registry_of


@node()
def write(text: str = "") -> str:
    return text


@node()
def load(file: Annotated[Path, File("loras")]) -> int:
    return file.stat().st_size


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    made = make_bench()
    for function in (write, load):
        made.registry.add(node_type(function))
    return made


def reasons(bench: Bench, given: Any, targets: list[str] | None = None) -> dict[str, str]:
    return {step.id: step.reason for step in bench.plan(given, targets).steps if step.state == "will_run"}


def test_a_changed_literal_is_named_with_both_values_and_below_it_the_node_above(bench: Bench) -> None:
    given = chain(4)
    assert set(reasons(bench, given).values()) == {"not run before"}
    bench.run(given)
    assert reasons(bench, given) == {}
    given["nodes"][1]["inputs"]["b"] = 25
    assert reasons(bench, given) == {
        "n1": "b changed from 1 to 25",
        "n2": "the result of n1 changed",
        "show": "the result of n2 changed",
    }


def test_the_last_run_counts_whether_it_computed_or_found(bench: Bench) -> None:
    def ask(value: int) -> Any:
        return document({"n": ("Number", {"value": value})})

    for value in (20, 25, 20):
        bench.run(ask(value), ["n"])
    assert reasons(bench, ask(30), ["n"]) == {"n": "value changed from 20 to 30"}


def test_several_changes_are_counted(bench: Bench) -> None:
    bench.run(document({"a": ("Number", {}), "s": ("Add", {"b": 1})}, "a.INT > s.a"), ["s"])
    given = document({"a": ("Number", {"value": 2}), "s": ("Add", {"b": 3})}, "a.INT > s.a")
    assert reasons(bench, given, ["s"])["s"] == "b changed from 1 to 3 (and 1 more)"


def test_long_texts_are_shown_where_they_differ(bench: Bench) -> None:
    long = "a photograph of an astronaut who rides "
    bench.run(document({"w": ("Write", {"text": long + "a horse"})}), ["w"])
    shown = reasons(bench, document({"w": ("Write", {"text": long + "a mule"})}), ["w"])["w"]
    assert shown == "text changed from …o rides a horse' to …o rides a mule'"
    huge = "x" * 100_000
    bench.run(document({"w": ("Write", {"text": huge + "a"})}), ["w"])
    shown = reasons(bench, document({"w": ("Write", {"text": huge + "b"})}), ["w"])["w"]
    assert shown.startswith("text changed from …")
    assert len(shown) < 200


@pytest.mark.parametrize(
    ("links", "reason"),
    [
        (["b.INT > t.items"], "items is linked to b.INT instead of a.INT"),
        (["a.INT > t.items", "b.INT > t.items"], "the links into items changed"),
        ([], "items is no longer linked"),
        (["a.INT > t.items", "b.INT > t.plus"], "plus is linked now"),
    ],
)
def test_changed_wires_are_named(bench: Bench, links: list[str], reason: str) -> None:
    nodes = {"a": ("Number", {"value": 1}), "b": ("Number", {"value": 2}), "t": ("Total", {})}
    bench.run(document(nodes, "a.INT > t.items"), ["t"])
    assert reasons(bench, document(nodes, *links), ["t"])["t"] == reason


def test_another_file_and_the_same_file_with_other_content(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "loras"
    folder.mkdir(parents=True)
    (folder / "a.safetensors").write_bytes(b"one")
    (folder / "b.safetensors").write_bytes(b"three")
    given = document({"l": ("Load", {"file": "a.safetensors"})})
    bench.run(given, ["l"])
    other = document({"l": ("Load", {"file": "b.safetensors"})})
    assert reasons(bench, other, ["l"]) == {"l": "file changed from a.safetensors to b.safetensors"}
    (folder / "a.safetensors").write_bytes(b"other")
    assert reasons(bench, given, ["l"]) == {"l": "the file a.safetensors changed"}


def test_changed_code_is_named(bench: Bench) -> None:
    given = document({"w": ("Write", {})})
    bench.run(given, ["w"])

    @node(id="Write")
    def changed(text: str = "") -> str:
        return text.upper()

    bench.registry = registry_of(changed, folders=bench.folders)
    assert reasons(bench, given, ["w"]) == {"w": "the code of Write changed"}


def test_a_changed_fingerprint_is_named(bench: Bench) -> None:
    now = [1]

    @node(pure=False, fingerprint=lambda: now[0])
    def clock() -> int:
        return now[0]

    bench.registry.add(node_type(clock))
    given = document({"c": ("Clock", {})})
    bench.run(given, ["c"])
    now[0] = 2
    assert reasons(bench, given, ["c"]) == {"c": "its fingerprint changed"}


def test_what_left_the_cache_says_why(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(budget=250)
    first, second = (document({"n": ("Number", {"value": value})}) for value in (1, 2))
    bench.run(first, ["n"])
    for each in range(2):
        bench.cache.put(str(each), Entry((each,), (), 10**9))
    assert reasons(bench, first, ["n"]) == {"n": "evicted: the cache was full"}
    assert reasons(bench, second, ["n"]) == {"n": "value changed from 1 to 2"}
    small = make_bench(budget=10)
    small.run(first, ["n"])
    assert reasons(small, first, ["n"]) == {"n": "not kept: larger than the whole cache"}
    bench.run(first, ["n"])
    bench.cache.clear()
    assert reasons(bench, first, ["n"]) == {"n": "no longer in the cache"}


def test_a_failed_step_says_so_and_what_waited_for_it_was_not_run(bench: Bench) -> None:
    given = document({"f": ("Fail", {}), "s": ("Show", {})}, "f.INT > s.value")
    bench.run(given)
    assert reasons(bench, given) == {"f": "it failed the last time", "s": "not run before"}


def test_the_memory_of_recipes_is_bounded(bench: Bench) -> None:
    made = [step.made_of for step in bench.plan(chain(400)).steps if step.made_of is not None]
    history = History(100_000)
    history.note(made)
    assert 50 < len(history) < 250
    assert history.reason(made[0]) == "not run before, or long ago"
    assert history.reason(made[-1]) == "no longer in the cache"
    huge = document({f"w{each}": ("Write", {"text": f"{each}" * 10**6}) for each in range(5)})
    history.note(step.made_of for step in bench.plan(huge, ["w0", "w1", "w2"]).steps if step.made_of)
    assert history.bytes < 100_000 < BUDGET_BYTES
    for each in range(25_000):
        history.lose(str(each), "gone")
    assert len(history._lost) <= 20_000
