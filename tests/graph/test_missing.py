"""A model file that is not there: its Problem ranks what may stand in for it."""

from pathlib import Path
from typing import Annotated, Any

import pytest

from graph import File, Inferred, SocketType, node
from graph.folders import Folders
from graph.infer import Seen
from graph.plan import plan
from graph.problems import Problem
from graph.registry import Registry
from graph.workflow import read_document

LOADED = SocketType("LOADED", "#888888")


def family(seen: Seen) -> Inferred:
    """Said in the file itself."""
    path = seen.file("name")
    return Inferred({"LOADED": {"family": path.read_text().partition(" ")[0]}} if path else {})


@node(category="test", infer=family, sink=True)
def loader(name: Annotated[Path, File("checkpoints")]) -> Annotated[object, LOADED]:
    """Load."""
    return name.read_text()


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    (tmp_path / "models/checkpoints").mkdir(parents=True)
    return Folders(tmp_path)


def put(folders: Folders, name: str, text: str, *, read: bool = True, kind: str = "checkpoints") -> str:
    """A file's sha256."""
    path = folders.folder(kind) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    known = folders.read(kind, name) if read else None
    return known.sha256 if known else ""


def problem_of(folders: Folders, name: str, **said: Any) -> Problem:
    registry = Registry(folders)
    registry.add(loader.__node_type__)
    models = [{"folder": "checkpoints", "name": name, **said}] if said else []
    nodes = [{"id": "loader", "type": "Loader", "inputs": {"name": name}}]
    document = {"format": "tessera.workflow", "version": 1, "nodes": nodes, "links": [], "models": models}
    workflow, _ = read_document(document)
    assert workflow is not None
    (problem,) = plan(workflow, registry, folders=folders).problems
    assert (problem.code, problem.node, problem.input, problem.given) == (
        "file_not_found", "loader", "name", name,
    )  # fmt: skip
    assert problem.message == f"Loader.name: there is no file {name!r} in checkpoints"
    return problem


def labels(problem: Problem) -> list[str]:
    return [fix.label for fix in problem.fixes]


def test_the_same_content_under_another_name_comes_first(folders: Folders) -> None:
    sha256 = put(folders, "deep/renamed.ckpt", "sd1 this")
    put(folders, "other/model.ckpt", "sd1 another")
    put(folders, "model_2.ckpt", "sd1 like it")
    problem = problem_of(folders, "model.ckpt", sha256=sha256, bytes=8)
    assert labels(problem) == [
        "Use deep/renamed.ckpt, the same file", "Use other/model.ckpt, another file of this name",
    ]  # fmt: skip
    assert problem.fixes[0].patch == (
        {"op": "set_input", "node": "loader", "input": "name", "value": "deep/renamed.ckpt"},
    )
    assert problem.remedy == "deep/renamed.ckpt is the same file: use it."
    assert problem.expected == f"a file of the folder checkpoints with the sha256 {sha256[:10]}"


def test_a_short_hash_is_enough_to_know_a_file(folders: Folders) -> None:
    sha256 = put(folders, "renamed.ckpt", "sd1 this")
    assert labels(problem_of(folders, "model.ckpt", sha256=sha256[:10].upper())) == [
        "Use renamed.ckpt, the same file"
    ]


def test_a_file_that_was_renamed_here_is_known_without_a_record(folders: Folders) -> None:
    put(folders, "model.ckpt", "sd1 this")
    folder = folders.folder("checkpoints")
    (folder / "model.ckpt").rename(folder / "renamed.ckpt")
    assert labels(problem_of(folders, "model.ckpt")) == ["Use renamed.ckpt, the same file"]


def test_a_file_of_the_same_name_in_another_folder_comes_next(folders: Folders) -> None:
    for name in ("deep/model.ckpt", "model.safetensors", "model_2.ckpt"):
        put(folders, name, "sd1", read=False)
    problem = problem_of(folders, "Old\\model.ckpt")
    assert labels(problem) == [
        "Use deep/model.ckpt, of the same name", "Use model.safetensors, of the same name",
    ]  # fmt: skip
    assert problem.remedy == "Put the file into the folder checkpoints, or choose 'deep/model.ckpt'."


def test_of_names_alike_those_of_another_architecture_are_left_out(folders: Folders) -> None:
    put(folders, "model_a.ckpt", "sd2", read=False)
    put(folders, "model_b.ckpt", "sd1", read=False)
    put(folders, "strange.ckpt", "sd1", read=False)
    assert labels(problem_of(folders, "model.ckpt", family="sd1")) == ["Set to model_b.ckpt"]
    assert set(labels(problem_of(folders, "model.ckpt"))) == {"Set to model_a.ckpt", "Set to model_b.ckpt"}


def test_where_no_name_is_alike_the_architecture_decides(folders: Folders) -> None:
    put(folders, "aaa.ckpt", "sd2", read=False)
    put(folders, "bbb.ckpt", "sd1", read=False)
    assert labels(problem_of(folders, "something.ckpt", family="sd1")) == ["Set to bbb.ckpt"]
    problem = problem_of(folders, "something.ckpt", family="x4")
    assert labels(problem) == [] and problem.remedy.endswith("checkpoints: none there fits.")
    assert labels(problem_of(folders, "something.ckpt")) == ["Set to aaa.ckpt"]


def test_the_same_file_in_a_folder_of_another_kind_is_told(folders: Folders) -> None:
    sha256 = put(folders, "x.ckpt", "sd1 this", kind="unet")
    problem = problem_of(folders, "model.ckpt", sha256=sha256)
    assert problem.remedy == "The same file is x.ckpt in the folder unet: move it to checkpoints."


def test_files_that_may_be_the_same_are_asked_for(folders: Folders) -> None:
    put(folders, "large.ckpt", "sd1 this", read=False)
    put(folders, "short.ckpt", "sd1", read=False)
    problem = problem_of(folders, "model.ckpt", sha256="0" * 64, bytes=8)
    assert problem.remedy == "Files that may be the same are being read (1): look again in a while."
    assert folders.digests.asked() == folders.resolve("checkpoints", "large.ckpt")
    assert folders.digests.asked() is None


def test_where_a_file_came_from_is_told(folders: Folders) -> None:
    put(folders, "model_2.ckpt", "sd1")
    problem = problem_of(folders, "model.ckpt", url="https://example.org/m.ckpt")
    assert (
        problem.remedy
        == "Put the file into the folder checkpoints: it comes from https://example.org/m.ckpt."
    )
    assert labels(problem) == ["Set to model_2.ckpt"]


@pytest.mark.parametrize(
    "said",
    [
        {"sha256": 7},
        {"sha256": "zz"},
        {"sha256": "abc"},
        {"bytes": "8"},
        {"url": "javascript:x"},
        {"family": []},
    ],
)
def test_a_malformed_record_says_nothing(folders: Folders, said: dict[str, Any]) -> None:
    put(folders, "aaa.ckpt", "sd1 this")
    problem = problem_of(folders, "model.ckpt", **said)
    assert (labels(problem), problem.expected) == (["Set to aaa.ckpt"], "a file of the folder checkpoints")
    assert "javascript" not in problem.remedy


@pytest.mark.parametrize("models", [7, "x", [7], [{"folder": 1}], {"a": 1}, [{"folder": "..", "name": "a"}]])
def test_strange_records_disturb_no_plan(folders: Folders, models: object) -> None:
    registry = Registry(folders)
    registry.add(loader.__node_type__)
    put(folders, "a.ckpt", "sd1")
    nodes = [{"id": "loader", "type": "Loader", "inputs": {"name": "a.ckpt"}}]
    document = {"format": "tessera.workflow", "version": 1, "nodes": nodes, "links": [], "models": models}
    workflow, problems = read_document(document)
    assert workflow is not None and not problems
    assert plan(workflow, registry, folders=folders).ok


def test_a_document_of_many_missing_files_is_planned_quickly(folders: Folders) -> None:
    registry = Registry(folders)
    registry.add(loader.__node_type__)
    for number in range(20):
        put(folders, f"{number}.ckpt", "sd1", read=False)
    nodes = [{"id": f"n{n}", "type": "Loader", "inputs": {"name": f"gone{n}.ckpt"}} for n in range(300)]
    document = {"format": "tessera.workflow", "version": 1, "nodes": nodes, "links": []}
    workflow, _ = read_document(document)
    assert workflow is not None
    assert len(plan(workflow, registry, folders=folders).problems) == 300
