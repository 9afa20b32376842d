"""Pictures and masks made ready for painting anew: what is hidden, what is read, what is kept."""

import pytest
import torch

from diffusion.errors import Unsuitable
from diffusion.inpaint import (
    edit_conditioning,
    encode_for_inpainting,
    fitted,
    inpaint_conditioning,
    surroundings,
)
from diffusion.values import Cond

CONDS = (Cond(torch.zeros(1, 77, 8)), Cond(torch.ones(1, 77, 8)))


class Recorder:
    """Stands for a Vae: keeps what it is asked to encode, and answers the means of blocks of 8."""

    factor, scale = 8, 0.5

    def __init__(self):
        self.images = []

    def encode(self, image):
        self.images.append(image)
        if min(image.shape[1:3]) < self.factor:
            raise Unsuitable("too small", input="pixels", remedy="")
        blocks = image.unfold(1, 8, 8).unfold(2, 8, 8).mean(dim=(-1, -2))
        return torch.cat([blocks, blocks[..., :1]], dim=-1).movedim(-1, 1)


def square(height, width, top, left, side):
    mask = torch.zeros(1, height, width)
    mask[:, top : top + side, left : left + side] = 1
    return mask


def conditioned(image, mask, *, masked=True):
    vae = Recorder()
    positive, negative, latent = inpaint_conditioning(CONDS[:1], CONDS[1:], vae, image, mask, masked=masked)
    return vae, positive[0], negative[0], latent


def test_inpainting_greys_out_and_grows_the_mask():
    vae, mask = Recorder(), torch.zeros(1, 33, 40)
    mask[:, 16, 16] = 1
    made = encode_for_inpainting(vae, torch.ones(1, 33, 40, 3), mask, grow_by=6)
    (seen,) = vae.images
    assert seen.shape == (1, 32, 40, 3) and (seen == 0.5).sum() == 3
    assert made.noise_mask.shape == (1, 32, 40) and made.noise_mask.sum() == 36
    assert encode_for_inpainting(vae, torch.ones(1, 33, 40, 3), mask, grow_by=0).noise_mask.sum() == 1


def test_model_reads_mask_and_picture_greyed_inside_and_starts_from_the_whole_picture():
    image, mask = torch.rand(1, 32, 40, 3), square(32, 40, 8, 16, 16)
    vae, positive, negative, latent = conditioned(image, mask)
    hidden, whole = vae.images
    assert (hidden[:, 8:24, 16:32] == 0.5).all() and torch.equal(whole, image)
    torch.testing.assert_close(hidden[:, :8], image[:, :8])
    expected = torch.cat([square(4, 5, 1, 2, 2)[None], Recorder().encode(hidden)], dim=1)
    assert torch.equal(positive.concat, expected) and negative.concat is positive.concat
    assert torch.equal(positive.tensor, CONDS[0].tensor) and torch.equal(negative.tensor, CONDS[1].tensor)
    assert torch.equal(latent.samples, Recorder().encode(image)) and torch.equal(latent.noise_mask, mask)
    assert CONDS[0].concat is None
    assert conditioned(image, mask, masked=False)[3].noise_mask is None


@pytest.mark.parametrize(("value", "hidden"), [(0.0, False), (0.4, False), (0.6, True), (1.0, True)])
def test_grey_masks_hide_all_or_nothing_and_stay_grey_on_the_latent(value, hidden):
    image = torch.rand(1, 32, 32, 3)
    vae, positive, _, latent = conditioned(image, torch.full((1, 32, 32), value))
    assert torch.allclose(vae.images[0], torch.full_like(image, 0.5) if hidden else image)
    assert (positive.concat[:, 0] == float(hidden)).all()
    assert (latent.noise_mask == value).all()


def test_sides_are_cut_around_the_centre_to_whole_latent_pixels():
    image, mask = torch.rand(1, 37, 43, 3), square(37, 43, 2, 1, 8)
    vae, positive, _, latent = conditioned(image, mask)
    assert torch.equal(vae.images[1], image[:, 2:34, 1:41])
    assert torch.equal(latent.noise_mask, square(32, 40, 0, 0, 8))
    assert torch.equal(positive.concat[:, 0], square(4, 5, 0, 0, 1))


def test_mask_of_another_size_is_scaled_to_the_picture():
    image = torch.rand(1, 64, 64, 3)
    for size in (16, 32, 256):
        part = size // 4
        vae, positive, _, latent = conditioned(image, square(size, size, part, part, part * 2))
        assert torch.equal(positive.concat[:, 0], square(8, 8, 2, 2, 4)), size
        assert latent.noise_mask.shape == (1, 64, 64)
        assert (vae.images[0][:, 20:44, 20:44] == 0.5).all()


def test_one_picture_or_mask_serves_all_of_the_other():
    image, mask = fitted(torch.rand(3, 16, 16, 1), torch.rand(1, 16, 16), 8)
    assert image.shape == (3, 16, 16, 3) and mask.shape == (3, 16, 16)
    image, mask = fitted(torch.rand(1, 16, 16, 4), torch.rand(2, 8, 8), 8)
    assert image.shape == (2, 16, 16, 3) and mask.shape == (2, 16, 16)
    _, positive, _, latent = conditioned(torch.rand(1, 16, 16, 3), torch.rand(2, 16, 16))
    assert len(positive.concat) == len(latent.samples) == len(latent.noise_mask) == 2


def test_picture_without_one_latent_pixel_is_refused():
    with pytest.raises(Unsuitable) as refused:
        conditioned(torch.rand(1, 7, 64, 3), torch.ones(1, 7, 64))
    assert refused.value.input == "pixels"


def test_editing_model_reads_the_unscaled_latent_and_starts_from_nothing():
    vae, image = Recorder(), torch.rand(1, 16, 24, 3)
    positive, negative, latent = edit_conditioning(CONDS[:1], CONDS[1:], vae, image)
    assert torch.equal(positive[0].concat, Recorder().encode(image) / 0.5)
    assert negative[0].concat is positive[0].concat
    assert torch.equal(latent.samples, torch.zeros(1, 4, 2, 3)) and latent.noise_mask is None


@pytest.mark.parametrize(
    ("box", "margin", "is_square", "expected"),
    [
        ((40, 48, 16, 16), 0, False, (48, 40, 16, 16)),
        ((40, 48, 16, 16), 8, False, (40, 32, 32, 32)),
        ((40, 48, 10, 21), 0, False, (46, 37, 24, 16)),  # top, left, height, width; widened about the middle
        ((40, 48, 10, 21), 0, True, (46, 33, 24, 24)),
        ((0, 120, 16, 8), 32, True, (48, 0, 80, 80)),  # shifted into the picture
        ((0, 0, 96, 128), 32, True, (0, 0, 128, 96)),  # the picture is not square
    ],
)
def test_surroundings_of_a_mask(box, margin, is_square, expected):
    top, left, height, width = box
    mask = torch.zeros(2, 96, 128)
    mask[1, top : top + height, left : left + width] = 0.5
    assert surroundings(mask, margin, square=is_square) == expected


def test_mask_of_nothing_has_no_surroundings():
    with pytest.raises(Unsuitable, match="selects nothing") as refused:
        surroundings(torch.zeros(1, 64, 64), 8, square=True)
    assert refused.value.input == "mask"
