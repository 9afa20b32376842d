"""Skeletons: where and in which colours they are drawn, and what is no pose."""

import json

import pytest
import torch

from diffusion.errors import Unsuitable
from diffusion.preprocess.pose import COLOURS, LIMBS, Frame, draw_poses, read_poses

# A person who faces the viewer, in a canvas of 100 x 100: their right is on the left of the picture.
PLACES = [
    *([50, 15], [50, 25], [40, 25], [35, 40], [30, 55], [60, 25], [65, 40], [70, 55], [44, 55], [43, 75]),
    *([42, 95], [56, 55], [57, 75], [58, 95], [47, 12], [53, 12], [43, 14], [57, 14]),
]


def person(places: list[list[float]] = PLACES, missing: tuple[int, ...] = ()) -> dict:
    numbers = [[x, y, 0.0 if index in missing else 0.9] for index, (x, y) in enumerate(places)]
    return {"pose_keypoints_2d": [number for point in numbers for number in point]}


def text(*people: dict, **canvas: int) -> str:
    return json.dumps({"people": list(people), **canvas})


def colour(picture: torch.Tensor, x: float, y: float) -> tuple[int, ...]:
    return tuple((picture[round(y), round(x)] * 255).round().int().tolist())


def test_joints_and_limbs_have_the_standard_colours() -> None:
    picture = draw_poses(
        read_poses(text(person(), canvas_width=100, canvas_height=100), 400, 400), 400, 400, 4
    )[0]
    assert picture.shape == (400, 400, 3) and picture.dtype == torch.float32
    for joint in range(18):
        x, y = PLACES[joint]
        assert colour(picture, 4 * x, 4 * y) == COLOURS[joint]
    for limb in (2, 3, 4, 5, 7, 8, 10, 11):  # long ones that nothing crosses
        start, end = (PLACES[joint] for joint in LIMBS[limb])
        middle = [2 * (a + b) for a, b in zip(start, end, strict=True)]
        assert colour(picture, *middle) == tuple(round(0.6 * each) for each in COLOURS[limb])
    assert colour(picture, 10, 10) == (0, 0, 0)


def test_missing_joints_are_not_drawn_nor_their_limbs() -> None:
    whole, without = (
        draw_poses(read_poses(text(person(missing=gone)), 100, 100), 100, 100, 1)[0] for gone in ((), (4,))
    )
    changed = (whole != without).any(dim=-1).nonzero()
    assert len(changed) > 5
    assert changed[:, 0].min() >= 38 and changed[:, 1].max() <= 37  # around the right forearm


def test_places_may_be_pixels_of_any_canvas_or_parts_of_it() -> None:
    parts = [[x / 100, y / 100] for x, y in PLACES]
    doubled = [[2 * x, 2 * y] for x, y in PLACES]
    pixels = draw_poses(read_poses(text(person()), 100, 100), 100, 100, 2)
    for given in (
        text(person(parts)),
        text(person(doubled), canvas_width=200, canvas_height=200),
    ):
        torch.testing.assert_close(draw_poses(read_poses(given, 100, 100), 100, 100, 2), pixels)


def test_25_joints_are_brought_to_18() -> None:
    places = [*PLACES[:8], [50, 55], *PLACES[8:14], *PLACES[14:], *[[1, 1]] * 6]
    assert len(places) == 25
    assert read_poses(text(person(places)), 100, 100) == read_poses(text(person()), 100, 100)


def test_a_list_of_frames_is_a_batch_and_nobody_is_black() -> None:
    frames = json.dumps([json.loads(text(person(), person())), {"people": []}])
    pictures = draw_poses(read_poses(frames, 64, 48), 64, 48, 2)
    assert pictures.shape == (2, 48, 64, 3)
    assert pictures[0].any() and not pictures[1].any()
    assert read_poses('{"people": []}', 8, 8) == (Frame(()),)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "no JSON"),
        ("[]", "an empty list"),
        ("3", "without a list of people"),
        ('{"people": [3]}', "without a list of numbers"),
        ('{"people": [{"pose_keypoints_2d": ["a"]}]}', "without a list of numbers"),
        ('{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}', "a person of 3 numbers"),
        ('{"people": [], "canvas_width": "x"}', "a canvas of x x 8"),
    ],
)
def test_what_is_no_pose_says_so(given: str, message: str) -> None:
    with pytest.raises(Unsuitable, match=f"keypoints: given .*{message}"):
        read_poses(given, 8, 8)
