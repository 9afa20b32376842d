"""Latents: what is done to one is done to its mask and its place in the batch."""

import pytest
import torch

from diffusion import latents
from diffusion.errors import Unsuitable
from diffusion.values import Latent


def latent(batch=2, height=16, width=24, **more):
    return Latent(torch.rand(batch, 4, height, width), **more)


def test_mask_turns_with_the_latent():
    given = latent(noise_mask=torch.rand(1, 128, 192))
    turned = latents.rotate_latent(given, "90 degrees")
    assert turned.samples.shape == (2, 4, 24, 16) and turned.noise_mask.shape == (1, 192, 128)
    assert torch.equal(turned.samples[0, 0, 0], given.samples[0, 0, :, 0].flip(0))
    over = latents.flip_latent(given, "y-axis: horizontally")
    assert torch.equal(over.samples, given.samples.flip(-1))
    assert torch.equal(over.noise_mask, given.noise_mask.flip(-1))


def test_crop_is_counted_in_pixels_and_stays_inside():
    given = latent(noise_mask=torch.ones(1, 16, 24))
    part = latents.crop_latent(given, 64, 64, 80, 16)
    assert torch.equal(part.samples, given.samples[..., 2:10, 10:18])
    assert part.noise_mask.shape == (1, 8, 8)
    assert latents.crop_latent(given, 512, 512, 9999, 9999).samples.shape == (2, 4, 8, 8)


def test_taken_latents_know_where_they_were():
    given = latent(5, noise_mask=torch.rand(5, 8, 8))
    part = latents.take_latents(latents.take_latents(given, 1, 4), 2, 9)
    assert part.batch_index == (3, 4)
    assert torch.equal(part.samples, given.samples[3:]) and torch.equal(part.noise_mask, given.noise_mask[3:])


def test_repeats_have_places_of_their_own():
    assert latents.repeat_latents(latent(2, batch_index=(3, 4)), 3).batch_index == (3, 4, 5, 6, 7, 8)
    assert latents.repeat_latents(latent(2), 2).samples.shape[0] == 4


def test_joined_batches_keep_masks_and_places():
    first, second = latent(1, noise_mask=torch.zeros(1, 8, 8)), latent(2, 8, 8, batch_index=(5, 6))
    joined = latents.join_latents(first, second)
    assert joined.samples.shape == (3, 4, 16, 24) and joined.batch_index == (0, 5, 6)
    assert joined.noise_mask.amax((1, 2)).tolist() == [0, 1, 1]


def test_arithmetic_takes_the_first_size_and_count():
    first, second = latent(2), latent(1, 8, 8)
    total = latents.combine_latents(first, second, torch.add)
    assert total.samples.shape == first.samples.shape


def test_interpolation_keeps_its_ends_and_mixes_lengths():
    a, b = torch.randn(1, 4, 3, 3), torch.randn(1, 4, 3, 3) * 5
    torch.testing.assert_close(latents.interpolate(a, b, 1.0), a)
    torch.testing.assert_close(latents.interpolate(a, b, 0.0), b)
    middle = latents.interpolate(a, b, 0.5).norm(dim=1)
    torch.testing.assert_close(middle, (a.norm(dim=1) + b.norm(dim=1)) / 2)
    assert latents.interpolate(torch.zeros(1, 4, 1, 1), torch.zeros(1, 4, 1, 1), 0.5).isfinite().all()


def test_feathered_composite_fades_at_its_inner_sides_only():
    below, above = Latent(torch.zeros(1, 4, 16, 16)), Latent(torch.ones(1, 4, 8, 8))
    laid = latents.composite_feathered(below, above, 0, 64, over=16).samples[0, 0]
    assert laid[:8].sum() == 0 and laid[8:, 8:].sum() == 0
    torch.testing.assert_close(laid[8:, 0], torch.tensor([0.5] + [1.0] * 7))
    torch.testing.assert_close(laid[12, :8], torch.tensor([1.0] * 7 + [0.5]))


def test_composite_outside_changes_nothing():
    below, above = latent(1), latent(1, 8, 8)
    assert torch.equal(latents.composite_feathered(below, above, 9999, 9999, over=8).samples, below.samples)
    masked = latents.composite_masked(below, above, 16, 8, mask=torch.zeros(1, 64, 64), stretch=False)
    assert torch.equal(masked.samples, below.samples)


@pytest.mark.parametrize(("dim", "axis", "first"), [("x", -1, 0), ("-x", -1, 1), ("y", -2, 0), ("-y", -2, 1)])
def test_latents_are_put_side_by_side_with_their_masks(dim, axis, first):
    shapes = {-1: (16, 9), -2: (5, 24)}
    one = latent(2, noise_mask=torch.zeros(1, 128, 192))
    other = latent(1, *shapes[axis])
    made = latents.stitch_latents(one, other, dim)
    both = [one.samples, other.samples.expand(2, -1, -1, -1)]
    assert torch.equal(made.samples, torch.cat(both[::-1] if first else both, dim=axis))
    masks = [torch.zeros(2, 16, 24), torch.ones(2, *shapes[axis])]
    assert torch.equal(made.noise_mask, torch.cat(masks[::-1] if first else masks, dim=axis))


def test_latents_that_do_not_fit_side_by_side_are_refused():
    with pytest.raises(Unsuitable, match="16 and 8 latent pixels") as raised:
        latents.stitch_latents(latent(), latent(2, 8, 24), "x")
    assert raised.value.input == "samples2"
    with pytest.raises(Unsuitable, match="axis of time"):
        latents.stitch_latents(latent(), latent(), "-t")


@pytest.mark.parametrize(
    ("index", "amount", "kept"),
    [(0, 3, (0, 3)), (20, 99, (20, 24)), (-5, 2, (19, 21)), (-99, 1, (0, 1)), (99, 1, (23, 24))],
)
def test_a_strip_is_cut_from_either_end_as_far_as_there_is(index, amount, kept):
    given = latent(noise_mask=torch.rand(1, 16, 24))
    part = latents.cut_latent(given, "x", index, amount)
    assert torch.equal(part.samples, given.samples[..., slice(*kept)])
    assert torch.equal(part.noise_mask, given.noise_mask[..., slice(*kept)])
