"""`server.py nodes test`, `new`, `doc` and `packs`, as people call them."""

from pathlib import Path

import pytest

import server
from tests.nodes.tiny import write_checkpoint

ALONE = '''"""Nodes that are ours."""
from typing import Annotated
from graph import Range, node
from nodes.types import Image

@node()
def twice(image: Image, by: Annotated[float, Range(0, 4), "how much|more"] = 2.0) -> Image:
    """Multiply.

    What is white already stays white.
    """
    return (image * by).clamp(0, 1)
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_checkpoint(tmp_path / "models/checkpoints/tiny.safetensors")
    (tmp_path / "custom_nodes").mkdir()
    return tmp_path


def nodes(root: Path, *arguments: str) -> int:
    return server.main(["nodes", *arguments, "--root", str(root)])


def test_a_new_pack_is_written_tried_and_listed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert nodes(root, "new", "mine") == 0
    assert (root / "custom_nodes/mine.py").is_file()
    assert nodes(root, "new", "mine") == 1
    assert "is there already" in capsys.readouterr().err
    assert nodes(root, "test", "mine") == 0
    table = capsys.readouterr().out.splitlines()
    assert table[1].split() == ["MineGrain", "5", *["yes"] * 5]
    assert table[-1] == "2 nodes: 2 passed, 0 failed, 0 not tried"
    (root / "custom_nodes/broken.py").write_text("1 / 0")
    assert nodes(root, "packs") == 0
    assert capsys.readouterr().out.splitlines() == ["broken.py", "mine.py"]


def test_a_pack_that_breaks_a_rule_or_does_not_load_fails(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "custom_nodes/bad.py").write_text(ALONE.replace(".clamp(0, 1)", ""))
    assert nodes(root, "test", "bad.py") == 1
    assert "types: IMAGE: an IMAGE lies in 0..1" in capsys.readouterr().out
    (root / "custom_nodes/bad.py").write_text("import nothing_of_this_name")
    assert nodes(root, "test", "bad") == 1
    said = capsys.readouterr().err
    assert "nothing_of_this_name" in said and "bad.py declares no nodes" in said
    assert nodes(root, "test", "bat") == 1
    assert "Did you mean bad?" in capsys.readouterr().err
    assert nodes(root, "test") == 1
    assert "needs the name of a pack" in capsys.readouterr().err


def test_the_page_of_a_pack_says_what_its_nodes_take_and_give(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "custom_nodes/ours.py").write_text(ALONE)
    assert nodes(root, "doc", "ours", "-o", str(root / "page.md")) == 0
    page = (root / "page.md").read_text()
    assert page == (
        "# ours\n\nNodes that are ours.\n\n### Twice\nMultiply.\n\nWhat is white already stays white.\n\n"
        "| input | type | default | |\n|---|---|---|---|\n| `image` | IMAGE |  |  |\n"
        "| `by` | FLOAT | `2.0` | how much\\|more; 0 to 4 |\n\nGives `IMAGE`.\n"
    )
    assert nodes(root, "doc", "ours") == 0
    assert capsys.readouterr().out == page + "\n"
    assert nodes(root, "doc", "ours", "-o", str(root / "nowhere/page.md")) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_safe_mode_lists_packs_and_imports_none(root: Path) -> None:
    (root / "custom_nodes/first.py").write_text("1 / 0")
    (root / "custom_nodes/second").mkdir()
    (root / "custom_nodes/second/__init__.py").write_text("raise SystemExit")
    engine = server.make_engine(server.make_folders(root), custom_nodes=True, safe_mode=True)
    engine.load()
    assert "KSampler" in engine.registry.types and not engine.registry.refresh()
    assert [(each.code, each.severity, each.message) for each in engine.registry.problems] == [
        ("pack_not_loaded", "warning", f"custom_nodes/{name} is not loaded: this is safe mode")
        for name in ("first.py", "second")
    ]
    parsed = server.make_parser(server.COMMANDS, root=root, about="", formats=("ui",))
    assert parsed.parse_args(["serve", "--safe-mode"]).safe_mode
