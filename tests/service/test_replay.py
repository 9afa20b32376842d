"""Verdicts of replays: what is the same, what differs, and by how much."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from diffusion.pixels import difference, pixel_digest
from service.protocol import Refusal
from service.replay import Verdict, judge, read_saved

DOCUMENT = {"format": "tessera.workflow", "version": 1, "nodes": [], "links": []}
LOCK: dict[str, Any] = {
    "format": "tessera.lock",
    "engine": {"packages": {"torch": "2.13.0"}, "numerics": {"device": "cpu"}},
    "noise": ["native"],
    "files": {"a.safetensors": "abc"},
    "picture": 0,
}


def picture(shade: int = 100, size: tuple[int, int] = (8, 4)) -> Image.Image:
    return Image.new("RGB", size, (shade, 50, 200))


def saved(path: Path, image: Image.Image, lock: object = LOCK, **changed: object) -> Path:
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("tessera", json.dumps(DOCUMENT), zip=True)
    if lock is not None:
        own = {**lock, "output": pixel_digest(image), **changed} if isinstance(lock, dict) else lock
        texts.add_itxt("lock", own if isinstance(own, str) else json.dumps(own), zip=True)
    image.save(path, pnginfo=texts)
    return path


def verdict(one: Path, other: Path) -> Verdict:
    return judge(one, other, compare=difference, digest=pixel_digest)


def test_the_same_picture_is_bit_exact_whatever_the_file_is(tmp_path: Path) -> None:
    one = saved(tmp_path / "one.png", picture())
    other = tmp_path / "other.png"
    texts = PngImagePlugin.PngInfo()
    texts.add_text("tessera", json.dumps(DOCUMENT))
    texts.add_text("lock", json.dumps({**LOCK, "output": pixel_digest(picture())}))
    picture().save(other, pnginfo=texts, compress_level=0)
    assert verdict(one, other) == Verdict(True, ("bit-exact",))


def test_another_picture_says_how_far_and_which_fields_differ(tmp_path: Path) -> None:
    engine = {"packages": {"torch": "2.14.0"}, "numerics": {"device": "cuda", "card": "H100"}}
    one = saved(tmp_path / "one.png", picture())
    other = saved(tmp_path / "other.png", picture(103), engine=engine, noise=["a1111"], files={})
    psnr = 10 * math.log10(255**2 / (9 / 3))
    assert verdict(one, other) == Verdict(
        False,
        (
            f"PSNR {psnr:.2f} dB, at most 3 of 255 apart",
            "engine.numerics.card: 'missing' then, 'H100' now",
            "engine.numerics.device: 'cpu' then, 'cuda' now",
            "engine.packages.torch: '2.13.0' then, '2.14.0' now",
            "files.a.safetensors: 'abc' then, 'missing' now",
            "noise: '[\"native\"]' then, '[\"a1111\"]' now",
        ),
    )


def test_another_size_is_another_picture(tmp_path: Path) -> None:
    one, other = saved(tmp_path / "1.png", picture()), saved(tmp_path / "2.png", picture(size=(8, 8)))
    assert verdict(one, other) == Verdict(False, ("another picture: 8 x 4 RGB then, 8 x 8 RGB now",))


def test_a_picture_that_was_painted_over_is_told(tmp_path: Path) -> None:
    one = saved(tmp_path / "one.png", picture(90), output=pixel_digest(picture()))
    found = verdict(one, saved(tmp_path / "other.png", picture()))
    assert not found.is_exact
    assert "its pixels were changed since" in found.lines[1]


@pytest.mark.parametrize("lock", [None, "{torn", "[]"])
def test_a_picture_without_a_lock_is_compared_all_the_same(tmp_path: Path, lock: object) -> None:
    one = saved(tmp_path / "one.png", picture(), lock)
    found = verdict(one, saved(tmp_path / "other.png", picture()))
    assert found.is_exact
    assert found.lines[1:] == ("the picture carries no lock: what it depended on is not known",)


@pytest.mark.parametrize(("picture_number", "place"), [(2, 2), (-1, 0), ("x", 0), (None, 0)])
def test_the_lock_says_which_of_a_batch_it_is(tmp_path: Path, picture_number: object, place: int) -> None:
    assert read_saved(saved(tmp_path / "one.png", picture(), picture=picture_number)).place == place


def test_a_picture_without_a_document_is_refused(tmp_path: Path) -> None:
    picture().save(tmp_path / "one.png")
    with pytest.raises(Refusal):
        read_saved(tmp_path / "one.png")
