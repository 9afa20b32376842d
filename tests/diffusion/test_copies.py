"""Copies of networks: what counts as a change, and what comes to a device together."""

import copy

import pytest
import torch
from torch import nn

from diffusion.copies import StreamedCopy, changes_of, parts_of
from diffusion.memory import Placement
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.controlnet import ControlNet, ControlNetConfig
from diffusion.models.unet import ResBlock, SpatialTransformer
from diffusion.models.vae import Autoencoder, VaeConfig
from diffusion.patches import patched
from diffusion.sampling.fitting import Sliced
from diffusion.watching import unstopped
from tests.diffusion.residents import CPU, lora, parts
from tests.diffusion.sampling.tiny import CONFIG, random_cond, random_latent, tiny_model

FLOAT = Placement(CPU, torch.float32)


def streamed(network: nn.Module) -> nn.Module:
    copied = StreamedCopy(network, FLOAT, {}, streamed=True)
    copied.bring({}, unstopped)
    assert copied.module is not None
    return copied.module


def test_changes_are_told_apart_by_parts_strength_and_order():
    one, other = lora(1.0), lora(1.0, seed=1)
    first, second = (id(parts(seed, "0")) for seed in (0, 1))
    assert [change[:2] for change in changes_of([one, other])["0.weight"]] == [(first, 1.0), (second, 1.0)]
    assert changes_of([one]) == changes_of([lora(1.0)]) != changes_of([lora(0.5)])
    assert changes_of([one, other]) != changes_of([other, one])
    assert changes_of([]) == {}


@pytest.mark.parametrize(
    "network",
    [
        tiny_model().network,
        ControlNet(ControlNetConfig(CONFIG)),
        Autoencoder(VaeConfig(channels=8)),
        ClipText(ClipTextConfig(width=32, layers=4, heads=2, mlp=64, vocab=20)),
    ],
    ids=lambda network: type(network).__name__,
)
def test_parts_hold_every_tensor_once(network):
    held = [id(tensor) for part in parts_of(network) for tensor in part.parameters()]
    assert sorted(held) == sorted(map(id, network.parameters()))
    largest = max(sum(tensor.numel() for tensor in part.parameters()) for part in parts_of(network))
    assert largest < sum(tensor.numel() for tensor in network.parameters()) / 3


def test_blocks_of_a_unet_come_whole_because_they_reach_into_their_layers():
    kinds = {type(part) for part in parts_of(tiny_model().network.middle_block)}
    assert kinds == {ResBlock, SpatialTransformer}


def test_pieces_of_work_that_pass_a_part_by_find_their_weights():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        text = ClipText(ClipTextConfig(width=8, layers=2, heads=2, mlp=16, vocab=100)).requires_grad_(False)
        vae = Autoencoder(VaeConfig(channels=8)).requires_grad_(False)
    tokens, image = torch.arange(77)[None], torch.rand(1, 3, 16, 16)
    ready = streamed(text)
    assert torch.equal(ready.encode(ready.embed_tokens(tokens)), text(tokens))
    assert torch.equal(streamed(vae).encode(image).mean, vae.encode(image).mean)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_parts_come_in_what_is_computed_in_and_leave_as_they_were(dtype):
    network, expected = tiny_model().network, copy.deepcopy(tiny_model().network).to(dtype)
    made = StreamedCopy(network, Placement(CPU, dtype), {}, streamed=True)
    x, context = random_latent(0, 1, 4, 8, 8).to(dtype), random_cond(1).tensor.to(dtype)
    times = torch.full((1,), 500.0)
    for patches in ((), (Sliced(4),)):
        ready = patched(made.module, patches)
        with torch.no_grad():
            torch.testing.assert_close(
                ready(x, times, context), patched(expected, patches)(x, times, context), atol=0, rtol=0
            )
    assert all(
        mine.data_ptr() == own.data_ptr()
        for mine, own in zip(made.module.parameters(), network.parameters(), strict=True)
    )
