"""Widgets take what fits, make it canonical, and say what would fit."""

from pathlib import Path
from typing import Any

import pytest

from graph.curves import Curve
from graph.folders import Folders
from graph.widgets import (
    ChoiceWidget,
    CurveWidget,
    FileWidget,
    NumberWidget,
    Refused,
    TextWidget,
    ToggleWidget,
)

WHOLE = NumberWidget("int", 0, 10)
REAL = NumberWidget("float", 0, 1, 0.01)
FREE = NumberWidget("float")
CURVE = CurveWidget(0, 10)
SMOOTH = Curve(((0.0, 8.0), (0.5, 2.0)), "smooth")
MODES = ChoiceWidget(("fast", "fine"))
SIZES = ChoiceWidget((1, 2))


@pytest.mark.parametrize(
    ("widget", "value", "canonical"),
    [
        *((WHOLE, 3, 3), (WHOLE, 3.0, 3), (WHOLE, 0, 0), (WHOLE, 10, 10)),
        *((REAL, 1, 1.0), (REAL, 0.5, 0.5), (FREE, -1e300, -1e300)),
        *((NumberWidget("seed", 0, 2**64 - 1), 2**64 - 1, 2**64 - 1), (TextWidget(), "", "")),
        *((CURVE, SMOOTH, SMOOTH), (CURVE, SMOOTH.to_json(), SMOOTH)),
        *((CURVE, {"points": [[0, 0]]}, Curve(((0.0, 0.0),))), (CURVE, Curve.flat(10), Curve.flat(10))),
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


@pytest.mark.parametrize(
    ("value", "code", "reason"),
    [
        (3, "wrong_value_type", "3 is not a curve"),
        ([[0, 1]], "wrong_value_type", "a list of 1 is not a curve"),
        ({}, "wrong_value_type", "points is None, not a list"),
        ({"points": []}, "wrong_value_type", "it has 0 points"),
        ({"points": [[0, 1]] * 257}, "wrong_value_type", "it has 257 points"),
        ({"points": [[0, 1]], "tension": 1}, "wrong_value_type", "'tension' is no field of a curve"),
        ({"points": [[0]]}, "wrong_value_type", "point 0 is a list of 1, not [x, y]"),
        ({"points": [[0, "1"]]}, "wrong_value_type", "y of point 0 is '1', not a number"),
        ({"points": [[True, 1]]}, "wrong_value_type", "x of point 0 is True, not a number"),
        ({"points": [[0, float("nan")]]}, "wrong_value_type", "y of point 0 is nan, not a number"),
        ({"points": [[0, 1], [0, 2]]}, "wrong_value_type", "point 1 at x = 0 is not right of x = 0"),
        ({"points": [[0.5, 1], [0.2, 2]]}, "wrong_value_type", "point 1 at x = 0.2 is not right of x = 0.5"),
        ({"points": [[-0.1, 1]]}, "value_out_of_range", "x of point 0 is -0.1, below 0"),
        ({"points": [[0, 1], [1, 11]]}, "value_out_of_range", "y of point 1 is 11, above 10"),
        (Curve.flat(11), "value_out_of_range", "y of point 0 is 11, above 10"),
        ({"points": [[0, 1]], "interpolation": 3}, "value_not_a_choice", "interpolation is 3"),
    ],
)
def test_what_is_no_curve_is_refused_with_the_place(value: object, code: str, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        CURVE.canonical(value, None)
    assert (caught.value.code, caught.value.reason) == (code, reason)
    assert (caught.value.expected, bool(caught.value.remedy)) == ("a curve with values from 0 to 10", True)


def test_a_curve_reads_as_words_and_its_key_is_one_for_equal_curves() -> None:
    assert str(SMOOTH) == "0: 8 → 0.5: 2, smooth"
    zero = CURVE.canonical({"points": [[-0.0, -0.0]]}, None)
    assert repr(zero) == repr(CURVE.canonical({"points": [[0, 0]]}, None))
    assert hash(zero) == hash(Curve(((0.0, 0.0),)))
