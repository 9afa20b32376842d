"""A node's key covers the files that its code opens by itself."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from graph import Context, NodeError, node
from graph.folders import Folders
from tests.graph.sample import Bench, document


def mentioned(literals: Mapping[str, object], folders: Folders) -> Iterable[Path]:
    """The words of a text that are files; all files where the text is not known yet."""
    text = literals.get("text")
    for name in folders.names("words"):
        if not isinstance(text, str) or name.removesuffix(".pt") in text.split():
            yield folders.resolve("words", name)
    if text == "gone":
        raise NodeError("there is no gone", code="word_not_found", input="text", remedy="Take another.")


@node(files=mentioned)
def spell(context: Context, text: str = "") -> str:
    """The words, those that are files replaced by what they hold."""
    found = {name.removesuffix(".pt"): context.resolve("words", name) for name in context.names("words")}
    return " ".join(found[word].read_text() if word in found else word for word in text.split())


@node()
def said(text: str = "") -> str:
    return text


@pytest.fixture
def bench(make_bench: Callable[..., Bench], tmp_path: Path) -> Bench:
    (tmp_path / "models/words").mkdir(parents=True)
    (tmp_path / "models/words/cat.pt").write_text("Felis")
    return make_bench(spell, said)


LITERAL = document({"a": ("Spell", {"text": "a cat"})})
LINKED = document({"b": ("Said", {"text": "a cat"}), "a": ("Spell", {})}, "b.STRING > a.text")


@pytest.mark.parametrize("given", [LITERAL, LINKED], ids=["literal", "linked"])
def test_changed_file_runs_the_node_again_and_only_then(bench: Bench, given: dict[str, object]) -> None:
    assert bench.value(given, "a") == "a Felis"
    assert bench.run(given, ["a"]).did_run == set()
    (bench.folders.folder("words") / "cat.pt").write_text("Felis catus")
    (step,) = (step for step in bench.plan(given, ["a"]).steps if step.id == "a")
    assert (step.state, step.reason) == ("will_run", "the file cat.pt changed")
    assert bench.value(given, "a") == "a Felis catus"
    assert bench.run(given, ["a"]).did_run == set()


@pytest.mark.parametrize(("given", "again"), [(LITERAL, set()), (LINKED, {"a"})], ids=["literal", "linked"])
def test_another_file_matters_only_where_the_text_is_not_known(
    bench: Bench, given: dict[str, object], again: set[str]
) -> None:
    bench.run(given, ["a"])
    (bench.folders.folder("words") / "dog.pt").write_text("Canis")
    assert bench.run(given, ["a"]).did_run == again


def test_what_is_missing_is_a_problem_before_anything_runs(bench: Bench) -> None:
    (problem,) = bench.plan(document({"a": ("Spell", {"text": "gone"})}), ["a"]).problems
    assert (problem.code, problem.node, problem.input) == ("word_not_found", "a", "text")
    assert (problem.message, problem.remedy) == ("Spell.text: there is no gone", "Take another.")


def test_function_that_fails_is_a_problem(make_bench: Callable[..., Bench]) -> None:
    def broken(literals: Mapping[str, object], folders: Folders) -> Iterable[Path]:
        raise OSError("the disk is gone")

    @node(files=broken)
    def stamped() -> int:
        return 0

    (problem,) = make_bench(stamped).plan(document({"s": ("Stamped", {})}), ["s"]).problems
    assert (problem.code, problem.node) == ("input_not_checked", "s")
