"""Steerings on a tiny network: each against its formula, and how often it asks the network."""

import pytest
import torch
import torch.nn.functional as F

from diffusion.features.operations import ReinhardTonemap, Sharpen
from diffusion.features.perp_neg import PerpNeg
from diffusion.features.perturbed_attention import BLIND, PerturbedAttention
from diffusion.features.projected import LikenessGuidance, ProjectedGuidance, RenormGuidance
from diffusion.features.self_attention import SelfAttention, WatchMiddle, blurred
from diffusion.features.tuning import (
    EpsilonScaling,
    FrequencyGuidance,
    GuidanceInterval,
    GuidanceOverTime,
    OperateOnGuidance,
)
from diffusion.sampling.denoiser import Denoiser, Inputs
from diffusion.sampling.guidance import Guided, Guider
from graph.curves import Curve
from tests.diffusion.sampling.tiny import random_cond, random_latent, tiny_model

SIGMA, CFG = 3.0, 4.0
X = random_latent(0, 2, 4, 8, 8) * SIGMA
POSITIVE, NEGATIVE, EMPTY = ((random_cond(seed),) for seed in (1, 2, 3))


@pytest.fixture
def model():
    return tiny_model()


def guided(model, *steerings, cfg=CFG):
    guider = Guider((POSITIVE, NEGATIVE), (cfg,))
    return Guided(Denoiser(model), guider, like=X, schedule=model.schedule, steerings=steerings)


def over_time(model, curve, *, cfg, sigmas=(2 * SIGMA, SIGMA, SIGMA / 2, 0.0), sides=(POSITIVE, NEGATIVE)):
    guider = Guider(sides, cfg if isinstance(cfg, tuple) else (cfg,))
    steering = GuidanceOverTime(curve)
    return Guided(
        Denoiser(model), guider, like=X, schedule=model.schedule, sigmas=sigmas, steerings=(steering,)
    )


def seen(model, side, x=X, extra=()):
    return Denoiser(model)(x, SIGMA, Inputs(side[0].tensor.expand(len(x), -1, -1)), extra)


def close(actual, expected):
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=5e-4)


def mixed(towards, away):
    return away + CFG * (towards - away)


def test_perturbed_attention_adds_the_difference_for_one_more_call(model):
    made = guided(model, PerturbedAttention(2.5))(X, SIGMA)
    assert len(model.network.calls) == 1  # the blind copy counts its own
    towards, away = seen(model, POSITIVE), seen(model, NEGATIVE)
    blind = seen(model, POSITIVE, extra=(BLIND,))
    assert (towards - blind).abs().max() > 1e-3
    close(made, mixed(towards, away) + 2.5 * (towards - blind))


def test_perturbed_attention_of_nothing_asks_nothing(model):
    close(guided(model, PerturbedAttention(0.0))(X, SIGMA), guided(model)(X, SIGMA))
    assert model.network.calls == [4, 4]


def test_self_attention_guidance_leaves_the_blurred_picture_behind(model):
    made = guided(model, SelfAttention(0.75, 2.0))(X, SIGMA)
    towards, away = seen(model, POSITIVE), seen(model, NEGATIVE)
    noted = []
    seen(model, NEGATIVE, extra=(WatchMiddle(noted),))
    (looked_at,) = noted
    torch.testing.assert_close(looked_at.sum(dim=(1, 2)), torch.full((2,), 16.0))  # every token spends 1
    mask = (looked_at > 1).float().repeat_interleave(2, 1).repeat_interleave(2, 2)[:, None]
    assert 0 < mask.mean() < 1
    degraded = blurred(away, 2.0) * mask + away * (1 - mask)
    again = seen(model, NEGATIVE, x=X + degraded - away)
    close(made, mixed(towards, away) + 0.75 * (degraded - again))


def test_blur_keeps_the_mean_of_even_pictures_and_spreads_a_point():
    flat, point = torch.full((1, 2, 9, 9), 0.5), torch.zeros(1, 1, 11, 11)
    point[..., 5, 5] = 1
    torch.testing.assert_close(blurred(flat, 2.0), flat)
    spread = blurred(point, 1.0)
    torch.testing.assert_close(spread.sum(), torch.tensor(1.0))
    torch.testing.assert_close(spread[0, 0, 5, 6] / spread[0, 0, 5, 5], torch.tensor(-0.5).exp())
    assert torch.equal(blurred(point, 0.0), point) and blurred(torch.ones(1, 1, 1, 1), 2.0).item() == 1


def test_perp_neg_takes_only_what_the_positive_lacks(model):
    made = guided(model, PerpNeg(EMPTY, 1.5))(X, SIGMA)
    assert model.network.calls == [6]
    nothing = seen(model, EMPTY)
    towards, away = seen(model, POSITIVE) - nothing, seen(model, NEGATIVE) - nothing
    shares = (away * towards).sum((1, 2, 3)) / (towards**2).sum((1, 2, 3))
    perpendicular = away - shares[:, None, None, None] * towards
    assert (perpendicular * towards).sum().abs() < 1e-2
    close(made, nothing + CFG * (towards - 1.5 * perpendicular))


def test_projected_guidance_without_limits_is_plain_guidance(model):
    close(guided(model, ProjectedGuidance(1.0, 0.0, 0.0))(X, SIGMA), guided(model)(X, SIGMA))


def test_projected_guidance_limits_and_projects(model):
    made = guided(model, ProjectedGuidance(0.0, 0.5, 0.0))(X, SIGMA)
    towards = seen(model, POSITIVE)
    update = (made - towards) / (CFG - 1)
    assert (update.flatten(1).norm(dim=1) <= 0.5 + 1e-4).all()
    close((update * towards).sum((1, 2, 3)), torch.zeros(2))


def test_momentum_is_of_one_sampling_only(model):
    steering = ProjectedGuidance(1.0, 0.0, 0.5)
    first = guided(model, steering)
    once, twice = first(X, SIGMA), first(X, SIGMA)
    towards, away = seen(model, POSITIVE), seen(model, NEGATIVE)
    close(twice, towards + (CFG - 1) * 1.5 * (towards - away))
    close(guided(model, steering)(X, SIGMA), once)


def test_renormed_guidance_is_no_longer_than_the_positive(model):
    made, towards = guided(model, RenormGuidance(100, 1.0), cfg=30.0)(X, SIGMA), seen(model, POSITIVE)
    close(made.flatten(1).norm(dim=1), towards.flatten(1).norm(dim=1))
    close(guided(model, RenormGuidance(SIGMA, 1.0))(X, SIGMA), towards)
    close(guided(model, RenormGuidance(100, 0.0))(X, SIGMA), guided(model)(X, SIGMA))


def test_likeness_guidance_goes_between_the_mix_and_the_scaled_positive(model):
    made = guided(model, LikenessGuidance())(X, SIGMA)
    towards, plain = seen(model, POSITIVE), guided(model)(X, SIGMA)
    share = (made - CFG * towards) / (plain - CFG * towards)
    flat = share[0].flatten()
    assert 0 <= flat.median() <= 1 and (flat - flat.median()).abs().median() < 1e-2


def test_epsilon_scaling_divides_the_noise(model):
    plain = guided(model)(X, SIGMA)
    close(guided(model, EpsilonScaling(1.25))(X, SIGMA), X - (X - plain) / 1.25)


def test_frequencies_of_the_guidance_have_scales_of_their_own(model):
    close(guided(model, FrequencyGuidance(1.0, 1.0, 2))(X, SIGMA), guided(model)(X, SIGMA))
    towards, away = seen(model, POSITIVE), seen(model, NEGATIVE)
    only_low = guided(model, FrequencyGuidance(1.0, 0.0, 1))(X, SIGMA) - away
    spectrum = torch.fft.fftshift(torch.fft.fft2(only_low), dim=(-2, -1)).abs()
    spectrum[..., 3:6, 3:6] = 0  # the square is -1 and 0; what is real has 1, too
    assert spectrum.max() < 1e-3 < (towards - away).abs().max()


def test_operations_act_on_the_guidance_or_on_what_is_seen(model):
    def double(x):
        return 2 * x

    towards, away = seen(model, POSITIVE), seen(model, NEGATIVE)
    close(guided(model, OperateOnGuidance(double))(X, SIGMA), away + CFG * 2 * (towards - away))
    close(guided(model, OperateOnGuidance(double), cfg=1.0)(X, SIGMA), 2 * towards)


def test_interval_guides_inside_only(model):
    close(guided(model, GuidanceInterval(SIGMA + 1, SIGMA - 1))(X, SIGMA), guided(model)(X, SIGMA))
    close(guided(model, GuidanceInterval(SIGMA - 1, 0.0))(X, SIGMA), seen(model, POSITIVE))


def test_tonemap_keeps_directions_and_compresses_the_extreme():
    latent = random_latent(9, 2, 4, 8, 8)
    latent[:, :, 0, 0] *= 40
    mapped = ReinhardTonemap(1.0)(latent)
    torch.testing.assert_close(F.cosine_similarity(mapped, latent, dim=1), torch.ones(2, 8, 8))
    assert mapped[:, :, 0, 0].norm() < latent[:, :, 0, 0].norm() / 2
    assert ReinhardTonemap(0.0)(latent).isfinite().all()


def test_sharpening_keeps_even_latents_and_raises_differences():
    even = torch.ones(1, 4, 8, 8)
    torch.testing.assert_close(Sharpen(3, 1.0, 0.1)(even), even)
    edge = torch.cat([even, torch.tensor([1.0, 1, 1, -1])[None, :, None, None].expand(1, 4, 8, 8)], dim=3)
    sharp = Sharpen(9, 1.0, 0.3)(edge)
    assert sharp[0, 3, 4, 7] > edge[0, 3, 4, 7] and sharp[0, 3, 4, 8] < edge[0, 3, 4, 8]


def test_guidance_by_a_flat_curve_is_plain_guidance_to_the_bit(model):
    assert torch.equal(over_time(model, Curve.flat(CFG), cfg=1.0)(X, SIGMA), guided(model)(X, SIGMA))


def test_guidance_follows_a_curve_from_step_to_step(model):
    curve = Curve(((0.0, 8.0), (1.0, 2.0)))
    made = over_time(model, curve, cfg=30.0)
    assert torch.equal(made(X, SIGMA), guided(model, cfg=5.0)(X, SIGMA))
    for sigma, scale in ((2 * SIGMA, 8.0), (SIGMA / 2, 2.0)):
        assert torch.equal(made(X, sigma), guided(model, cfg=scale)(X, sigma))


def test_where_the_curve_is_1_the_negative_side_costs_nothing(model):
    interval = Curve(((0.0, 1.0), (0.5, CFG), (1.0, 1.0)), "step")
    made = over_time(model, interval, cfg=7.0)
    for sigma in (2 * SIGMA, SIGMA, SIGMA / 2):
        made(X, sigma)
    assert model.network.calls == [2, 4, 2]


def test_a_curve_is_for_guidance_away_from_the_negative_side(model):
    three = (POSITIVE, EMPTY, NEGATIVE)
    made = over_time(model, Curve.flat(CFG), cfg=(2.0, 1.0), sides=three)(X, SIGMA)
    guider = Guider(three, (2.0, CFG))
    assert torch.equal(made, Guided(Denoiser(model), guider, like=X, schedule=model.schedule)(X, SIGMA))
    alone = over_time(model, Curve.flat(CFG), cfg=(), sides=(POSITIVE,))(X, SIGMA)
    close(alone, seen(model, POSITIVE))
