"""What a network reads beside the latent: given, filled in, noised, or refused with a way out."""

from dataclasses import replace

import pytest
import torch

from diffusion.errors import Unsuitable
from diffusion.models.unet import UNet
from diffusion.sampling.beside import GREY_LATENT, Beside, beside, check_beside
from diffusion.sampling.guidance import Guider
from diffusion.sampling.noise import NoiseChoice
from diffusion.sampling.run import SamplerChoice, Settings, sample, sample_custom
from diffusion.values import Area, Latent, Model
from tests.diffusion.sampling.tiny import CONFIG, random_cond, random_latent, tiny_model

SETTINGS = Settings(seed=3, steps=2, cfg=2.0, sampler="euler", scheduler="karras")
COND = random_cond(1)


class WatchedUNet(UNet):
    """Keeps the channels beside the latent, and the label, of the last call."""

    def forward(self, x, timesteps, context, *, y=None, **rest):
        self.seen, self.label = x[:, 4:], y
        return super().forward(x, timesteps, context, y=y, **rest)


def reading(channels, *, classes=None):
    """A tiny model that reads so many channels beside the latent."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        config = replace(CONFIG, in_channels=4 + channels, classes=classes)
        return Model(WatchedUNet(config).eval().requires_grad_(False))


def seen_by(model, latent, positive=(COND,), **changes):
    """What the network reads beside the latent in the first call, for the positive side."""
    settings = replace(SETTINGS, **{"cfg": 1.0} | changes)
    next(sample(model, positive, positive, latent, settings))
    return model.network.seen


def test_given_channels_are_read_for_every_picture():
    depth = random_latent(5, 1, 1, 8, 8)
    seen = seen_by(reading(1), Latent(torch.zeros(3, 4, 8, 8)), beside((COND,), depth))
    assert torch.equal(seen, depth.expand(3, 1, 8, 8))


def test_inpainting_model_without_conditioning_reads_the_rounded_mask_and_the_latent():
    samples, mask = random_latent(5, 2, 4, 8, 8), torch.zeros(1, 64, 64)
    mask[:, :, 16:32], mask[:, :, 32:40] = 1.0, 0.4
    seen = seen_by(reading(5), Latent(samples, noise_mask=mask))
    expected = torch.zeros(2, 1, 8, 8)
    expected[..., 2:4] = 1
    assert torch.equal(seen, torch.cat([expected, samples], dim=1))


def test_inpainting_model_without_any_mask_reads_that_all_is_hidden():
    seen = seen_by(reading(5), Latent(random_latent(5, 2, 4, 8, 8)))
    expected = torch.tensor([1.0, *GREY_LATENT])[:, None, None].expand(2, 5, 8, 8)
    assert torch.equal(seen, expected)


def test_conditioning_wins_over_the_latent_and_its_mask_stays_black_or_white_at_other_sizes():
    given = torch.cat([(random_latent(5, 1, 1, 4, 4) > 0).float(), random_latent(6, 1, 4, 4, 4)], dim=1)
    latent = Latent(torch.zeros(1, 4, 6, 6), noise_mask=torch.ones(1, 48, 48))
    seen = seen_by(reading(5), latent, beside((COND,), given))
    assert set(seen[:, :1].unique().tolist()) == {0.0, 1.0}
    assert seen.shape == (1, 5, 6, 6) and seen[:, 1:].abs().sum() > 0


def test_editing_model_reads_zeros_without_a_picture():
    assert not seen_by(reading(4), Latent(random_latent(5, 1, 4, 8, 8))).any()


def test_editing_is_guided_by_picture_and_text_apart():
    """Three sides: picture and text, picture alone, neither (equation 3 of arXiv 2211.09800)."""
    model, picture = reading(4), random_latent(5, 1, 4, 8, 8)
    text, empty = (COND,), (random_cond(2),)
    sides = (beside(text, picture), beside(empty, picture), empty)
    latent, levels = Latent(torch.zeros(1, 4, 8, 8)), (3.0, 0.0)
    options = {"sampler": SamplerChoice("euler"), "noise": NoiseChoice(3)}

    def step(sides, scales):
        (last,) = sample_custom(model, Guider(sides, scales), latent, levels, **options)
        return last.x

    both, alone, none = (step((side,), ()) for side in sides)
    guided = step(sides, (7.5, 1.5))
    torch.testing.assert_close(
        guided, none + 1.5 * (alone - none) + 7.5 * (both - alone), atol=1e-4, rtol=1e-4
    )
    assert (both - alone).abs().max() > 1e-3 and (alone - none).abs().max() > 1e-3


@pytest.mark.parametrize("profile", ["native", "comfy"])
def test_small_picture_gets_the_noise_of_its_level(profile):
    small = random_latent(5, 1, 3, 8, 8)
    positive = beside((COND,), small, label=20)
    model = reading(3, classes=1000)
    seen = seen_by(model, Latent(torch.zeros(1, 4, 8, 8)), positive, seed=30, noise=profile, cfg=1.0)
    noise = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(20))
    kept = torch.cumprod(1 - torch.linspace(0.0001**0.5, 0.02**0.5, 1000).double() ** 2, 0)[20]
    expected = kept.sqrt() * small + (1 - kept).sqrt() * noise
    torch.testing.assert_close(seen, expected.float(), atol=1e-6, rtol=0)
    assert model.network.label.tolist() == [20]


def test_level_0_leaves_the_small_picture_as_it_is():
    small = random_latent(5, 1, 3, 8, 8)
    latent = Latent(torch.zeros(2, 4, 8, 8))
    seen = seen_by(reading(3, classes=10), latent, beside((COND,), small, label=0))
    assert torch.equal(seen, small.expand(2, 3, 8, 8))


def test_noise_of_the_small_picture_follows_the_seed_of_each_picture():
    """Picture k of a batch reads what the only picture of seed s + k reads; below 10, seeds wrap around."""
    model, positive = reading(3, classes=1000), beside((COND,), random_latent(5, 1, 3, 8, 8), label=200)
    batch = seen_by(model, Latent(torch.zeros(3, 4, 8, 8)), positive, seed=4)
    alone = seen_by(model, Latent(torch.zeros(1, 4, 8, 8)), positive, seed=6)
    assert torch.equal(batch[2:], alone)
    picked = seen_by(model, Latent(torch.zeros(1, 4, 8, 8), batch_index=(2,)), positive, seed=4)
    assert torch.equal(picked, alone)
    whole = seen_by(model, Latent(torch.zeros(3, 4, 8, 8)), positive, seed=4, noise="comfy")
    assert torch.equal(whole[0], whole[2])


def test_both_sides_read_the_same_noised_picture():
    model, small = reading(3, classes=10), random_latent(5, 1, 3, 8, 8)
    sides = [beside((cond,), small, label=5) for cond in (COND, random_cond(2))]
    next(sample(model, *sides, Latent(torch.zeros(1, 4, 8, 8)), SETTINGS))
    assert torch.equal(model.network.seen[0], model.network.seen[1])
    assert model.network.label.tolist() == [5, 5]


def test_area_reads_its_part():
    depth = random_latent(5, 1, 1, 8, 16)
    positive = beside((replace(COND, area=Area(0, 8, 8, 8)),), depth)
    seen = seen_by(reading(1), Latent(torch.zeros(1, 4, 8, 16)), positive)
    assert torch.equal(seen, depth[..., 8:])


# What does not fit

PLAIN = Latent(torch.zeros(1, 4, 8, 8))
MASKED = Latent(torch.zeros(1, 4, 8, 8), noise_mask=torch.ones(1, 64, 64))


@pytest.mark.parametrize(
    ("reads", "given", "remedy"),
    [
        (0, 5, "noise mask"),
        (0, 3, "choose a checkpoint"),
        (0, 1, "choose a checkpoint"),
        (5, 1, "InpaintModelConditioning"),
        (5, 4, "InpaintModelConditioning"),
        (4, 5, "InstructPixToPixConditioning"),
        (1, 0, "DepthToImageConditioning"),
        (1, 5, "DepthToImageConditioning"),
        (3, 0, "SD_4XUpscale_Conditioning"),
        (3, 1, "SD_4XUpscale_Conditioning"),
    ],
)
def test_channels_of_another_kind_are_refused(reads, given, remedy):
    (cond,) = beside((COND,), random_latent(1, 1, given, 8, 8)) if given else (COND,)
    with pytest.raises(Unsuitable, match=rf"reads {reads} channels .* has {given}, ") as refused:
        list(sample(reading(reads), (COND,) if reads in (4, 5) else (cond,), (cond,), PLAIN, SETTINGS))
    assert remedy in refused.value.remedy
    assert refused.value.input == ("negative" if reads in (4, 5) else "positive")


def test_model_that_reads_none_ignores_mask_and_picture_where_the_latent_has_the_mask():
    model, sides = tiny_model(), beside((COND,), random_latent(1, 1, 5, 8, 8))
    *_, ours = sample(model, sides, sides, MASKED, SETTINGS)
    *_, plain = sample(model, (COND,), (COND,), MASKED, SETTINGS)
    assert torch.equal(ours.x, plain.x)


def test_latent_of_another_size_than_the_small_picture_is_refused():
    sides = beside((COND,), random_latent(1, 1, 3, 16, 24), label=0)
    with pytest.raises(Unsuitable, match=r"latent is 8 x 8 .* picture 24 x 16") as refused:
        list(sample(reading(3, classes=10), sides, sides, PLAIN, SETTINGS))
    assert refused.value.input == "latent_image" and "SD_4XUpscale_Conditioning" in refused.value.remedy


def test_entry_asked_by_a_steering_is_refused_alike():
    """Steerings ask under entries of their own, which no check of the sides has seen."""
    channels = Beside(reading(1), PLAIN, PLAIN.samples, None, seed=0)
    with pytest.raises(Unsuitable, match="the picture's depth"):
        channels(COND)
    check_beside(reading(5), COND, PLAIN)
