"""Documents of every stage of the format load, come forward, are planned without a word, and run."""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import graph.workflow
from graph import node
from graph.migrate import formerly, read_current
from graph.plan import plan
from graph.workflow import read_document
from tests.nodes.bench import ROOT, Bench
from tests.nodes.test_templates import UPSCALER, shortened

MUSEUM = sorted((ROOT / "tests/museum").glob("*.json"))
STEPS = {
    "01_first_text_to_image": 7,
    "02_first_upscale": 4,
    "03_first_sweep": 24,
    "04_first_prompt_rules": 8,
    "05_first_lists": 13,
    "06_annotated": 3,
    "07_subgraphs_and_zones": 4,
    "08_renamed_nodes": 6,
}
"""Of each document, how many its plan has."""


@formerly("MuseumAdd", inputs={"first": "a", "second": "b"}, outputs={"SUM": "total"})
@node(id="MuseumSum", outputs=["total"])
def museum_sum(a: int, b: int = 0) -> int:
    return a + b


@formerly("MuseumShow")
@node(id="MuseumEnd", sink=True)
def museum_end(value: int) -> None:
    return None


def document_of(path: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return made


@pytest.fixture
def old(bench: Bench) -> Bench:
    """The built-in nodes, and two that have other names today."""
    bench.registry.take([museum_sum, museum_end], "test")
    shutil.copy(UPSCALER, bench.root / "models/upscale_models")
    return bench


@pytest.mark.parametrize("path", MUSEUM, ids=lambda path: path.stem)
def test_a_document_of_before_is_read_whole_and_planned_without_problems(old: Bench, path: Path) -> None:
    document = document_of(path)
    before = copy.deepcopy(document)
    workflow, problems = read_current(document, old.registry.now.renames)
    assert workflow is not None and not problems
    planned = plan(workflow, old.registry, folders=old.folders)
    assert planned.problems == ()
    assert len(planned.steps) == STEPS[path.stem]
    assert document == before
    saved = workflow.to_json()
    assert list(saved) == list(before)
    if path.stem != "08_renamed_nodes":
        assert saved == before


@pytest.mark.parametrize("path", MUSEUM, ids=lambda path: path.stem)
def test_a_document_of_before_runs(old: Bench, path: Path) -> None:
    workflow, _ = read_current(document_of(path), old.registry.now.renames)
    assert workflow is not None
    ran = old.run(shortened(workflow.to_json()))
    assert ran.finished.status == "succeeded", ran.finished.problems


def test_what_was_renamed_runs_with_its_values(old: Bench) -> None:
    workflow, _ = read_current(
        document_of(ROOT / "tests/museum/08_renamed_nodes.json"), old.registry.now.renames
    )
    assert workflow is not None
    assert workflow.to_json()["parameters"][0]["input"] == "a"
    ran = old.run(workflow.to_json())
    planned = plan(workflow, old.registry, folders=old.folders, cache=old.cache)
    values = {step.id: old.cache.get(step.key).outputs for step in planned.steps if step.type == "MuseumSum"}
    assert len(ran.did_run) == 6
    assert sorted(values.values()) == [(3,), (4,), (7,), (8,)]


def test_an_older_version_comes_forward_by_one_pure_function_for_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def titled(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "title": document.get("title", "") + "!", "version": 2}

    def untitled(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "title": document["title"] + "?", "version": 3}

    monkeypatch.setattr(graph.workflow, "VERSION", 3)
    monkeypatch.setattr(graph.workflow, "MIGRATIONS", {1: titled, 2: untitled})
    document = document_of(MUSEUM[0])
    before = copy.deepcopy(document)
    workflow, problems = read_document(document)
    assert workflow is not None and not problems
    assert (workflow.title, workflow.to_json()["version"]) == ("Text to image!?", 3)
    assert document == before
