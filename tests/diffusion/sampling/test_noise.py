"""Noise: per picture, from its seed alone, and without the global generator."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffusion.sampling.noise import BrownianPath, noise_source

LIKE = torch.zeros(3, 4, 8, 8)


def draws(profile, seed, like=LIKE, pictures=None):
    """The start, then three intervals one below the other."""
    source = noise_source(profile, seed, like, pictures)
    return torch.stack([source.start(), *(source.between(s, s - 1) for s in (9.0, 8.0, 7.0))])


@settings(deadline=None)
@given(seed=st.integers(0, 2**64 - 1), picture=st.integers(0, 2))
def test_native_picture_of_a_batch_is_the_picture_of_its_own_seed(seed, picture):
    alone = draws("native", (seed + picture) % 2**64, LIKE[:1])
    assert torch.equal(draws("native", seed)[:, picture : picture + 1], alone)


def test_native_picture_is_made_again_by_its_batch_index():
    assert torch.equal(draws("native", 5, LIKE[:2], (2, 0)), draws("native", 5)[:, [2, 0]])


def test_single_picture_starts_from_the_same_noise_in_both_profiles():
    native, comfy = draws("native", 42, LIKE[:1]), draws("comfy", 42, LIKE[:1])
    expected = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(42))
    assert torch.equal(native[0], expected) and torch.equal(comfy[0], expected)
    assert not torch.equal(native[1], comfy[1])


def test_comfy_draws_the_batch_from_one_generator_and_steps_from_the_next_seed():
    source = noise_source("comfy", 42, LIKE)
    assert torch.equal(source.start(), torch.randn(LIKE.shape, generator=torch.Generator().manual_seed(42)))
    steps = torch.Generator().manual_seed(43)
    for _ in range(3):
        assert torch.equal(source.between(2.0, 1.0), torch.randn(LIKE.shape, generator=steps))


def test_comfy_batch_index_picks_from_single_draws():
    generator = torch.Generator().manual_seed(42)
    rows = [torch.randn(1, 4, 8, 8, generator=generator) for _ in range(6)]
    source = noise_source("comfy", 42, LIKE[:2], (5, 1))
    assert torch.equal(source.start(), torch.cat([rows[5], rows[1]]))


@pytest.mark.parametrize("profile", ["native", "comfy"])
def test_global_generator_is_left_alone(profile):
    before = torch.random.get_rng_state()
    draws(profile, 1)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("profile", ["native", "comfy"])
def test_draws_are_standard_and_unlike(profile):
    noise = draws(profile, 7, torch.zeros(4, 4, 32, 32)).flatten(2)
    assert noise.mean().abs() < 0.02 and (noise.std() - 1).abs() < 0.02
    correlation = torch.corrcoef(noise.flatten(0, 1)) - torch.eye(16)
    assert correlation.abs().max() < 0.08


def test_overlapping_intervals_share_their_path():
    """The way to a midpoint is part of the way beyond: their correlation is sqrt(part / whole)."""
    generator = torch.Generator().manual_seed(3)
    path = BrownianPath(lambda: torch.randn(200_000, generator=generator))
    part, whole, after = path(4.0, 3.0), path(4.0, 1.0), path(1.0, 0.5)
    correlation = torch.corrcoef(torch.stack([part, whole, after]))
    expected = torch.eye(3)
    expected[0, 1] = expected[1, 0] = math.sqrt(1 / 3)
    torch.testing.assert_close(correlation, expected, rtol=0, atol=0.01)
    assert torch.stack([part, whole, after]).std(dim=1).sub(1).abs().max() < 0.01
