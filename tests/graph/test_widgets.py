"""Widgets take what fits, make it canonical, and say what would fit."""

from pathlib import Path
from typing import Any

import pytest

from graph.folders import Folders
from graph.widgets import ChoiceWidget, FileWidget, NumberWidget, Refused, TextWidget, ToggleWidget

WHOLE = NumberWidget("int", 0, 10)
REAL = NumberWidget("float", 0, 1, 0.01)
FREE = NumberWidget("float")
MODES = ChoiceWidget(("fast", "fine"))
SIZES = ChoiceWidget((1, 2))


@pytest.mark.parametrize(
    ("widget", "value", "canonical"),
    [
        *((WHOLE, 3, 3), (WHOLE, 3.0, 3), (WHOLE, 0, 0), (WHOLE, 10, 10)),
        *((REAL, 1, 1.0), (REAL, 0.5, 0.5), (FREE, -1e300, -1e300)),
        *((NumberWidget("seed", 0, 2**64 - 1), 2**64 - 1, 2**64 - 1), (TextWidget(), "", "")),
        *((ToggleWidget(), False, False), (MODES, "fine", "fine"), (SIZES, 2, 2)),
    ],
)
def test_what_fits_becomes_canonical(widget: Any, value: object, canonical: object) -> None:
    found = widget.canonical(value, None)
    assert (found, type(found)) == (canonical, type(canonical))


@pytest.mark.parametrize(
    ("widget", "value", "code"),
    [
        *((WHOLE, -1, "value_out_of_range"), (WHOLE, 11, "value_out_of_range")),
        *((WHOLE, 2.5, "wrong_value_type"), (WHOLE, True, "wrong_value_type")),
        *((WHOLE, "3", "wrong_value_type"), (WHOLE, [3], "wrong_value_type")),
        *((WHOLE, 10**4000, "value_out_of_range"), (WHOLE, float("inf"), "wrong_value_type")),
        *((REAL, 1.01, "value_out_of_range"), (REAL, False, "wrong_value_type")),
        *((FREE, float("nan"), "wrong_value_type"), (FREE, float("inf"), "wrong_value_type")),
        *((FREE, 10**4000, "wrong_value_type"), (FREE, None, "wrong_value_type")),
        *((TextWidget(), 3, "wrong_value_type"), (ToggleWidget(), 1, "wrong_value_type")),
        *((MODES, "Fast", "value_not_a_choice"), (MODES, 3, "value_not_a_choice")),
        *((SIZES, True, "value_not_a_choice"), (SIZES, 1.0, "value_not_a_choice")),
        *((ChoiceWidget(()), "x", "value_not_a_choice"), (MODES, [], "value_not_a_choice")),
    ],
)
def test_what_does_not_fit_is_refused_by_code(widget: Any, value: object, code: str) -> None:
    with pytest.raises(Refused) as caught:
        widget.canonical(value, None)
    assert caught.value.code == code
    assert caught.value.remedy


def test_a_refusal_offers_the_nearest_value() -> None:
    offers = {}
    for widget, value in ((WHOLE, 99), (WHOLE, -99), (MODES, "Fast"), (MODES, "zzz")):
        with pytest.raises(Refused) as caught:
            widget.canonical(value, None)
        offers[value] = caught.value.instead
    assert offers == {99: (10,), -99: (0,), "Fast": ("fast",), "zzz": ("fast",)}


def test_folders_are_chosen_by_a_file_in_them(tmp_path: Path) -> None:
    widget, folders = FileWidget("diffusers", extensions=("index.json",)), Folders(tmp_path)
    for name in ("a/index.json", "deep/b/index.json", "index.json", "other/weights.bin", "a/my_index.json"):
        path = tmp_path / "models/diffusers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    assert widget.to_json(folders)["choices"] == ["a", "deep/b"]
    assert widget.canonical("deep/b", folders) == tmp_path / "models/diffusers/deep/b/index.json"
    for name, code in (("other", "file_not_found"), ("", "path_refused"), ("../diffusers/a", "path_refused")):
        with pytest.raises(Refused) as caught:
            widget.canonical(name, folders)
        assert caught.value.code == code


def test_a_picture_may_come_from_another_working_folder(tmp_path: Path) -> None:
    widget, folders = FileWidget("input", upload=True), Folders(tmp_path)
    for name in ("input/a.png", "output/sub/b.png", "models/loras/c.safetensors"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    assert widget.canonical("a.png [input]", folders) == tmp_path / "input/a.png"
    assert widget.canonical("sub/b.png [output]", folders) == tmp_path / "output/sub/b.png"
    refused = {"../output/sub/b.png [output]": "path_refused", "b.png [output]": "file_not_found"}
    for name, code in {**refused, "c.safetensors [loras]": "file_not_found"}.items():
        with pytest.raises(Refused) as caught:
            widget.canonical(name, folders)
        assert caught.value.code == code
