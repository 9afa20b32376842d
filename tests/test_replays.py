"""Replays from the command line: a saved picture is made again from the picture alone."""

import signal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

import server
from tests.graph.sample import document, subgraph
from tests.nodes.bench import changed, template
from tests.nodes.tiny import write_checkpoint
from tests.test_server import save, tessera


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "models/checkpoints").mkdir(parents=True)
    return tmp_path


def test_a_picture_is_made_again_to_the_bit_by_another_process(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the picture alone; one that was painted over is told from it."""
    write_checkpoint(root / "models/checkpoints/tiny.safetensors")
    workflow = changed(
        template("text_to_image"),
        loader={"ckpt_name": "tiny.safetensors"},
        sampler={"steps": 2},
        size={"width": 64, "height": 64, "batch_size": 2},
    )
    done = tessera("run", save(root, workflow), "--root", root)
    assert done.returncode == 0, done.stderr
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    picture = root / "output/Tessera_00002_.png"
    (root / "workflow.json").unlink()
    assert server.main(["replay", str(picture), "--verify", "--root", str(root)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "bit-exact"
    told = {line.partition(":")[0] for line in said[1:]}
    assert not {"noise", "engine.numerics.dtype", "files.tiny.safetensors", "nodes.KSampler.code"} & told
    with Image.open(picture) as image:
        texts = PngImagePlugin.PngInfo()
        for name, text in image.text.items():  # type: ignore[attr-defined]
            texts.add_itxt(name, text)
        image.point(lambda value: value ^ 1).save(picture, pnginfo=texts)
    assert server.main(["replay", str(picture), "--verify", "--root", str(root)]) == server.DIFFERS
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == [
        "PSNR 48.13 dB, at most 1 of 255 apart",
        "the saved picture is not what was saved: its pixels were changed since",
    ]
    assert sorted(path.name for path in (root / "output").iterdir()) == [
        "Tessera_00001_.png",
        "Tessera_00002_.png",
    ]


def test_what_cannot_be_replayed_says_why(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (4, 4)).save(root / "plain.png")
    for name, told in (("plain.png", "holds no Tessera workflow"), ("missing.png", "cannot be read")):
        assert server.main(["replay", str(root / name), "--verify", "--root", str(root)]) == 1
        assert told in capsys.readouterr().err


def test_a_picture_that_a_turn_of_a_zone_saved_is_found_again(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    body = subgraph(
        "z", "colour:INT+each", "",
        {"image": ("EmptyImage", {"width": 8, "height": 8}), "save": ("SaveImage", {})},
        "@in.colour > image.color", "image.IMAGE > save.images", kind="map",
    )  # fmt: skip
    nodes: dict[str, Any] = {"colours": ("ListOfNumbers", {"count": 3, "step": 40}), "zone": ("@z", {})}
    given = document(nodes, "colours.list > zone.colour")
    workflow = save(root, {**given, "subgraphs": [body]})
    assert server.main(["run", str(workflow), "--root", str(root)]) == 0
    for number in (1, 2, 3):
        picture = root / f"output/Tessera_{number:05}_.png"
        assert server.main(["replay", str(picture), "--verify", "--root", str(root)]) == 0
        assert capsys.readouterr().out.splitlines()[0] == "bit-exact"
