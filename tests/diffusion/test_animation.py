"""Animations: every frame, for as long as asked, with its texts."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

from compat.metadata import read_texts
from diffusion.animation import durations, save_apng, save_webp

FRAMES = torch.rand(5, 16, 24, 3, generator=torch.Generator().manual_seed(0))
TEXTS = {"tessera": '{"title": "Äpfel, 苹果"}', "prompt": "{}"}


def frames_of(path):
    """(pixels, milliseconds) of every frame."""
    with Image.open(path) as image:
        return [
            (np.asarray(frame.convert("RGB")), frame.info["duration"])
            for frame in ImageSequence.Iterator(image)
        ]


@pytest.mark.parametrize("save", [save_webp, save_apng])
@pytest.mark.parametrize("fps", [0.01, 6.0, 24.0, 1000.0])
def test_frames_come_back_with_their_times(tmp_path, save, fps):
    name = save(FRAMES, tmp_path, "film", TEXTS, fps=fps)
    assert name == ("film_00001_.webp" if save is save_webp else "film_00001_.png")
    found = frames_of(tmp_path / name)
    assert [round(time) for _, time in found] == durations(5, fps)
    expected = (FRAMES * 255).round().byte().numpy()
    assert np.array_equal(np.stack([pixels for pixels, _ in found]), expected)
    assert read_texts((tmp_path / name).read_bytes()) == TEXTS


def test_times_add_up_to_the_whole():
    assert durations(3, 6.0) == [167, 166, 167] and sum(durations(600, 24.0)) == 25000


def test_losses_make_a_webp_smaller_and_numbers_go_on(tmp_path):
    sizes = [
        (tmp_path / save_webp(FRAMES, tmp_path, "film", {}, fps=6, **how)).stat().st_size
        for how in ({}, {"lossless": False, "quality": 10, "method": "slowest"})
    ]
    assert sizes[1] < sizes[0] and (tmp_path / "film_00002_.webp").exists()


@pytest.mark.parametrize("save", [save_webp, save_apng])
def test_single_picture_is_a_still(tmp_path, save):
    with Image.open(tmp_path / save(FRAMES[:1], tmp_path, "still", {}, fps=6)) as image:
        assert getattr(image, "n_frames", 1) == 1 and image.size == (24, 16)
