"""Pictures and latents put together: places, masks, batches, borders."""

import torch

from diffusion import compose


def test_overlay_lies_at_its_place_and_loses_what_is_outside():
    destination, source = torch.zeros(1, 2, 4, 4), torch.ones(1, 2, 3, 3)
    laid = compose.overlay(destination, source, 2, 3)
    assert laid.sum() == 4 and (laid[0, :, 3, 2:] == 1).all()
    assert compose.overlay(destination, source, 4, 0).sum() == 0
    assert destination.sum() == 0 and destination._version == 0


def test_mask_lies_over_the_source_and_is_scaled_to_it():
    destination, source = torch.zeros(2, 1, 4, 4), torch.ones(1, 1, 2, 2)
    mask = torch.zeros(1, 4, 4)
    mask[..., 2:] = 0.5
    laid = compose.overlay(destination, source, 1, 1, mask=mask)
    assert laid[1, 0].tolist() == [[0, 0, 0, 0], [0, 0, 0.5, 0], [0, 0, 0.5, 0], [0, 0, 0, 0]]


def test_stretched_source_covers_everything():
    laid = compose.composite(torch.zeros(1, 4, 6, 3), torch.ones(1, 2, 2, 1), 0, 0, mask=None, stretch=True)
    assert laid.shape == (1, 4, 6, 3) and laid.min() == 1


def test_border_is_grey_and_selected_and_fades_into_the_picture():
    image = torch.zeros(2, 10, 10, 3)
    padded, mask = compose.pad_for_outpaint(image, 8, 0, 0, 16, feathering=4)
    assert padded.shape == (2, 26, 18, 3) and mask.shape == (1, 26, 18)
    assert (padded[:, :, :8] == 0.5).all() and (padded[:, :10, 8:] == 0).all()
    assert (mask[:, :, :8] == 1).all() and (mask[:, 10:] == 1).all()
    row = torch.tensor([1, 9 / 16, 1 / 4, 1 / 16, 0, 0, 0, 0, 0, 0])
    torch.testing.assert_close(mask[0, 0, 8:], row)
    # The lowest row is 1 from the border below, as ComfyUI counts: its distance is 1.
    torch.testing.assert_close(mask[0, 9, 13], torch.tensor(9 / 16))


def test_feathering_that_is_too_wide_for_the_picture_is_left_out():
    _, mask = compose.pad_for_outpaint(torch.zeros(1, 10, 10, 3), 8, 0, 0, 0, feathering=5)
    assert mask[..., 8:].sum() == 0


def test_batches_take_the_first_size_and_the_most_channels():
    first, second = torch.rand(1, 4, 6, 3), torch.rand(2, 8, 8, 4)
    joined = compose.join_images(first, second)
    assert joined.shape == (3, 4, 6, 4)
    assert torch.equal(joined[0, ..., :3], first[0]) and (joined[0, ..., 3] == 1).all()


def test_taking_beyond_the_end_gives_what_there_is():
    x = torch.arange(4)
    assert compose.take(x, 2, 9).tolist() == [2, 3] and compose.take(x, 9, 1).tolist() == [3]


def test_rotation_is_clockwise():
    image = torch.tensor([[1, 2], [3, 4]])[None, :, :, None]
    turned = compose.rotate(image, "90 degrees", height=1, width=2)
    assert turned[0, :, :, 0].tolist() == [[3, 1], [4, 2]]
    assert torch.equal(compose.rotate(image, "none", height=1, width=2), image)


def test_alpha_goes_in_and_comes_out():
    image, mask = torch.rand(1, 4, 4, 3), torch.rand(2, 4, 4)
    joined = compose.join_alpha(image, mask)
    assert joined.shape == (2, 4, 4, 4)
    back, again = compose.split_alpha(joined)
    assert torch.equal(back[1], image[0])
    torch.testing.assert_close(again, mask)
    assert compose.split_alpha(image)[1].max() == 0


def test_grey_gets_three_channels_and_is_opaque():
    widened = compose.with_channels(torch.zeros(1, 2, 2, 1), 4)
    assert widened.shape == (1, 2, 2, 4) and widened[..., :3].max() == 0 and widened[..., 3].min() == 1
