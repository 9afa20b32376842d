"""Skeletons as ControlNet's pose models were trained on them, from OpenPose's keypoints.

Joints are COCO's 18: nose, neck; right shoulder, elbow, wrist; the left ones; right hip, knee, ankle; the
left ones; right eye, left eye, right ear, left ear. OpenPose's 25 are brought to them. Hands and faces
are not drawn.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from diffusion.errors import Unsuitable

LIMBS = (
    *((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13)),
    *((1, 0), (0, 14), (14, 16), (0, 15), (15, 17)),
)
COLOURS = (
    *((255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0), (0, 255, 0)),
    *((0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255), (0, 0, 255), (85, 0, 255)),
    *((170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85)),
)
JOINTS = 18
LIMB_BRIGHTNESS = 0.6
BODY_25 = (*range(8), *range(9, 15), *range(15, 19))
"""Where COCO's joints stand among the 25."""

Joints = tuple[tuple[float, float] | None, ...]


@dataclass(frozen=True)
class Frame:
    """People as joints in 0..1 of the picture's width and height; None where a joint was not seen."""

    people: tuple[Joints, ...]


def read_poses(text: str, width: int, height: int) -> tuple[Frame, ...]:
    """OpenPose's JSON: one frame, or a list of frames.

    Places are pixels of a canvas of `canvas_width` x `canvas_height`, or else of `width` x `height`; where
    none is above 1, they are parts of it already.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise no_pose(f"no JSON ({error})") from error
    frames = data if isinstance(data, list) else [data]
    if not frames:
        raise no_pose("an empty list")
    return tuple(read_frame(frame, width, height) for frame in frames)


def read_frame(frame: Any, width: int, height: int) -> Frame:
    """One frame."""
    if not isinstance(frame, Mapping) or not isinstance(frame.get("people"), list):
        raise no_pose("an entry without a list of people")
    canvas = (frame.get("canvas_width") or width, frame.get("canvas_height") or height)
    if not all(isinstance(side, int | float) and side > 0 for side in canvas):
        raise no_pose(f"a canvas of {canvas[0]} x {canvas[1]}")
    return Frame(tuple(read_person(person, canvas) for person in frame["people"]))


def read_person(person: Any, canvas: tuple[float, float]) -> Joints:
    """One person's joints from x, y and confidence in a row; nothing is known where confidence is 0."""
    numbers = person.get("pose_keypoints_2d") if isinstance(person, Mapping) else None
    if not isinstance(numbers, list) or not all(isinstance(each, int | float) for each in numbers):
        raise no_pose("a person without a list of numbers pose_keypoints_2d")
    if len(numbers) not in (3 * JOINTS, 3 * 25):
        raise no_pose(f"a person of {len(numbers)} numbers")
    points = np.array(numbers, dtype=np.float64).reshape(-1, 3)
    points = points[list(BODY_25)] if len(points) == 25 else points
    seen = points[:, 2] > 0
    relative = bool(seen.any()) and points[seen, :2].max() <= 1
    places = points[:, :2] / ((1, 1) if relative else canvas)
    return tuple((x, y) if known else None for (x, y), known in zip(places.tolist(), seen, strict=True))


def no_pose(given: str) -> Unsuitable:
    """The error for what is no pose."""
    return Unsuitable(
        f"keypoints: given {given}, expected OpenPose's JSON: "
        '{"people": [{"pose_keypoints_2d": [x, y, confidence, … for 18 or 25 joints]}]}',
        input="keypoints",
        remedy="Paste the JSON that a pose editor or OpenPose saves.",
    )


def draw_poses(frames: tuple[Frame, ...], width: int, height: int, thickness: float) -> Tensor:
    """Pictures [B, height, width, 3]: limbs as ellipses, then joints as brighter discs, on black."""
    return torch.from_numpy(np.stack([draw_frame(frame, width, height, thickness) for frame in frames]))


def draw_frame(frame: Frame, width: int, height: int, thickness: float) -> np.ndarray:
    """One picture [height, width, 3]."""
    canvas = np.zeros((height, width, 3), np.float32)
    colours = np.array(COLOURS, np.float32) / 255
    people = [[joint and (joint[0] * width, joint[1] * height) for joint in each] for each in frame.people]
    for joints in people:
        for (start, end), colour in zip(LIMBS, colours, strict=False):
            if joints[start] and joints[end]:
                paint_ellipse(canvas, joints[start], joints[end], thickness, colour * LIMB_BRIGHTNESS)
    for joints in people:
        for joint, colour in zip(joints, colours, strict=True):
            if joint:
                paint_ellipse(canvas, joint, joint, thickness, colour)
    return canvas


Place = tuple[float, float]


def paint_ellipse(canvas: np.ndarray, start: Place, end: Place, radius: float, colour: np.ndarray) -> None:
    """Fill the ellipse from `start` to `end`, `radius` wide to each side; a disc where they are one."""
    (x, y), (dx, dy) = np.add(start, end) / 2, np.subtract(end, start) / 2
    half = float(np.hypot(dx, dy))
    unit = (dx / half, dy / half) if half else (1.0, 0.0)
    rows, columns = np.ogrid[: canvas.shape[0], : canvas.shape[1]]
    along = (columns - x) * unit[0] + (rows - y) * unit[1]
    across = (rows - y) * unit[0] - (columns - x) * unit[1]
    canvas[(along / max(half, radius)) ** 2 + (across / radius) ** 2 <= 1] = colour
