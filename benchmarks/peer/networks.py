"""Networks of diffusers and transformers with seeded weights, and ours with the very same tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from benchmarks.peer.cases import fill
from diffusion.checkpoint.control_files import controlnet_recipe
from diffusion.checkpoint.diffusers_names import diffusers_unet, diffusers_vae
from diffusion.checkpoint.keymaps import apply
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.controlnet import ControlNet, ControlNetConfig
from diffusion.models.unet import UNet, UNetConfig
from diffusion.models.vae import Autoencoder, VaeConfig

if TYPE_CHECKING:
    from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
    from transformers import CLIPTextModel


def unets(config: UNetConfig) -> tuple[UNet, UNet2DConditionModel]:
    """A noise predictor."""
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        theirs = UNet2DConditionModel(
            sample_size=64,
            block_out_channels=config.widths,
            layers_per_block=config.res_blocks,
            cross_attention_dim=config.context_dim,
            # diffusers' name for the number of heads.
            attention_head_dim=tuple(config.heads_at(width) for width in config.widths),
            use_linear_projection=config.linear_projections,
        )
        ours = UNet(config)
    fill(theirs)
    ours.load_state_dict(apply(diffusers_unet(config), theirs.state_dict()), assign=True)
    return ours.eval(), theirs


def controlnets(config: UNetConfig) -> tuple[ControlNet, ControlNetModel]:
    """A ControlNet for a noise predictor of this shape."""
    from diffusers import ControlNetModel

    with torch.device("meta"):
        theirs = ControlNetModel(
            block_out_channels=config.widths,
            layers_per_block=config.res_blocks,
            cross_attention_dim=config.context_dim,
            attention_head_dim=tuple(config.heads_at(width) for width in config.widths),
        )
        ours = ControlNet(ControlNetConfig(config))
    fill(theirs)
    ours.load_state_dict(apply(controlnet_recipe(theirs.state_dict()), theirs.state_dict()), assign=True)
    return ours.eval(), theirs


def autoencoders(config: VaeConfig) -> tuple[Autoencoder, AutoencoderKL]:
    """An autoencoder; its encoder's distribution has no width, because diffusers draws from it."""
    from diffusers import AutoencoderKL

    levels = len(config.multipliers)
    with torch.device("meta"):
        theirs = AutoencoderKL(
            block_out_channels=config.widths,
            layers_per_block=config.res_blocks,
            latent_channels=config.z_channels,
            down_block_types=("DownEncoderBlock2D",) * levels,
            up_block_types=("UpDecoderBlock2D",) * levels,
            scaling_factor=0.18215,
        )
        ours = Autoencoder(config)
    fill(theirs)
    theirs.quant_conv.weight[config.embed_dim :] = 0
    theirs.quant_conv.bias[config.embed_dim :] = -60
    ours.load_state_dict(apply(diffusers_vae(levels), theirs.state_dict()), assign=True)
    return ours.eval(), theirs


def text_encoders(config: ClipTextConfig) -> tuple[ClipText, CLIPTextModel]:
    """A text encoder."""
    from transformers import CLIPTextConfig, CLIPTextModel

    theirs = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=config.vocab,
            hidden_size=config.width,
            intermediate_size=config.mlp,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            max_position_embeddings=config.positions,
            hidden_act=config.activation,
            eos_token_id=49407,
        )
    )
    theirs.eval().requires_grad_(False)
    with torch.device("meta"):
        ours = ClipText(config)
    prefix = "" if "text_model.final_layer_norm.weight" in theirs.state_dict() else "text_model."
    weights = {prefix + name: tensor for name, tensor in theirs.state_dict().items()}
    ours.load_state_dict(weights, assign=True)
    return ours.eval(), theirs
