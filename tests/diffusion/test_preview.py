"""Previews: which decoder shows a model, and that sampling never waits for one."""

import io
import threading
import time

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from diffusion.models.taesd import TaesdConfig, TaesdDecoder
from diffusion.preview import Previewer, decoder_for, linear_colours, preview_jpeg
from tests.diffusion.sampling.tiny import tiny_model

SAMPLES = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))


def write_decoder(path):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_file(TaesdDecoder(TaesdConfig(channels=8)).state_dict(), path)


def size_of(jpeg):
    with Image.open(io.BytesIO(jpeg)) as image:
        return image.size


def test_without_a_decoder_latents_are_shown_by_their_colours(tmp_path):
    assert decoder_for(tiny_model(name="mine"), tmp_path.joinpath) is linear_colours
    expected = (
        np.einsum("bchw->bhwc", SAMPLES) @ np.array([[0.3512], [0.3250], [-0.2829], [-0.2120]]) / 2 + 0.5
    )
    np.testing.assert_allclose(linear_colours(SAMPLES)[:, 0], expected[..., 0], atol=3e-4)


def test_decoder_of_the_models_name_is_taken(tmp_path):
    write_decoder(tmp_path / "mine.safetensors")
    decode = decoder_for(tiny_model(name="mine"), tmp_path.joinpath)
    assert decode(SAMPLES[:1]).shape == (1, 3, 64, 64)
    assert decoder_for(tiny_model(name="other"), tmp_path.joinpath) is linear_colours


def test_taesd_is_for_published_models_only(tmp_path):
    write_decoder(tmp_path / "taesd_decoder.safetensors")
    assert decoder_for(tiny_model(), tmp_path.joinpath) is linear_colours


def test_small_latents_are_shown_large():
    assert size_of(preview_jpeg(linear_colours, SAMPLES)) == (256, 256)
    assert size_of(preview_jpeg(linear_colours, torch.full((1, 4, 100, 400), torch.nan))) == (400, 100)


def test_offering_never_waits_and_skips_all_but_the_last_while_one_is_under_way():
    release, shown = threading.Event(), []

    def slow(samples):
        release.wait(5)
        return linear_colours(samples)

    with Previewer(slow, shown.append) as previews:
        started = time.monotonic()
        for step in range(50):
            previews.offer(SAMPLES * step)
        assert time.monotonic() - started < 1 and not shown
        release.set()
    assert shown == [preview_jpeg(linear_colours, SAMPLES * step) for step in (0, 49)]


def test_sampling_that_ends_in_an_error_shows_nothing_more():
    shown = []
    with pytest.raises(ValueError, match="cancelled"), Previewer(linear_colours, shown.append) as previews:
        for _ in range(50):
            previews.offer(SAMPLES)
        raise ValueError("cancelled")
    assert len(shown) <= 1


def test_previews_are_a_few_a_second():
    shown = []
    with Previewer(linear_colours, shown.append) as previews:
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            previews.offer(SAMPLES)
            time.sleep(0.005)
    assert 1 <= len(shown) <= 4


def test_preview_that_fails_is_told_at_the_next_offer():
    def broken(samples):
        raise RuntimeError("wrong decoder")

    with pytest.raises(RuntimeError, match="wrong decoder"), Previewer(broken, print) as previews:
        for _ in range(100):
            previews.offer(SAMPLES)
            time.sleep(0.01)


def test_small_previews_are_enlarged_smoothly():
    step = torch.zeros(1, 4, 4, 8)
    step[..., 4:] = 1
    with Image.open(io.BytesIO(preview_jpeg(lambda samples: samples[:, :3], step))) as image:
        levels = {image.getpixel((x, 64))[0] for x in range(image.width)}
    assert image.size == (256, 128)
    assert len(levels) > 12
