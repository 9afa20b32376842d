"""`server.py import` and `export`, as people use them, and the same file dropped on the editor."""

import json
import subprocess
import sys
from pathlib import Path

from graph.folders import Folders
from server import make_engine

CHECKOUT = Path(__file__).resolve().parent.parent.parent
GRAPH = CHECKOUT / "tests/data/comfy_workflows/ui/inpaint_inpaint_example.png.json"


def tessera(*arguments: object, command: str = "import") -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "server.py", command, *map(str, arguments)]
    return subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False)


def test_a_file_is_imported_without_a_server(tmp_path: Path) -> None:
    done = tessera(GRAPH, "-o", tmp_path / "out.json")
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads((tmp_path / "out.json").read_text())
    assert document["format"] == "tessera.workflow"
    assert {"from": ["3", "LATENT"], "to": ["8", "samples"]} in document["links"]
    assert json.loads(tessera(GRAPH).stdout) == document


def test_a_file_without_a_workflow_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[1, 2]")
    for path in (tmp_path / "x.json", tmp_path / "missing.json"):
        done = tessera(path)
        assert (done.returncode, done.stdout) == (1, "")
        assert "Traceback" not in done.stderr and done.stderr


def test_a_workflow_is_exported_and_comes_back(tmp_path: Path) -> None:
    path = CHECKOUT / "workflows/text_to_image.json"
    graph = tmp_path / "graph.json"
    done = tessera(path, "-o", graph, command="export")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads(graph.read_text())["version"] == 0.4
    back, document = json.loads(tessera(graph).stdout), json.loads(path.read_text())
    assert back.pop("links") and {**back, "links": document["links"]} == document
    prompt = json.loads(tessera(graph, "--format", "api", command="export").stdout)
    assert {node["class_type"] for node in prompt.values()} == {node["type"] for node in document["nodes"]}
    text = tessera(graph, "--format", "infotext", command="export").stdout
    assert "\nSteps: 20, Sampler: " in text and ", Seed: " in text
    more = tessera(CHECKOUT / "workflows/inpaint.json", "--format", "infotext", command="export")
    assert (more.returncode, more.stdout) == (1, "") and "does more than infotext can say" in more.stderr
    wrong = tessera(path, "--format", "yaml", command="export")
    assert wrong.returncode == 2 and "ui-1.0" in wrong.stderr


def test_the_service_is_handed_the_import(tmp_path: Path) -> None:
    engine = make_engine(Folders(tmp_path), custom_nodes=False)
    document = engine.import_file(GRAPH)
    assert document is not None and document["title"] == "inpaint_inpaint_example"
    assert engine.import_file(tmp_path / "missing") is None
