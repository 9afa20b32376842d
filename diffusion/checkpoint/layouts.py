"""The names under which models are written: those of the original files, so that every program reads them."""

from collections.abc import Mapping

import torch
from torch import Tensor

from diffusion.adapters.lora import merged_model
from diffusion.adapters.weight_patch import merged
from diffusion.checkpoint.detect import NOISE_MARK, V_MARK
from diffusion.checkpoint.load import schedule_of
from diffusion.errors import Unsuitable
from diffusion.models.taesd import TinyAutoencoder
from diffusion.values import Model, TextEncoder, Vae

Tensors = dict[str, Tensor]

STATED = {"eps": "epsilon", "lcm": "epsilon", "v": "v"}
"""What is said of a prediction in metadata (modelspec); of others nothing can be said."""
ARCHITECTURES = {"sd1": "stable-diffusion-v1", "sd2": "stable-diffusion-v2-512", "x4": "stable-diffusion-x4"}

# Our name of a part of a layer -> OpenCLIP's; query, key and value are joined in one tensor.
LAYER_PARTS = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}


def unet_tensors(model: Model) -> Tensors:
    """A UNet with its patches in its weights, as in a checkpoint, and marks of what it predicts."""
    network = merged_model(model).network
    tensors = {f"model.diffusion_model.{name}": tensor for name, tensor in network.state_dict().items()}
    if model.prediction == "v":
        tensors[V_MARK] = torch.empty(0)
    if model.schedule == schedule_of(model.family).ending_in_noise():
        tensors[NOISE_MARK] = torch.empty(0)
    return tensors


def model_texts(model: Model) -> dict[str, str]:
    """What metadata say of a model, in the words of the modelspec that other programs read."""
    kind = "stable-diffusion-v2-768-v" if (model.family, model.prediction) == ("sd2", "v") else None
    texts = {"modelspec.architecture": kind or ARCHITECTURES[model.family]}
    stated = STATED.get(model.prediction)
    return texts | ({"modelspec.prediction_type": stated} if stated else {})


def text_tensors(clip: TextEncoder) -> Tensors:
    """A text encoder with its patches in its weights: SD1's under its own names, SD2's under OpenCLIP's."""
    tensors = merged(clip.network, clip.patches).state_dict()
    return openclip_names(tensors) if clip.family == "sd2" else dict(tensors)


def openclip_names(tensors: Mapping[str, Tensor]) -> Tensors:
    """The tensors of our text encoder as OpenCLIP names and joins them."""
    ours, theirs = "text_model.embeddings.", "text_model.final_layer_norm."
    renamed = {
        "token_embedding.weight": tensors[ours + "token_embedding.weight"],
        "positional_embedding": tensors[ours + "position_embedding.weight"],
        "ln_final.weight": tensors[theirs + "weight"],
        "ln_final.bias": tensors[theirs + "bias"],
    }
    layers = sum(name.endswith(".layer_norm1.weight") for name in tensors)
    for layer in range(layers):
        ours, theirs = f"text_model.encoder.layers.{layer}.", f"transformer.resblocks.{layer}."
        for kind in ("weight", "bias"):
            for part, name in LAYER_PARTS.items():
                renamed[f"{theirs}{name}.{kind}"] = tensors[f"{ours}{part}.{kind}"]
            joint = [tensors[f"{ours}self_attn.{part}_proj.{kind}"] for part in "qkv"]
            renamed[f"{theirs}attn.in_proj_{kind}"] = torch.cat(joint)
    return renamed


def checkpoint_tensors(model: Model, clip: TextEncoder, vae: Vae) -> Tensors:
    """The three networks in one file; Unsuitable where the UNet cannot read what the encoder writes."""
    width, expected = clip.network.config.width, model.network.config.context_dim
    if width != expected:
        raise Unsuitable(
            f"the text encoder writes vectors of {width} numbers, the model reads {expected}",
            input="clip",
            remedy="Give the text encoder that belongs to the model.",
        )
    if isinstance(vae.network, TinyAutoencoder):
        raise Unsuitable(
            "the VAE is TAESD, which no checkpoint has in the place of its own",
            input="vae",
            remedy="Give the VAE of a checkpoint, or write TAESD by itself with VAESave.",
        )
    prefix = "cond_stage_model." + ("model." if clip.family == "sd2" else "transformer.")
    return {
        **unet_tensors(model),
        **{prefix + name: tensor for name, tensor in text_tensors(clip).items()},
        **{f"first_stage_model.{name}": tensor for name, tensor in vae.network.state_dict().items()},
    }
