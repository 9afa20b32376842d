"""Patches of a network: what each changes, by formulas and against diffusers, and that the network stays."""

import pytest
import torch
import torch.nn.functional as F
from diffusers.utils.torch_utils import apply_freeu

from diffusion.features.attention import ScaleAttention, blocks
from diffusion.features.deep_shrink import DeepShrink
from diffusion.features.free_u import FreeU, backbone_weight, scale_low_frequencies
from diffusion.features.hyper_tile import HyperTile, TiledAttention, levels_of, tile_counts
from diffusion.features.perturbed_attention import BLIND
from diffusion.features.token_merging import TokenMerging, plan_merging
from diffusion.models.layers import attention
from diffusion.models.unet import UNet, UNetConfig
from diffusion.patches import patched
from tests.diffusion.sampling.tiny import random_latent

CONFIG = UNetConfig(
    model_channels=32,
    multipliers=(1, 2, 4),
    res_blocks=1,
    attention_levels=(True, True, True),
    self_attention_levels=(True, True, True),
    heads=2,
    context_dim=8,
)


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return UNet(CONFIG).eval().requires_grad_(False)


def ask(network, *, size=16, batch=2):
    x, context = random_latent(1, batch, 4, size, size), random_latent(2, batch, 7, 8)
    return network(x, torch.tensor([500] * batch), context)


@pytest.mark.parametrize(
    "patch",
    [
        FreeU(1.3, 1.4, 0.9, 0.2),
        FreeU(1.3, 1.4, 0.9, 0.2, second=True),
        HyperTile(32, depth=1),
        TokenMerging(0.3),
        DeepShrink(2, 2.0),
        DeepShrink(2, 2.0, after_skip=False),
        DeepShrink(30, 2.0),
        BLIND,
        ScaleAttention("attn1", q=2.0),
        ScaleAttention("attn2", out=0.5),
    ],
    ids=lambda patch: type(patch).__name__,
)
def test_patch_changes_a_copy_that_shares_all_weights(network, patch):
    plain, other = ask(network), patched(network, (patch,))
    changed = ask(other)
    assert changed.shape == plain.shape and changed.isfinite().all()
    assert 1e-4 < (changed - plain).abs().max() < 10
    assert torch.equal(ask(network), plain)
    assert {p.data_ptr() for p in other.parameters()} == {p.data_ptr() for p in network.parameters()}


@pytest.mark.parametrize(
    "patch",
    [
        FreeU(1.0, 1.0, 1.0, 1.0),
        FreeU(1.0, 1.0, 1.0, 1.0, second=True),
        HyperTile(2048),
        TokenMerging(0.0),
        DeepShrink(1, 1.0),
        ScaleAttention("attn1"),
    ],
    ids=lambda patch: type(patch).__name__,
)
def test_patch_that_does_nothing_changes_nothing(network, patch):
    torch.testing.assert_close(ask(patched(network, (patch,))), ask(network), atol=2e-6, rtol=0)


def test_patches_follow_each_other(network):
    both = patched(network, (FreeU(1.2, 1.2, 0.9, 0.9), HyperTile(32), TokenMerging(0.2), BLIND))
    assert (ask(both) - ask(network)).abs().max() > 1e-3


def test_first_free_u_is_that_of_diffusers():
    h, skip = random_latent(1, 2, 8, 6, 10), random_latent(2, 2, 4, 6, 10)
    theirs = apply_freeu(0, h.clone(), skip.clone(), b1=1.3, s1=0.4, b2=1, s2=1)
    first, rest = h.chunk(2, dim=1)
    torch.testing.assert_close(torch.cat([first * 1.3, rest], dim=1), theirs[0])
    torch.testing.assert_close(scale_low_frequencies(skip, 0.4), theirs[1], atol=1e-6, rtol=0)


def test_second_free_u_weighs_pixels_by_their_mean():
    h = random_latent(1, 1, 4, 5, 5)
    mean = h.mean(1, keepdim=True)
    expected = 0.3 * (mean - mean.min()) / (mean.max() - mean.min()) + 1
    torch.testing.assert_close(backbone_weight(h, 1.3), expected)
    assert torch.equal(backbone_weight(torch.ones(1, 4, 2, 2), 1.3), torch.ones(1, 1, 2, 2))


def test_tiles_are_equal_and_not_too_small():
    assert tile_counts(64, 32, 2) == [1, 2]
    assert tile_counts(96, 32, 2) == [2, 3]
    assert tile_counts(7, 32, 2) == [1]


def test_tokens_attend_to_their_own_tile_only(network):
    block = next(block for _, _, block in blocks(network))
    tiled = TiledAttention(block.attn1, 4, 1)
    x = random_latent(4, 1, 64, 32)
    changed = x.clone()
    changed[:, 63] += 1.0  # the last pixel of an 8 x 8 picture: in the tile below right
    difference = (tiled(changed, changed, (8, 8)) - tiled(x, x, (8, 8))).abs().sum(-1).reshape(8, 8)
    assert difference[4:, 4:].min() > 0 and difference[:4].max() == 0 and difference[:, :4].max() == 0


def test_levels_count_the_halvings(network):
    levels = levels_of(network)
    for half, index, stage in (("input", 1, 0), ("input", 3, 1), ("input", 5, 2), ("middle", 0, 2)):
        assert levels[half, index] == stage
    assert [levels["output", index] for index in range(6)] == [2, 2, 1, 1, 0, 0]


def test_merging_averages_and_gives_back():
    x = random_latent(5, 2, 36, 8)
    merging = plan_merging(x, (6, 6), 0.5, seed=1)
    merged = merging.merge(x)
    assert merged.shape == (2, 18, 8)
    back = merging.unmerge(merged, 36)
    for picture in range(2):
        kept = merging.kept[picture]
        assert torch.equal(back[picture, kept], x[picture, kept])
        for place, stayer in zip(merging.merged[picture], merging.into[picture], strict=True):
            assert torch.equal(back[picture, place], back[picture, merging.stayers[stayer]])
    group = [merging.stayers[0], *merging.merged[0][merging.into[0] == 0]]
    torch.testing.assert_close(merged[0, -9], x[0, group].mean(0))


def test_merging_is_the_same_every_time_and_for_every_picture_of_a_batch(network):
    patch = TokenMerging(0.4)
    torch.testing.assert_close(
        ask(patched(network, (patch,))), ask(patched(network, (patch,))), atol=0, rtol=0
    )
    x = random_latent(5, 3, 64, 8)
    together, alone = plan_merging(x, (8, 8), 0.5, 7), plan_merging(x[2:], (8, 8), 0.5, 7)
    assert torch.equal(together.merged[2], alone.merged[0])


def test_blind_attention_passes_values_on(network):
    _, _, block = next(found for found in blocks(patched(network, (BLIND,))) if found[0] == "middle")
    own = next(block for half, _, block in blocks(network) if half == "middle").attn1
    x = random_latent(6, 1, 9, 128)
    torch.testing.assert_close(block.attn1(x, x, (3, 3)), own.to_out(own.to_v(x)))


def test_scaled_attention_is_that_of_scaled_weights(network):
    scaled = patched(network, (ScaleAttention("attn2", q=2.0, k=0.5, v=3.0, out=0.25),))
    _, _, block = next(blocks(scaled))
    own = next(blocks(network))[2].attn2
    x, context = random_latent(7, 1, 16, 32), random_latent(8, 1, 5, 8)
    q, k, v = (
        F.linear(x, own.to_q.weight),
        F.linear(context, own.to_k.weight),
        F.linear(context, own.to_v.weight),
    )
    expected = 0.25 * own.to_out(attention(2.0 * q, 0.5 * k, 3.0 * v, heads=2))
    torch.testing.assert_close(block.attn2(x, context, (4, 4)), expected)


@pytest.mark.parametrize("size", (9, 17))
def test_odd_sizes_pass_through_every_patch(network, size):
    patches = (FreeU(1.2, 1.2, 0.9, 0.9), HyperTile(32, depth=2), TokenMerging(0.75), DeepShrink(2, 2.0))
    out = ask(patched(network, patches), size=size, batch=1)
    assert out.shape == (1, 4, size, size) and out.isfinite().all()
