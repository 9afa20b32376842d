"""A checkpoint in the layout of SD1 files with random weights of almost no size."""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.unet import UNet, UNetConfig
from diffusion.models.vae import Autoencoder, VaeConfig

UNET = UNetConfig(
    model_channels=32,
    multipliers=(1, 2),
    res_blocks=1,
    attention_levels=(True, True),
    self_attention_levels=(True, True),
    context_dim=16,
)
TEXT = ClipTextConfig(width=16, layers=2, heads=1, mlp=32)
VAE = VaeConfig(channels=32, multipliers=(1, 1, 1, 1), res_blocks=1)


def networks() -> dict[str, nn.Module]:
    """The three networks by their prefixes in a checkpoint, the same at every call."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return {
            "model.diffusion_model.": UNet(UNET),
            "cond_stage_model.transformer.": ClipText(TEXT),
            "first_stage_model.": Autoencoder(VAE),
        }


def write_checkpoint(path: Path) -> None:
    """Write the networks in one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        prefix + name: tensor
        for prefix, network in networks().items()
        for name, tensor in network.state_dict().items()
    }
    save_file(tensors, path)
