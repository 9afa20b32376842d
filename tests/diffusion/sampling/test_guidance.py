"""Guidance on a tiny network: what is asked, in how many calls, and how the answers are put together."""

import pytest
import torch

from diffusion.errors import Unsuitable
from diffusion.models.unet import Residuals, UNet
from diffusion.patches import During
from diffusion.sampling.denoiser import Denoiser, Inputs
from diffusion.sampling.guidance import Guided, Guider
from diffusion.sampling.parts import whole
from diffusion.sampling.steering import RescaleCfg, Steering
from diffusion.values import Area, Model
from tests.diffusion.sampling.tiny import CONFIG, random_cond, random_latent, tiny_model

SIGMA = 3.0


@pytest.fixture
def model():
    return tiny_model()


def close(actual, expected):
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=2e-4)


def ask(model: Model, x, cond):
    """The picture under one entry, by a call of its own."""
    return Denoiser(model)(x, SIGMA, Inputs(cond.tensor.expand(len(x), -1, -1)))


def guide(model, positive, negative, cfg, x, sigma=SIGMA):
    return guided(model, positive, negative, cfg, x)(x, sigma)


def guided(model, positive, negative, cfg, like, **rest):
    guider = Guider((positive, negative), (cfg,))
    return Guided(Denoiser(model), guider, like=like, schedule=model.schedule, **rest)


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
    everywhere, corner = random_cond(1), random_cond(2, area=Area(0, 0, 8, 8))
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

    class Answers(UNet):
        def forward(self, x, timesteps, context, **rest):
            return v

    close(ask(Model(Answers(CONFIG), prediction="v"), x, cond), picture)


def seen_by(*numbers):
    """What sides saw: pictures of one number each, as far apart as their spread."""
    return [random_latent(k, 1, 4, 4, 4) * number for k, number in enumerate(numbers)]


def test_two_positive_sides_are_mixed_in_turn():
    first, second, away = seen = seen_by(1.0, 2.0, 3.0)
    sides = ((), (), ())
    regular = Guider(sides, (3.0, 2.0)).mix(seen)
    nested = Guider(sides, (3.0, 2.0), nested=True).mix(seen)
    torch.testing.assert_close(regular, away + 2 * (second - away) + 3 * (first - second))
    torch.testing.assert_close(nested, away + 2 * (second + 3 * (first - second) - away))


def test_guidance_of_one_is_the_positive_side():
    towards, away = seen_by(1.0, 2.0)
    assert Guider(((), ()), (1.0,)).mix([towards, away]) is towards
    assert Guider(((),)).mix([towards]) is towards


def test_rescaled_guidance_has_the_contrast_of_the_positive_side(model):
    x, positive, negative = random_latent(0, 1, 4, 8, 8), (random_cond(1),), (random_cond(2),)

    def rescaled(amount):
        return guided(model, positive, negative, 7.0, x, steerings=[RescaleCfg(amount)])(x, SIGMA)

    v, v_towards = (x / (SIGMA**2 + 1) - picture for picture in (rescaled(1.0), ask(model, x, positive[0])))
    torch.testing.assert_close(v.std(), v_towards.std())
    close(rescaled(1e-6), guide(model, positive, negative, 7.0, x))


class Noting(Steering):
    """Doubles the positive before the mix, adds what it sees under more prompts after it."""

    def __init__(self, other):
        self.also, self.other = ((other,),), (other,)

    def before(self, guess):
        return (2 * guess.positive, *guess.seen[1:])

    def after(self, guess):
        return guess.guided + guess.ask(self.other)


def test_steerings_act_before_and_after_the_mix_in_the_same_call(model):
    x, positive, negative, other = random_latent(0, 1, 4, 8, 8), *map(random_cond, (1, 2, 3))
    seen = guided(model, (positive,), (negative,), 3.0, x, steerings=[Noting(other)])(x, SIGMA)
    assert model.network.calls == [3]
    towards, away = 2 * ask(model, x, positive), ask(model, x, negative)
    close(seen, away + 3 * (towards - away) + ask(model, x, other))


def test_terms_are_added_to_the_negative_side(model):
    x, negative = random_latent(0, 1, 4, 8, 8), random_cond(3)
    one, two = random_cond(1, term=(0, 1.0)), random_cond(2, term=(1, 0.5))
    seen = guide(model, (one, two), (negative,), 1.0, x)
    away = ask(model, x, negative)
    close(seen, away + (ask(model, x, one) - away) + 0.5 * (ask(model, x, two) - away))


def test_steps_of_the_sampler_decide_when_an_entry_applies(model):
    x, sigmas = random_latent(0, 1, 4, 8, 8), [9.0, 6.0, SIGMA, 0.0]
    early, late = random_cond(1, steps=(0, 2)), random_cond(2, steps=(2, 3))
    see = guided(model, (early, late), (), 1.0, x, sigmas=sigmas)
    between = Denoiser(model)(x, 4.0, Inputs(early.tensor))
    close(see(x, 4.0), between)
    close(see(x, SIGMA), ask(model, x, late))
    never = guided(model, (random_cond(1, steps=(1, 1)),), (), 1.0, x, sigmas=sigmas)
    assert not never(x, 6.0).any()


def test_relative_area_follows_the_picture_and_one_outside_is_refused(model):
    x, corner = random_latent(0, 1, 4, 8, 12), random_cond(2, area=Area(0, 0.5, 0.5, 0.5, relative=True))
    assert Area(0, 0.5, 0.5, 0.5, relative=True).region(8, 12) == (slice(0, 4), slice(6, 12))
    close(guide(model, (corner,), (), 1.0, x)[..., :4, 6:], ask(model, x[..., :4, 6:], corner))
    with pytest.raises(Unsuitable, match="the picture ends at 96, 64"):
        guide(model, (random_cond(1, area=Area(0, 12, 8, 8)),), (), 1.0, x)


def test_bounds_of_a_mask_are_asked_alone(model):
    x, mask = random_latent(0, 1, 4, 16, 16), torch.zeros(1, 16, 16)
    mask[:, 3:12, 4:14] = 1
    cond = random_cond(1, mask=mask, mask_bounds=True)
    close(
        guide(model, (cond,), (), 1.0, x)[..., 3:12, 4:14],
        ask(model, x[..., 3:12, 4:14], cond),
    )


class Brightened:
    """A control that adds a constant to the middle, and counts its calls."""

    def __init__(self, first=float("inf")):
        self.first, self.last, self.calls, self.places = first, 0.0, [], []

    over, share = None, staticmethod(whole)

    def placed(self, like, region, schedule):
        self.places.append(region)
        return self

    def residuals(self, scaled, timesteps, context):
        self.calls.append(len(scaled))
        return Residuals(middle=torch.ones(len(scaled), 64, scaled.shape[2] // 2, scaled.shape[3] // 2))


def test_both_sides_share_one_call_of_the_control_that_they_share(model):
    x, control = random_latent(0, 2, 4, 8, 8), Brightened()
    positive, negative = random_cond(1, control=(control,)), random_cond(2, control=(control,))
    seen = guide(model, (positive,), (negative,), 3.0, x)
    assert (control.calls, model.network.calls, len(control.places)) == ([4], [4], 1)
    plain = guide(model, (random_cond(1),), (random_cond(2),), 3.0, x)
    assert (seen - plain).abs().max() > 1e-3


def test_control_outside_its_range_is_not_asked(model):
    x, control = random_latent(0, 1, 4, 8, 8), Brightened(first=SIGMA / 2)
    seen = guide(model, (random_cond(1, control=(control,)),), (), 1.0, x)
    assert control.calls == []
    close(seen, ask(model, x, random_cond(1)))


def test_sides_share_a_call_where_the_control_of_one_does_not_act(model):
    x, control = random_latent(0, 1, 4, 8, 8), Brightened(first=SIGMA / 2)
    positive, negative = random_cond(1, control=(control,)), random_cond(2)
    both = guided(model, (positive,), (negative,), 3.0, x)
    both(x, SIGMA)
    assert model.network.calls == [2]
    both(x, SIGMA / 3)
    assert (model.network.calls, control.calls) == ([2, 1, 1], [1])


class Silenced:
    """A patch that takes the middle block's attention away."""

    def apply(self, network):
        network.middle_block[1] = torch.nn.Identity()


def test_patches_act_in_their_range_and_leave_the_network_as_it_is(model):
    x, cond = random_latent(0, 1, 4, 8, 8), random_cond(1)
    plain = ask(model, x, cond)
    patched, early = (
        model.with_patch(Silenced()),
        model.with_patch(During(Silenced(), first=9, last=SIGMA * 2)),
    )
    assert (ask(patched, x, cond) - plain).abs().max() > 1e-4
    assert torch.equal(ask(early, x, cond), plain)
    assert torch.equal(ask(model, x, cond), plain)


def test_sides_tell_what_the_negative_saw(model):
    like = random_latent(3, 1, 4, 8, 8)
    positive, negative = (random_cond(1),), (random_cond(2),)
    both = guided(model, positive, negative, 1.0, like)
    only = guided(model, negative, positive, 1.0, like)
    mixed, away = both.sides(like, SIGMA)
    torch.testing.assert_close(mixed, both(like, SIGMA))
    torch.testing.assert_close(away, only(like, SIGMA))
