"""Tiny checkpoints whose UNet reads more than a latent: for inpainting, depth, editing and x4 upscaling."""

from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from diffusion.models.clip import ClipText
from diffusion.models.unet import UNet, UNetConfig
from diffusion.models.vae import Autoencoder, VaeConfig
from tests.diffusion.test_depth import tiny as tiny_depth
from tests.nodes.tiny import TEXT, UNET, VAE

INPAINT, DEPTH, INSTRUCT = (replace(UNET, in_channels=4 + beside) for beside in (5, 1, 4))
X4 = replace(UNET, in_channels=7, classes=1000, linear_projections=True, self_attention_levels=(False, True))
X4_VAE = replace(VAE, multipliers=(1, 1, 1))


def tensors(unet: UNetConfig, vae: VaeConfig = VAE) -> dict[str, Tensor]:
    """The networks of a checkpoint, the same at every call."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        networks: dict[str, nn.Module] = {
            "model.diffusion_model.": UNet(unet),
            "cond_stage_model.transformer.": ClipText(TEXT),
            "first_stage_model.": Autoencoder(vae),
        }
    return {
        prefix + name: tensor
        for prefix, network in networks.items()
        for name, tensor in network.state_dict().items()
    }


def write(path: Path, unet: UNetConfig, vae: VaeConfig = VAE) -> None:
    """Write a checkpoint as its ending says; one of a depth model brings its estimator."""
    made = tensors(unet, vae)
    if unet is DEPTH:
        made |= {f"depth_model.model.{name}": tensor for name, tensor in tiny_depth().state_dict().items()}
    if path.suffix == ".ckpt":
        torch.save({"state_dict": made}, path)
    else:
        save_file(made, path)
