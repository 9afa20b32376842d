"""From prompt to picture by networks that come to a device in turn: they cannot be there together."""

import pytest
import torch

from diffusion.adapters.weight_patch import WeightPatch
from diffusion.depth import estimate
from diffusion.memory import Placement, placed
from diffusion.models.midas_small import MidasSmall, MidasSmallConfig
from diffusion.models.tokenizer import Tokenizer
from diffusion.models.upscaler import CompactConfig, build_upscaler
from diffusion.residency import Memory
from diffusion.resize import enlarge
from diffusion.sampling.run import Settings, finish, sample
from diffusion.tiles import DECODING, largest_bytes
from diffusion.values import Latent, Model, TextEncoder, Vae
from tests.diffusion.allocations import Allocated
from tests.diffusion.residents import CPU
from tests.nodes.tiny import networks

SETTINGS = Settings(seed=3, steps=2, cfg=5.0, sampler="euler", scheduler="karras")
LATENT = Latent(torch.zeros(1, 4, 16, 16))


def low_rank(network, module, strength):
    """A LoRA of one linear layer."""
    layer, noise = network.get_submodule(module), torch.Generator().manual_seed(1)
    parts = {
        "lora_down.weight": torch.randn(2, layer.in_features, generator=noise),
        "lora_up.weight": torch.randn(layer.out_features, 2, generator=noise),
    }
    return WeightPatch(module, {module: parts}, strength)


def values(memory: Memory | None, strength: float):
    """A model, its text encoder and its VAE, under LoRAs; on a device if there is a memory."""
    unet, text, vae = (network.eval().requires_grad_(False) for network in networks().values())
    for network in (unet, text, vae):
        if memory is not None:
            placed(network, Placement(CPU, torch.float32, memory))
    q = low_rank(unet, "middle_block.1.transformer_blocks.0.attn1.to_q", strength)
    fc1 = low_rank(text, "text_model.encoder.layers.0.mlp.fc1", strength)
    return Model(unet, patches=(q,)), TextEncoder(text, Tokenizer(), patches=(fc1,)), Vae(vae)


def picture(model, clip, vae):
    """The decoded picture of two steps."""
    positive, negative = clip.encode("a (red:1.3) panda"), clip.encode("")
    *_, last = sample(model, positive, negative, LATENT, SETTINGS)
    return vae.decode(finish(LATENT, last).samples)


@pytest.mark.parametrize("share", [1.0, 0.7])
def test_a_picture_is_the_same_wherever_it_is_made(share):
    """With room for the largest network and the work; then with less, so that its parts come in turn."""
    given = values(None, 0.3)
    expected = picture(*given)
    assert (expected - picture(*values(None, 0.0))).abs().max() > 1e-3, "the LoRAs matter"
    sizes = [sum(tensor.nbytes for tensor in value.network.parameters()) for value in given]
    working = int(DECODING * largest_bytes(given[2], expected[..., 0].numel()))
    memory = Memory(CPU, budget=working + int(share * max(sizes)))
    elsewhere = values(memory, 0.3)
    with Allocated() as allocated:
        made = picture(*elsewhere)
    torch.testing.assert_close(made, expected, atol=2e-4, rtol=0)
    assert memory.budget < working + sum(sizes)
    assert memory.peak <= memory.budget
    assert allocated.peak <= memory.budget + 4 * made.nbytes, "pictures are on the host"


def test_networks_that_look_at_pictures_come_to_the_device_too():
    torch.manual_seed(0)
    image = torch.rand(1, 32, 32, 3)
    upscaler = build_upscaler(CompactConfig(channels=8, convs=2, scale=2)).requires_grad_(False)
    depth = MidasSmall(MidasSmallConfig()).eval().requires_grad_(False)
    asked = [(upscaler, lambda: enlarge(upscaler, image)), (depth, lambda: estimate(depth, image, 32))]
    for network, ask in asked:
        expected, memory = ask(), Memory(CPU, budget=2**28)
        placed(network, Placement(CPU, torch.float32, memory))
        assert torch.equal(ask(), expected)
        assert memory.used == sum(tensor.nbytes for tensor in network.state_dict().values())
