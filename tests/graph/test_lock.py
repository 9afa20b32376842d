"""What made a result: the node types and files of all that is above it, and of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from graph import Context, File, node
from graph.context import MadeBy
from graph.folders import Folders
from tests.graph.sample import Bench, add, document, number

SEEN: list[MadeBy] = []


@node(version=3)
def load(name: Annotated[Path, File("checkpoints")]) -> int:
    return len(name.read_bytes())


def named(literals: Mapping[str, object], folders: Folders) -> list[Path]:
    return [folders.resolve("checkpoints", str(literals["text"]))]


@node(files=named)
def prompt(text: str = "") -> int:
    return len(text)


@node(sink=True, pure=False)
def keep(value: int, context: Context) -> None:
    SEEN.append(context.made_by())


def test_a_sink_knows_the_types_and_files_above_it(make_bench: Callable[..., Bench], tmp_path: Path) -> None:
    bench = make_bench(load, prompt, number, add, keep)
    models = tmp_path / "models/checkpoints"
    models.mkdir(parents=True)
    for name in ("a.pt", "b.pt", "other.pt"):
        (models / name).write_text(name)
    nodes: dict[str, Any] = {
        "load": ("Load", {"name": "a.pt"}),
        "prompt": ("Prompt", {"text": "b.pt"}),
        "sum": ("Add", {}),
        "keep": ("Keep", {}),
        "else": ("Load", {"name": "other.pt"}),
        "number": ("Number", {}),
    }
    links = ("load.INT > sum.a", "prompt.INT > sum.b", "sum.INT > keep.value")
    SEEN.clear()
    assert bench.run(document(nodes, *links), ["number", "else", "keep"]).finished.status == "succeeded"
    types = bench.registry.types
    assert [
        MadeBy(
            {
                name: {"version": types[name].version, "code": types[name].code}
                for name in ("Add", "Keep", "Load", "Prompt")
            },
            {"a.pt": models / "a.pt", "b.pt": models / "b.pt"},
        )
    ] == SEEN
    assert types["Load"].version == 3
