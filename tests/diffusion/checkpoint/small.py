"""Checkpoints of small networks in the layouts of the published ones, for tests to save and load."""

import torch
from torch import Tensor

from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.unet import UNet, UNetConfig
from diffusion.models.vae import Autoencoder, VaeConfig

UNET = UNetConfig(
    model_channels=32, multipliers=(1, 2), res_blocks=1, attention_levels=(True, False), context_dim=64
)
UNET = UNetConfig(**(vars(UNET) | {"self_attention_levels": (True, True)}))
UNET_SD2 = UNetConfig(**(vars(UNET) | {"model_channels": 64, "head_dim": 64, "linear_projections": True}))
VAE = VaeConfig(channels=16, multipliers=(1, 2, 2, 2), res_blocks=1)
TEXT = ClipTextConfig(width=64, layers=3, heads=1, mlp=96, vocab=300)
TEXT_SD2 = ClipTextConfig(**(vars(TEXT) | {"activation": "gelu", "output_layer": -2}))


def random_weights(network: torch.nn.Module, seed: int) -> dict[str, Tensor]:
    """The network's own initial weights, but the same ones every time."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: 0.1 * torch.randn(tensor.shape, generator=generator)
        for name, tensor in network.state_dict().items()
    }


def sd1_checkpoint() -> dict[str, Tensor]:
    """A checkpoint in the layout of SD1, with the extras that published files carry."""
    parts = {
        "model.diffusion_model.": UNet(UNET),
        "first_stage_model.": Autoencoder(VAE),
        "cond_stage_model.transformer.": ClipText(TEXT),
    }
    tensors = {
        prefix + name: tensor
        for seed, (prefix, network) in enumerate(parts.items())
        for name, tensor in random_weights(network, seed).items()
    }
    tensors["cond_stage_model.transformer.text_model.embeddings.position_ids"] = torch.arange(77)[None]
    tensors["betas"] = torch.zeros(1000)
    tensors["model_ema.num_updates"] = torch.tensor(3, dtype=torch.int32)
    return tensors


def sd2_checkpoint() -> dict[str, Tensor]:
    """A checkpoint in the layout of SD2, whose text encoder has OpenCLIP's names and joint projections."""
    tensors = {f"model.diffusion_model.{k}": v for k, v in random_weights(UNet(UNET_SD2), 0).items()}
    tensors |= {f"first_stage_model.{k}": v for k, v in random_weights(Autoencoder(VAE), 1).items()}
    text = as_openclip(random_weights(ClipText(TEXT_SD2), 2))
    tensors |= {f"cond_stage_model.model.{k}": v for k, v in text.items()}
    tensors["cond_stage_model.model.text_projection"] = torch.zeros(64, 64)
    tensors["cond_stage_model.model.logit_scale"] = torch.tensor(4.6)
    return tensors


def as_openclip(text: dict[str, Tensor], layers: int = TEXT.layers) -> dict[str, Tensor]:
    """Our text encoder's tensors under OpenCLIP's names."""
    model = "text_model."
    tensors = {
        "token_embedding.weight": text[f"{model}embeddings.token_embedding.weight"],
        "positional_embedding": text[f"{model}embeddings.position_embedding.weight"],
    }
    parts = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"}
    parts["self_attn.out_proj"] = "attn.out_proj"
    for kind in ("weight", "bias"):
        tensors[f"ln_final.{kind}"] = text[f"{model}final_layer_norm.{kind}"]
        for layer in range(layers):
            ours, theirs = f"{model}encoder.layers.{layer}.", f"transformer.resblocks.{layer}."
            for name, other in parts.items():
                tensors[f"{theirs}{other}.{kind}"] = text[f"{ours}{name}.{kind}"]
            joint = [text[f"{ours}self_attn.{part}_proj.{kind}"] for part in "qkv"]
            tensors[f"{theirs}attn.in_proj_{kind}"] = torch.cat(joint)
    return tensors
