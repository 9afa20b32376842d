"""Guidance on a tiny network: what is asked, in how many calls, and how the answers are put together."""

import pytest
import torch

from diffusion.sampling.denoiser import Denoiser
from diffusion.sampling.guidance import Guider, InsideMask, guided
from diffusion.values import Model
from tests.diffusion.sampling.tiny import random_cond, random_latent, tiny_model

SIGMA = 3.0


@pytest.fixture
def model():
    return tiny_model()


def close(actual, expected):
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=2e-4)


def ask(model: Model, x, cond):
    """The picture under one entry, by a call of its own."""
    return Denoiser(model)(x, SIGMA, cond.tensor.expand(len(x), -1, -1))


def guide(model, positive, negative, cfg, x, sigma=SIGMA):
    return guided(Denoiser(model), positive, negative, cfg, like=x, schedule=model.schedule)(x, sigma)


def test_both_sides_share_one_call(model):
    x, positive, negative = random_latent(0, 2, 4, 8, 8), random_cond(1), random_cond(2)
    seen = guide(model, (positive,), (negative,), 7.5, x)
    assert model.network.calls == [4]
    towards, away = ask(model, x, positive), ask(model, x, negative)
    close(seen, away + 7.5 * (towards - away))


def test_scale_one_asks_for_the_positive_side_only(model):
    x, positive = random_latent(0, 2, 4, 8, 8), random_cond(1)
    seen = guide(model, (positive,), (random_cond(2),), 1.0, x)
    assert model.network.calls == [2]
    close(seen, ask(model, x, positive))


def test_contexts_of_different_lengths_are_repeated_into_one_call(model):
    x, long, short = random_latent(0, 1, 4, 8, 8), random_cond(1, length=21), random_cond(2, length=14)
    seen = guide(model, (long,), (short,), 2.0, x)
    assert model.network.calls == [2]
    towards, away = ask(model, x, long), ask(model, x, short)
    close(seen, away + 2.0 * (towards - away))


def test_contexts_too_different_are_asked_apart(model):
    x, long, short = random_latent(0, 1, 4, 8, 8), random_cond(1, length=35), random_cond(2, length=28)
    seen = guide(model, (long,), (short,), 2.0, x)
    assert model.network.calls == [1, 1]
    towards, away = ask(model, x, long), ask(model, x, short)
    close(seen, away + 2.0 * (towards - away))


def test_combined_entries_are_averaged_by_strength(model):
    x = random_latent(0, 1, 4, 8, 8)
    weak, strong = random_cond(1, strength=0.5), random_cond(2, strength=1.5)
    seen = guide(model, (weak, strong), (), 1.0, x)
    close(seen, (0.5 * ask(model, x, weak) + 1.5 * ask(model, x, strong)) / 2)


def test_mask_decides_by_place(model):
    x, left = random_latent(0, 1, 4, 8, 8), torch.zeros(1, 8, 8)
    left[..., :4] = 1
    one, two = random_cond(1, mask=left), random_cond(2, mask=1 - left)
    seen = guide(model, (one, two), (), 1.0, x)
    close(seen[..., :4], ask(model, x, one)[..., :4])
    close(seen[..., 4:], ask(model, x, two)[..., 4:])


def test_area_is_asked_at_its_own_size_and_fades_inside_only(model):
    x = random_latent(0, 1, 4, 8, 12)
    everywhere, corner = random_cond(1), random_cond(2, area=(0, 0, 8, 8))
    seen = guide(model, (everywhere, corner), (), 1.0, x)
    assert sorted(model.network.calls) == [1, 1]
    whole, part = ask(model, x, everywhere), ask(model, x[..., :8], corner)
    close(seen[..., 8:], whole[..., 8:])
    close(seen[..., :6], (whole[..., :6] + part[..., :6]) / 2)
    close(seen[..., 7], (whole[..., 7] + 0.5 * part[..., 7]) / 1.5)  # the ramp is 8 / 4 = 2 wide


def test_range_decides_by_level(model):
    x = random_latent(0, 1, 4, 8, 8)
    early, late = random_cond(1, end=0.5), random_cond(2, start=0.5)
    halfway = model.schedule.sigma(0.5 * 999)
    close(
        guide(model, (early, late), (), 1.0, x, halfway * 1.1),
        guide(model, (early,), (), 1.0, x, halfway * 1.1),
    )
    close(
        guide(model, (early, late), (), 1.0, x, halfway * 0.9),
        guide(model, (late,), (), 1.0, x, halfway * 0.9),
    )


def test_nothing_that_applies_is_nothing_seen(model):
    x = random_latent(0, 1, 4, 8, 8)
    assert not guide(model, (), (), 1.0, x).any()


def test_both_predictions_mean_the_same_picture():
    """A v network that answers sqrt(abar) e - sqrt(1 - abar) D is an eps network that answers e."""
    x, cond, eps = random_latent(0, 1, 4, 8, 8), random_cond(1), tiny_model()
    picture = ask(eps, x, cond)
    unit = (SIGMA**2 + 1) ** 0.5
    v = (x - picture) / SIGMA / unit - picture * SIGMA / unit

    class Answers(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, x, timesteps, context):
            return v

    close(ask(Model(Answers(), prediction="v"), x, cond), picture)


def test_outside_the_mask_the_given_picture_stays():
    latent, noise, x = (random_latent(seed, 1, 4, 8, 8) for seed in range(3))
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., :4] = 1
    shown = []
    seen = InsideMask(lambda x, sigma: shown.append(x) or x * 0 + 9, latent, noise, mask)(x, SIGMA)
    close(shown[0][..., :4], x[..., :4])
    close(shown[0][..., 4:], (latent + noise * SIGMA)[..., 4:])
    assert (seen[..., :4] == 9).all() and torch.equal(seen[..., 4:], latent[..., 4:])


def seen_by(*numbers):
    """What sides saw: pictures of one number each, as far apart as their spread."""
    return [random_latent(k, 1, 4, 4, 4) * number for k, number in enumerate(numbers)]


def test_two_positive_sides_are_mixed_in_turn():
    first, second, away = seen = seen_by(1.0, 2.0, 3.0)
    sides = ((), (), ())
    regular = Guider(sides, (3.0, 2.0)).mix(first, SIGMA, seen)
    nested = Guider(sides, (3.0, 2.0), nested=True).mix(first, SIGMA, seen)
    torch.testing.assert_close(regular, away + 2 * (second - away) + 3 * (first - second))
    torch.testing.assert_close(nested, away + 2 * (second + 3 * (first - second) - away))


def test_guidance_of_one_is_the_positive_side():
    towards, away = seen_by(1.0, 2.0)
    assert Guider(((), ()), (1.0,)).mix(towards, SIGMA, [towards, away]) is towards
    assert Guider(((),)).mix(towards, SIGMA, [towards]) is towards


def test_rescaled_guidance_has_the_contrast_of_the_positive_side():
    x, towards, away = seen_by(4.0, 1.0, 2.0)
    mixed = Guider(((), ()), (7.0,), rescale=1.0).mix(x, SIGMA, [towards, away])
    v, v_towards = (x / (SIGMA**2 + 1) - picture for picture in (mixed, towards))
    torch.testing.assert_close(v.std(), v_towards.std())
    plain, little = (Guider(((), ()), (7.0,), rescale=r).mix(x, SIGMA, [towards, away]) for r in (0, 1e-6))
    torch.testing.assert_close(plain, little, rtol=1e-4, atol=1e-4)


def test_sides_tell_what_the_negative_saw(model):
    like = random_latent(3, 1, 4, 8, 8)
    positive, negative = (random_cond(1),), (random_cond(2),)
    schedule = model.schedule
    both = guided(Denoiser(model), positive, negative, 1.0, like=like, schedule=schedule)
    only = guided(Denoiser(model), negative, positive, 1.0, like=like, schedule=schedule)
    mixed, away = both.sides(like, SIGMA)
    torch.testing.assert_close(mixed, both(like, SIGMA))
    torch.testing.assert_close(away, only(like, SIGMA))
