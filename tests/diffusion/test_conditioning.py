"""Conditioning made from conditioning, entry by entry."""

import pytest
import torch

from diffusion.adapters.attention_scale import AttentionScale, scale_attention
from diffusion.conditioning import (
    averaged,
    concatenated,
    emptied,
    masked,
    pixel_area,
    placed,
    strengthened,
    timed,
)
from diffusion.errors import Unsuitable
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.tokenizer import Tokenizer
from diffusion.values import Area, Cond, TextEncoder

ONE, TWO, LONG = torch.ones(1, 3, 4), torch.full((1, 3, 4), 2.0), torch.full((1, 5, 4), 4.0)
AREA = Area(0, 1, 2, 3)


def test_concatenating_keeps_everything_else_of_the_first():
    (made,) = concatenated((Cond(ONE, area=AREA, strength=0.5),), (Cond(LONG), Cond(TWO)))
    assert torch.equal(made.tensor, torch.cat([ONE, LONG], dim=1))
    assert (made.area, made.strength) == (AREA, 0.5)


@pytest.mark.parametrize(("to", "other"), [(ONE, LONG), (LONG, ONE)])
def test_average_has_the_length_of_the_first(to, other):
    (made,) = averaged((Cond(to, start=0.2),), (Cond(other),), 0.25)
    filled = torch.zeros_like(to)
    filled[:, :3] = other[:, :3]
    torch.testing.assert_close(made.tensor, 0.25 * to + 0.75 * filled)
    assert made.start == 0.2


def test_pooled_vectors_are_averaged_or_taken():
    pooled, other = torch.zeros(1, 4), torch.ones(1, 4)
    (both,) = averaged((Cond(ONE, pooled=pooled),), (Cond(TWO, pooled=other),), 0.25)
    (one,) = averaged((Cond(ONE),), (Cond(TWO, pooled=other),), 0.25)
    assert torch.equal(both.pooled, torch.full((1, 4), 0.75)) and one.pooled is other


@pytest.mark.parametrize("join", [concatenated, lambda to, other: averaged(to, other, 0.5)])
def test_vectors_of_another_width_are_refused(join):
    with pytest.raises(Unsuitable, match=r"have 8 numbers.*have 4") as caught:
        join((Cond(ONE),), (Cond(torch.ones(1, 3, 8)),))
    assert caught.value.input == "conditioning_from"
    with pytest.raises(Unsuitable, match="no entry"):
        join((Cond(ONE),), ())


def test_emptied_is_zero():
    (made,) = emptied((Cond(ONE, pooled=torch.ones(1, 4), strength=0.3),))
    assert not made.tensor.any() and not made.pooled.any() and made.strength == 0.3
    assert ONE.all()


def test_pixels_become_latent_pixels():
    (made,) = placed((Cond(ONE),), pixel_area(x=24, y=17, width=64, height=72), 2.0)
    assert (made.area, made.strength) == (Area(top=2, left=3, height=9, width=8), 2.0)
    (weaker,) = strengthened((made,), 0.5)
    assert (weaker.area, weaker.strength) == (made.area, 0.5)


@pytest.mark.parametrize("shape", [(6, 8), (1, 6, 8)])
def test_strength_of_a_mask_is_in_the_mask(shape):
    mask = torch.ones(shape)
    (made,) = masked((Cond(ONE, strength=0.5),), mask, 0.25, bounds=True)
    assert torch.equal(made.mask, torch.full((1, 6, 8), 0.25)) and mask.all()
    assert (made.strength, made.mask_bounds) == (0.5, True)


def test_times_must_come():
    (made,) = timed((Cond(ONE),), 0.25, 0.25)
    assert (made.start, made.end) == (0.25, 0.25)
    with pytest.raises(Unsuitable, match=r"starts at 0.5, after its end at 0.25"):
        timed((Cond(ONE),), 0.5, 0.25)


def test_scaled_attention_is_that_of_scaled_weights():
    config = ClipTextConfig(width=16, layers=2, heads=2, mlp=32)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = ClipText(config).eval().requires_grad_(False)
    clip = TextEncoder(network, Tokenizer())
    made = scale_attention(clip, AttentionScale(0.5, 1.5, 2.0, 0.25)).encode("a cat")[0].tensor
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    plain = clip.encode("a cat")[0].tensor
    factors = {"q_proj": 0.5, "k_proj": 1.5, "v_proj": 2.0, "out_proj": 0.25}
    for name, tensor in network.named_parameters():
        assert torch.equal(tensor, before[name])
        tensor *= factors.get(name.split(".")[-2], 1.0)
    torch.testing.assert_close(made, clip.encode("a cat")[0].tensor)
    assert not torch.allclose(made, plain)
