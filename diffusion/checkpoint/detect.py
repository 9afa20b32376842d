"""Tells from names and shapes alone which networks a file of weights belongs to.

Nothing is looked up by file name or size, so a model of any width takes the same path as the published ones.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from diffusion.checkpoint.keymaps import CLIP_TEXT, OPENCLIP_TEXT, OPTIONAL, UNET, VAE, Recipe, apply, known
from diffusion.checkpoint.kinds import FOREIGN, describe, kinds_in, no_checkpoint, unsupported
from diffusion.models.clip import ClipTextConfig
from diffusion.models.taesd import TaesdConfig
from diffusion.models.unet import UNetConfig
from diffusion.models.upscaler import CompactConfig, RrdbConfig, UpscalerConfig
from diffusion.models.vae import VaeConfig

Tensors = Mapping[str, Tensor]
Family = Literal["sd1", "sd2", "x4"]
Role = Literal["base", "inpaint", "depth", "x4", "instruct"]

# SD2 trained on v has much larger biases here than SD2 trained on noise (0.19 against 0.05; ComfyUI's rule).
V_PREDICTION_BIAS = "output_blocks.11.1.transformer_blocks.0.norm1.bias"
V_PREDICTION_DEVIATION = 0.09
V_MARK, NOISE_MARK = "v_pred", "ztsnr"
"""Empty tensors with which ComfyUI and we mark velocity prediction and a schedule that ends in pure noise."""

LATENT_CHANNELS = 4
BIG_WIDTH = 1280  # of OpenCLIP ViT-bigG
PENULTIMATE_LAYERS = 23
"""SD2's text encoder without the layer that nothing reads, as diffusers stores it."""


@dataclass(frozen=True)
class Architecture:
    """The networks of a checkpoint, what the UNet is for, and how its text encoder is laid out."""

    family: Family
    role: Role
    unet: UNetConfig
    vae: VaeConfig
    text: ClipTextConfig
    text_recipe: Recipe


def detect(tensors: Tensors) -> Architecture:
    """The architecture of a whole checkpoint."""
    if kinds_in(tensors, FOREIGN):
        raise unsupported(describe(tensors))
    unet_tensors, vae_tensors = apply(UNET, tensors), apply(VAE, tensors)
    openclip = any(known(OPENCLIP_TEXT, name) for name in tensors)
    text_recipe = OPENCLIP_TEXT if openclip else CLIP_TEXT
    text_tensors = apply(text_recipe, tensors)
    for part, found in (("UNet", unet_tensors), ("VAE", vae_tensors), ("text encoder", text_tensors)):
        if not found:
            raise no_checkpoint(part, tensors)
    unet, vae = detect_unet(unet_tensors), detect_vae(vae_tensors)
    return Architecture(
        family=family_of(unet),
        role=detect_role(unet, vae),
        unet=unet,
        vae=vae,
        text=detect_text(text_tensors, openclip=openclip),
        text_recipe=text_recipe,
    )


def family_of(unet: UNetConfig) -> Family:
    """Which family a UNet is of."""
    if unet.classes is not None:
        return "x4"
    return "sd2" if unet.linear_projections else "sd1"


def unexpected_names(tensors: Iterable[str], architecture: Architecture) -> tuple[str, ...]:
    """Names that belong to none of the networks and are not known to be optional."""
    recipe = (*UNET, *VAE, *architecture.text_recipe, *OPTIONAL)
    return tuple(name for name in tensors if not known(recipe, name))


def detect_unet(tensors: Tensors) -> UNetConfig:
    """The configuration of a UNet under its original names; heads follow from the family."""
    if "label_emb.0.0.weight" in tensors:
        raise unsupported("a UNet with pooled conditioning, as in SDXL")
    try:
        levels = unet_levels(tensors)
        first, middle = tensors["input_blocks.0.0.weight"], "middle_block.1."
        linear = tensors[middle + "proj_in.weight"].ndim == 2
        context_dim = tensors[middle + "transformer_blocks.0.attn2.to_k.weight"].shape[1]
        classes = len(tensors["label_emb.weight"]) if "label_emb.weight" in tensors else None
        return UNetConfig(
            in_channels=first.shape[1],
            out_channels=tensors["out.2.weight"].shape[0],
            model_channels=first.shape[0],
            multipliers=tuple(level[0].width // first.shape[0] for level in levels),
            res_blocks=len(levels[0]),
            attention_levels=tuple(level[0].key_width is not None for level in levels),
            self_attention_levels=tuple(level[0].key_width in (None, level[0].width) for level in levels),
            head_dim=64 if linear and classes is None else None,
            context_dim=context_dim,
            linear_projections=linear,
            transformer_depth=count(tensors, middle + r"transformer_blocks\.(\d+)\."),
            classes=classes,
        )
    except (KeyError, IndexError) as error:
        raise unsupported(f"a UNet without {error}") from error


@dataclass(frozen=True)
class Residual:
    """A residual stage of the descending half: its width, and the width that its self-attention reads."""

    width: int
    key_width: int | None


def unet_levels(tensors: Tensors) -> list[list[Residual]]:
    """The residual stages of every level, finest first."""
    levels: list[list[Residual]] = [[]]
    for stage in range(1, count(tensors, r"input_blocks\.(\d+)\.")):
        block = f"input_blocks.{stage}."
        if block + "0.op.weight" in tensors:
            levels.append([])
            continue
        key = tensors.get(block + "1.transformer_blocks.0.attn1.to_k.weight")
        width = tensors[block + "0.out_layers.3.weight"].shape[0]
        levels[-1].append(Residual(width, None if key is None else key.shape[1]))
    return levels


def detect_vae(tensors: Tensors) -> VaeConfig:
    """The configuration of an autoencoder under its original names."""
    try:
        z_channels = tensors["decoder.conv_in.weight"].shape[1]
        if z_channels != LATENT_CHANNELS:
            raise unsupported(f"an autoencoder of {z_channels} latent channels, as that of SD3 and Flux")
        channels, in_channels = tensors["encoder.conv_in.weight"].shape[:2]
        out_channels, embed_dim = (
            tensors["decoder.conv_out.weight"].shape[0],
            tensors["post_quant_conv.weight"].shape[1],
        )
        if (in_channels, out_channels) != (3, 3):
            raise unsupported(
                f"an autoencoder from pictures with {in_channels} channels to ones with {out_channels}"
            )
        if embed_dim != LATENT_CHANNELS:
            raise unsupported(f"an autoencoder whose latents have {embed_dim} channels")
        levels = count(tensors, r"encoder\.down\.(\d+)\.")
        widths = [tensors[f"encoder.down.{level}.block.0.conv2.weight"].shape[0] for level in range(levels)]
        return VaeConfig(
            channels=channels,
            multipliers=tuple(width // channels for width in widths),
            res_blocks=count(tensors, r"encoder\.down\.0\.block\.(\d+)\."),
            z_channels=z_channels,
            in_channels=in_channels,
            out_channels=out_channels,
            embed_dim=embed_dim,
        )
    except KeyError as error:
        raise unsupported(f"an autoencoder without {error}") from error


def detect_text(tensors: Tensors, *, openclip: bool) -> ClipTextConfig:
    """The configuration of a text encoder under our names. SD2's reads the last layer but one of all 24."""
    layer = "text_model.encoder.layers."
    try:
        vocab, width = tensors["text_model.embeddings.token_embedding.weight"].shape
        if width == BIG_WIDTH:
            raise unsupported("the second text encoder of SDXL")
        layers = count(tensors, re.escape(layer) + r"(\d+)\.")
        # diffusers stores SD2's encoder under the names of SD1's: only the width tells them apart.
        sd2 = openclip or width == 1024
        return ClipTextConfig(
            width=width,
            layers=layers,
            heads=max(1, width // 64),
            mlp=tensors[layer + "0.mlp.fc1.weight"].shape[0],
            activation="gelu" if sd2 else "quick_gelu",
            vocab=vocab,
            positions=tensors["text_model.embeddings.position_embedding.weight"].shape[0],
            output_layer=-2 if sd2 and layers != PENULTIMATE_LAYERS else -1,
        )
    except KeyError as error:
        raise unsupported(f"a text encoder without {error}") from error


def detect_role(unet: UNetConfig, vae: VaeConfig) -> Role:
    """What the UNet is for, from what it is given beside the latent of its VAE."""
    return role_of(unet.in_channels, vae.embed_dim)


def role_of(in_channels: int, z: int) -> Role:
    """What a UNet of so many input channels is for, where latents have z."""
    roles: dict[int, Role] = {z: "base", 2 * z + 1: "inpaint", z + 1: "depth", z + 3: "x4", 2 * z: "instruct"}
    if in_channels not in roles:
        raise unsupported(f"a UNet with {in_channels} input channels")
    return roles[in_channels]


def detect_prediction(
    unet: Tensors, family: Family, metadata: Mapping[str, str], *, marked: bool = False
) -> Literal["eps", "v"]:
    """What the UNet predicts: as the file says, else by family, else (SD2) by the size of one bias."""
    stated = metadata.get("modelspec.prediction_type", "")
    if stated or marked:
        return "v" if marked or stated.startswith("v") else "eps"
    if family != "sd2":
        return "v" if family == "x4" else "eps"
    bias = unet.get(V_PREDICTION_BIAS)
    large = bias is not None and bool(bias.float().std() > V_PREDICTION_DEVIATION)
    return "v" if large and unet["input_blocks.0.0.weight"].shape[1] == 4 else "eps"


def detect_upscaler(tensors: Tensors) -> UpscalerConfig:
    """The configuration of an upscaler under its present names."""
    if "conv_first.weight" in tensors:
        width, inputs = tensors["conv_first.weight"].shape[:2]
        images = tensors["conv_last.weight"].shape[0]
        return RrdbConfig(
            channels=width,
            blocks=count(tensors, r"body\.(\d+)\."),
            growth=tensors["body.0.rdb1.conv1.weight"].shape[0],
            image_channels=images,
            ups=sum(name.startswith("conv_up") and name.endswith(".weight") for name in tensors),
            unshuffle=round((inputs / images) ** 0.5),
        )
    if "body.0.weight" in tensors:
        width, images = tensors["body.0.weight"].shape[:2]
        last = count(tensors, r"body\.(\d+)\.") - 1
        pixels = tensors[f"body.{last}.weight"].shape[0] // images
        return CompactConfig(
            channels=width, convs=last // 2 - 1, image_channels=images, scale=round(pixels**0.5)
        )
    raise no_checkpoint("upscaler", tensors)


def detect_taesd(tensors: Tensors) -> TaesdConfig:
    """The configuration of a TAESD decoder."""
    try:
        width, latents = tensors["1.weight"].shape[:2]
        return TaesdConfig(channels=width, latent_channels=latents, image_channels=len(tensors["19.bias"]))
    except KeyError as error:
        raise no_checkpoint("TAESD decoder", tensors) from error


def count(names: Iterable[str], pattern: str) -> int:
    """One more than the highest number that `pattern` finds at the start of a name."""
    matches = (re.match(pattern, name) for name in names)
    return max((int(match[1]) for match in matches if match), default=-1) + 1
