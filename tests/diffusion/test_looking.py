"""What lies on a wire, as plain data and as pictures."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
import torch
from PIL import Image

from diffusion import looking
from diffusion.values import Area, Cond, Latent
from graph.curves import Curve


def read(made: tuple[str, bytes] | None) -> Image.Image:
    assert made is not None
    return Image.open(io.BytesIO(made[1]))


def test_plain_values_are_told_as_they_are():
    assert looking.describe(None) == {"kind": "nothing"}
    assert looking.describe(True) == {"kind": "truth", "value": True}
    assert looking.describe(2.5) == {"kind": "number", "value": 2.5}
    assert looking.describe("a fox") == {"kind": "text", "value": "a fox", "length": 5}
    assert looking.describe((14.6, 0.0)) == {"kind": "numbers", "count": 2, "value": [14.6, 0.0]}


def test_what_has_words_of_its_own_is_told_in_them():
    curve = Curve(((0.0, 8.0), (1.0, 2.5)), "smooth")
    assert looking.describe(curve) == {"kind": "text", "value": "0: 8 → 1: 2.5, smooth", "length": 21}


def test_a_long_text_and_a_long_list_are_cut_and_say_how_long_they_are():
    text = looking.describe("x" * (looking.LONGEST_TEXT + 5))
    assert len(text["value"]) == looking.LONGEST_TEXT and text["length"] == looking.LONGEST_TEXT + 5
    listed = looking.describe(["a"] * 100)
    assert (listed["kind"], listed["count"], len(listed["items"])) == ("list", 100, looking.MOST_ITEMS)


def test_a_picture_tells_its_numbers_and_counts_those_that_are_none():
    picture = torch.zeros(2, 4, 8, 3)
    picture[0, 0, 0] = torch.tensor([1.0, float("nan"), float("inf")])
    told = looking.describe(picture)
    assert (told["kind"], told["pictures"]) == ("image", 2)
    tensor = told["tensor"]
    assert {name: tensor[name] for name in ("shape", "dtype", "min", "max", "nan", "inf")} == {
        "shape": [2, 4, 8, 3],
        "dtype": "float32",
        "min": 0.0,
        "max": 1.0,
        "nan": 1,
        "inf": 1,
    }
    assert tensor["mean"] == pytest.approx(1 / 190)


def test_statistics_read_in_parts_are_those_of_all(monkeypatch: pytest.MonkeyPatch):
    numbers = torch.randn(10, 100, generator=torch.Generator().manual_seed(1))
    whole = looking.statistics(numbers)
    assert whole["deviation"] == pytest.approx(float(numbers.std(correction=0)), rel=1e-5)
    monkeypatch.setattr(looking, "AT_ONCE", 33)
    parts = looking.statistics(numbers)
    assert parts.pop("shape") == whole.pop("shape") and parts.pop("dtype") == whole.pop("dtype")
    assert parts == pytest.approx(whole)
    monkeypatch.setattr(looking, "MOST_READ", 500)
    assert looking.statistics(numbers)["every"] == 2


def test_a_tensor_without_numbers_tells_its_shape_only():
    assert looking.statistics(torch.zeros(0, 3)) == {"shape": [0, 3], "dtype": "float32"}
    none = looking.statistics(torch.full((2,), float("nan")))
    assert none == {"shape": [2], "dtype": "float32", "nan": 2, "inf": 0}


def test_conditioning_tells_its_entries():
    entries = (Cond(torch.zeros(1, 77, 8)), Cond(torch.ones(1, 154, 8), area=Area(0, 0, 8, 8), strength=0.5))
    told = looking.describe(entries)
    assert (told["kind"], told["count"], told.get("pictures")) == ("conditioning", 2, None)
    first, second = (each["fields"] for each in told["items"])
    assert first["tensor"]["tensor"]["shape"] == [1, 77, 8] and "area" not in first
    assert second["strength"]["value"] == 0.5 and second["area"]["fields"]["height"]["value"] == 8


def test_networks_and_objects_tell_what_they_hold_without_end():
    @dataclass
    class Nested:
        network: torch.nn.Module
        inner: object

    value: object = torch.nn.Linear(3, 2)
    network = looking.describe(value)
    assert network == {
        "kind": "network",
        "class": "Linear",
        "weights": 8,
        "bytes": 32,
        "dtype": "float32",
    }
    for _ in range(20):
        value = Nested(torch.nn.Linear(1, 1), value)
    assert json.dumps(looking.describe(value)).count("Nested") <= looking.DEEPEST + 1
    assert looking.describe(object()) == {"kind": "other", "class": "object"}


def test_each_picture_of_a_batch_and_of_a_list_is_drawn():
    grey = torch.linspace(0, 1, 3).view(3, 1, 1, 1).expand(3, 4, 6, 3)
    assert read(looking.picture(grey, 1)).getpixel((0, 0)) == (128, 128, 128)
    listed = [grey[:1], grey[1:]]
    assert looking.count_pictures(listed) == 3
    assert read(looking.picture(listed, 2)).getpixel((0, 0)) == (255, 255, 255)
    assert looking.picture(listed, 3) is None and looking.picture("text", 0) is None


def test_of_a_list_that_makes_its_items_only_the_first_are_made():
    made: list[int] = []

    class Read(Sequence[torch.Tensor]):
        def __len__(self) -> int:
            return 1000

        def __getitem__(self, place):
            made.append(place)
            return torch.full((1, 4, 4, 3), place / 1000)

    told = looking.describe(Read())
    assert (told["kind"], told["count"], told["pictures"]) == ("list", 1000, 1000)
    assert len(told["items"]) == looking.MOST_MADE and set(made) == {0, 1, 2, 3}
    assert read(looking.picture(Read(), 500)).getpixel((0, 0)) == (128, 128, 128)
    assert looking.picture(Read(), 1000) is None


def test_a_small_picture_is_no_larger_than_asked():
    media, data = looking.picture(torch.rand(1, 40, 80, 3), 0, 16) or ("", b"")
    assert media == "image/webp" and Image.open(io.BytesIO(data)).size == (16, 8)


def test_masks_are_grey_and_latents_are_sketched_with_their_mask_in_red():
    mask = torch.zeros(1, 4, 4)
    mask[:, :2] = 1
    assert read(looking.picture(mask, 0)).getpixel((0, 0)) == 255
    plain = read(looking.picture(Latent(torch.zeros(1, 4, 4, 4)), 0)).getpixel((0, 0))
    masked = read(looking.picture(Latent(torch.zeros(1, 4, 4, 4), noise_mask=mask), 0))
    assert masked.getpixel((0, 3)) == plain and masked.getpixel((0, 0))[0] > plain[0]
    assert read(looking.picture(Latent(torch.ones(1, 16, 4, 4)), 0)).getpixel((0, 0)) == (255, 255, 255)
