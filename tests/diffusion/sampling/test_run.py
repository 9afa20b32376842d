"""Sampling as a whole on a tiny network: what a seed, a batch, a part of the way and a mask mean."""

from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from diffusion.errors import NotFinite, Unsuitable
from diffusion.models.unet import UNet
from diffusion.sampling.denoiser import consistent
from diffusion.sampling.guidance import Guider
from diffusion.sampling.run import (
    NoiseChoice,
    SamplerChoice,
    Settings,
    finish,
    sample,
    sample_custom,
    visited_levels,
)
from diffusion.sampling.samplers import SAMPLERS
from diffusion.sampling.schedules import karras
from diffusion.values import Area, Latent, Model
from tests.diffusion.sampling.tiny import CONFIG, random_cond, random_latent, tiny_model

SETTINGS = Settings(seed=3, steps=4, cfg=1.0, sampler="euler", scheduler="karras")
POSITIVE, NEGATIVE = (random_cond(1),), (random_cond(2),)


@pytest.fixture(scope="module")
def model():
    return tiny_model()


def picture(model, latent=None, settings=SETTINGS, **changes):
    latent = latent or Latent(torch.zeros(1, 4, 8, 8))
    steps = list(sample(model, POSITIVE, NEGATIVE, latent, replace(settings, **changes)))
    return finish(latent, steps[-1] if steps else None).samples


def close(actual, expected):
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_same_inputs_give_the_same_picture(model, sampler):
    first, again = picture(model, sampler=sampler, cfg=3.0), picture(model, sampler=sampler, cfg=3.0)
    assert torch.equal(first, again)
    assert first.isfinite().all() and first.dtype == torch.float32
    assert not torch.equal(first, picture(model, sampler=sampler, cfg=3.0, seed=4))


@pytest.mark.parametrize("sampler", ["euler", "euler_ancestral", "dpmpp_sde"])
def test_picture_of_a_batch_is_the_picture_of_its_own_seed(model, sampler):
    batch = picture(model, Latent(torch.zeros(3, 4, 8, 8)), sampler=sampler)
    for k in range(3):
        close(batch[k : k + 1], picture(model, sampler=sampler, seed=3 + k))


class NoWaiting(TorchDispatchMode):
    """Fails where a tensor becomes a host number, which on a GPU would wait for all work before."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        assert "_local_scalar_dense" not in str(function) and "nonzero" not in str(function)
        return function(*args, **(kwargs or {}))


# dpm_adaptive compares two solutions before it goes on.
@pytest.mark.parametrize("sampler", sorted(set(SAMPLERS) - {"dpm_adaptive"}))
def test_no_step_waits_for_the_device(model, sampler):
    masks = torch.ones(1, 16, 16)
    positive = (*POSITIVE, random_cond(4, mask=masks), random_cond(5, area=Area(0, 0, 4, 8), start=0.3))
    latent = Latent(torch.zeros(2, 4, 8, 8), noise_mask=masks)
    settings = replace(SETTINGS, sampler=sampler, cfg=3.0)
    with NoWaiting():
        steps = list(sample(model, positive, NEGATIVE, latent, settings))
    assert len(steps) == (2 if sampler == "dpm_fast" else 4)


def test_one_forward_a_step_without_guidance(model):
    model.network.calls = []
    picture(model, steps=7)
    assert model.network.calls == [1] * 7


def test_one_forward_a_step_with_guidance(model):
    model.network.calls = []
    picture(model, steps=7, cfg=4.0)
    assert model.network.calls == [2] * 7


def test_little_denoising_stays_near_the_given_picture(model):
    given = Latent(random_latent(9, 1, 4, 8, 8))
    near, far = (picture(model, given, denoise=denoise) for denoise in (0.05, 1.0))
    assert (near - given.samples).abs().mean() < 0.2 < (far - given.samples).abs().mean()
    assert torch.equal(picture(model, given, denoise=0.0), given.samples)


def test_two_halves_make_the_whole(model):
    whole = picture(model, steps=6)
    first = picture(model, steps=6, end=3, leftover_noise=True)
    second = picture(model, Latent(first), steps=6, start=3, add_noise=False)
    close(second, whole)


def test_stopping_early_without_leftover_noise_ends_at_none(model):
    schedule = model.schedule
    levels = karras(schedule, 6)
    settings = replace(SETTINGS, steps=6)
    assert visited_levels(schedule, replace(settings, end=3)) == [*levels[:3], 0.0]
    assert visited_levels(schedule, replace(settings, end=3, leftover_noise=True)) == levels[:4]
    assert visited_levels(schedule, replace(settings, start=2, end=10000)) == levels[2:]


@pytest.mark.parametrize("start", [6, 7, 10000])
def test_starting_past_the_end_changes_nothing(model, start):
    given = Latent(random_latent(9, 1, 4, 8, 8))
    assert torch.equal(picture(model, given, steps=6, start=start), given.samples)


def test_outside_a_mask_nothing_changes(model):
    mask = torch.zeros(1, 64, 64)
    mask[..., :32] = 1
    given = Latent(random_latent(9, 2, 4, 8, 8), noise_mask=mask)
    made = picture(model, given)
    close(made[..., 5:], given.samples[..., 5:])
    assert not torch.allclose(made[..., :3], given.samples[..., :3])


def test_given_latent_is_never_changed(model):
    given = Latent(random_latent(9, 1, 4, 8, 8))
    before = given.samples.clone()
    made = picture(model, given)
    assert torch.equal(given.samples, before) and made is not given.samples


def test_conditioning_of_another_family_is_refused(model):
    wide = replace(random_cond(1), tensor=torch.zeros(1, 77, 1024))
    with pytest.raises(Unsuitable, match=r"1024 numbers a token.*expects 8") as refused:
        list(sample(model, POSITIVE, (wide,), Latent(torch.zeros(1, 4, 8, 8)), SETTINGS))
    assert refused.value.input == "negative" and "same checkpoint" in refused.value.remedy


def test_latent_of_another_family_is_refused(model):
    with pytest.raises(Unsuitable, match=r"16 channels.*expects 4") as refused:
        list(sample(model, POSITIVE, NEGATIVE, Latent(torch.zeros(1, 16, 8, 8)), SETTINGS))
    assert refused.value.input == "latent_image"


def test_model_that_needs_more_than_a_latent_is_refused(model):
    depth, latent = replace(model, latent_channels=3), Latent(torch.zeros(1, 3, 8, 8))
    with pytest.raises(Unsuitable, match=r"reads 1 channels beside the latent, .* has 0") as refused:
        list(sample(depth, POSITIVE, NEGATIVE, latent, SETTINGS))
    assert refused.value.input == "positive" and "DepthToImage" in refused.value.remedy


def test_channels_beside_the_latent_and_labels_reach_the_network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = replace(CONFIG, in_channels=7, classes=10)
        upscaler = Model(UNet(config).eval().requires_grad_(False))
    small = random_latent(7, 1, 3, 8, 8)

    def upscaled(**beside):
        sides = [(random_cond(seed, **beside),) for seed in (1, 2)]
        *_, last = sample(upscaler, *sides, Latent(torch.zeros(2, 4, 8, 8)), SETTINGS)
        return last.x

    given = upscaled(concat=small, label=3)
    assert (given - upscaled(concat=small, label=4)).abs().max() > 1e-3
    assert (given - upscaled(concat=-small, label=3)).abs().max() > 1e-3


def test_numbers_that_are_no_picture_are_refused(model):
    broken = (replace(random_cond(1), tensor=torch.full((1, 7, 8), torch.nan)),)
    *_, last = sample(model, broken, NEGATIVE, Latent(torch.zeros(1, 4, 8, 8)), SETTINGS)
    with pytest.raises(NotFinite, match="no picture"):
        finish(Latent(torch.zeros(1, 4, 8, 8)), last)


@pytest.mark.parametrize("prediction", ("v", "lcm", "x0", "img_to_img"))
def test_predictions_differ_and_stay_finite(prediction):
    ours, eps = (picture(tiny_model(prediction=kind)) for kind in (prediction, "eps"))
    assert ours.isfinite().all() and not torch.equal(ours, eps)


def test_consistency_function_keeps_what_has_no_noise():
    x, denoised = torch.ones(1), torch.zeros(1)
    assert torch.equal(consistent(x, denoised, 0.0), x)
    assert consistent(x, denoised, 999.0) < 1e-6


def test_noise_of_the_steps_can_be_scaled(model):
    latent, guider = Latent(torch.zeros(1, 4, 8, 8)), Guider((POSITIVE, NEGATIVE), (1.0,))
    levels, noise = (14.0, 5.0, 1.0, 0.0), NoiseChoice(3)
    still, none, full = (
        list(sample_custom(model, guider, latent, levels, sampler=choice, noise=noise))[-1].x
        for choice in (
            SamplerChoice.of("euler_ancestral", noise_scale=0.0),
            SamplerChoice.of("euler_ancestral", noise_scale=0.0, eta=1.0),
            SamplerChoice.of("euler_ancestral"),
        )
    )
    assert torch.equal(still, none) and not torch.equal(still, full)
