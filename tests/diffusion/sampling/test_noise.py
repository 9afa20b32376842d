"""Noise: per picture or batch by the rules of its profile, and without the global generator."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffusion.sampling.noise import NoiseChoice, chosen_noise, noise_source, turned
from diffusion.sampling.philox import PhiloxGenerator
from tests.diffusion.golden import DATA

LIKE = torch.zeros(3, 4, 8, 8)
PROFILES = ("native", "comfy", "a1111", "diffusers")
PATH = (14.6146412293, 10.7, 7.0, 1.5, 0.2, 0.0291671582, 0.0)


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


@pytest.mark.parametrize("profile", PROFILES)
def test_global_generator_is_left_alone(profile):
    before = torch.random.get_rng_state()
    draws(profile, 1)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("profile", PROFILES)
def test_draws_are_standard_and_unlike(profile):
    noise = draws(profile, 7, torch.zeros(4, 4, 32, 32)).flatten(2)
    assert noise.mean().abs() < 0.02 and (noise.std() - 1).abs() < 0.02
    correlation = torch.corrcoef(noise.flatten(0, 1)) - torch.eye(16)
    assert correlation.abs().max() < 0.08


def drawn(choice, like=LIKE, pictures=None, path=()):
    """The start, then the intervals of PATH above none."""
    source = chosen_noise(choice, like, pictures, path=path)
    steps = pairwise(PATH[:-1])
    return torch.stack([source.start(), *(source.between(*step) for step in steps)])


def torch_draws(seed, *shapes):
    """What one generator of torch draws in turn."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator) for shape in shapes]


@pytest.mark.parametrize("profile", ["native", "a1111"])
@pytest.mark.parametrize("path", [(), PATH], ids=["steps", "path"])
@pytest.mark.parametrize("source", ["cpu", "nv"])
def test_picture_of_eight_has_the_noise_of_its_own_seed_to_the_bit(profile, path, source):
    eight = drawn(NoiseChoice(40, profile=profile, source=source), torch.zeros(8, 4, 8, 8), path=path)
    for picture in (0, 3, 7):
        alone = NoiseChoice(40 + picture, profile=profile, source=source)
        assert torch.equal(eight[:, picture : picture + 1], drawn(alone, LIKE[:1], path=path))


def test_a1111_draws_each_picture_from_a_generator_that_goes_on():
    shape = (4, 8, 8)
    ours = drawn(NoiseChoice(40, profile="a1111"))
    for picture in range(3):
        assert torch.equal(ours[:, picture], torch.stack(torch_draws(40 + picture, *[shape] * 6)))


def test_a1111_draws_steps_from_a_seed_further_on():
    ours = drawn(NoiseChoice(40, profile="a1111", eta_seed_delta=31337), LIKE[:1])
    start, steps = torch_draws(40, (4, 8, 8)), torch_draws(40 + 31337, *[(4, 8, 8)] * 5)
    assert torch.equal(ours[:, 0], torch.stack([*start, *steps]))


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # diffusers with numpy 2
def test_diffusers_draws_the_batch_and_the_steps_from_one_generator():
    """Against the program itself: its latents, then the noise of its ancestral scheduler."""
    from diffusers import EulerAncestralDiscreteScheduler
    from diffusers.utils.torch_utils import randn_tensor

    generator = torch.Generator().manual_seed(9)
    latents = randn_tensor(LIKE.shape, generator=generator)
    ours = drawn(NoiseChoice(9, profile="diffusers"))
    assert torch.equal(ours[0], latents)
    scheduler = EulerAncestralDiscreteScheduler(prediction_type="epsilon")
    scheduler.set_timesteps(5)
    for step, noise in zip(scheduler.timesteps[:-1], ours[1:], strict=False):
        index = scheduler.step_index or 0
        sigma, sigma_next = map(float, scheduler.sigmas[index : index + 2])
        up = (sigma_next**2 * (sigma**2 - sigma_next**2) / sigma**2) ** 0.5
        down = (sigma_next**2 - up**2) ** 0.5
        made = scheduler.step(torch.zeros_like(latents), step, latents, generator=generator).prev_sample
        torch.testing.assert_close(made, latents + noise * up, rtol=0, atol=2e-6 * (1 + down))


@pytest.mark.parametrize("profile", ["comfy", "a1111"])
def test_noise_of_the_stochastic_equation_is_that_of_torchsde(profile):
    """Facts section 10; float32 sums in another order differ by up to 2e-6."""
    golden = np.load(DATA / "golden/samplers.npz")
    source = chosen_noise(NoiseChoice(1234, profile=profile), torch.zeros(1, 4, 4, 4), path=PATH)
    ours = torch.stack([source.between(*map(float, pair)) for pair in golden["brownian_pairs"]])
    expected = torch.from_numpy(golden["brownian_torchsde_seed1234"])
    torch.testing.assert_close(ours, expected, rtol=0, atol=3e-6)


def test_comfy_on_a_gpu_starts_on_the_host_and_draws_steps_there():
    ours = drawn(NoiseChoice(7, profile="comfy", source="nv"), LIKE[:1])
    gpu = PhiloxGenerator(7)
    expected = [*torch_draws(7, (1, 4, 8, 8)), *(gpu.randn((1, 4, 8, 8)) for _ in range(5))]
    assert torch.equal(ours, torch.stack(expected))


@pytest.mark.parametrize("profile", PROFILES)
def test_variations_turn_from_one_noise_to_another(profile):
    def start(seed, **changes):
        return chosen_noise(NoiseChoice(seed, profile=profile, **changes), LIKE[:1]).start()

    half = start(1, variation_seed=2, variation_strength=0.5)
    whole = start(1, variation_seed=2, variation_strength=1.0)
    torch.testing.assert_close(whole, start(2), rtol=0, atol=2e-5)
    assert not torch.allclose(half, start(1)) and abs(float(half.std()) - 1) < 0.15


def test_variations_of_a_batch_have_one_seed_and_count_the_variation():
    choice = NoiseChoice(1, profile="a1111", variation_seed=5, variation_strength=0.3)
    batch = chosen_noise(choice, LIKE).start()
    alone = NoiseChoice(1, profile="a1111", variation_seed=7, variation_strength=0.3)
    assert torch.equal(batch[2:], chosen_noise(alone, LIKE[:1]).start())


def test_a1111_turns_every_column_by_its_own_angle():
    first, second = torch.tensor([[[1.0, 3.0], [0.0, 4.0]]]), torch.tensor([[[0.0, -4.0], [2.0, 3.0]]])
    half = 0.5**0.5
    expected = torch.tensor([[[half, -half], [2 * half, 7 * half]]])
    torch.testing.assert_close(turned(first, second, 0.5, along=1), expected)
