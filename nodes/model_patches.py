"""Nodes that change how a model's network computes, on top of the weights that it shares."""

from pathlib import Path
from typing import Annotated, Literal

from graph import File, Range, node
from nodes.errors import reported
from nodes.types import Model

Factor = Annotated[float, Range(0, 10, 0.01)]
Percent = Annotated[float, Range(0, 1, 0.001), "from 0, pure noise, to 1, the picture"]
Method = Literal["bicubic", "nearest-exact", "bilinear", "area", "bislerp"]


@node(id="FreeU", title="FreeU", category="model_patches/unet", search=("quality", "backbone", "skip"))
def free_u(model: Model, b1: Factor = 1.1, b2: Factor = 1.2, s1: Factor = 0.9, s2: Factor = 0.2) -> Model:
    """Weigh the network's backbone (b) up against its skips (s): more structure, less noise, for free."""
    from diffusion.features.free_u import FreeU

    return model.with_patch(FreeU(b1, b2, s1, s2))


@node(id="FreeU_V2", title="FreeU_V2", category="model_patches/unet", search=("quality", "backbone"))
def free_u_v2(model: Model, b1: Factor = 1.3, b2: Factor = 1.4, s1: Factor = 0.9, s2: Factor = 0.2) -> Model:
    """FreeU whose backbone factor follows what the features show: stronger where they are strong."""
    from diffusion.features.free_u import FreeU

    return model.with_patch(FreeU(b1, b2, s1, s2, second=True))


@node(
    id="HyperTile",
    title="HyperTile",
    category="model_patches/unet",
    search=("fast", "large pictures", "tiles"),
)
def hyper_tile(
    model: Model,
    tile_size: Annotated[int, Range(1, 2048), "pixels"] = 256,
    swap_size: Annotated[int, Range(1, 128), "how many different grids take turns"] = 2,
    max_depth: Annotated[int, Range(0, 10), "how many levels below the finest are tiled, too"] = 0,
    scale_depth: Annotated[bool, "larger tiles at coarser levels"] = False,
) -> Model:
    """Let parts of a picture attend to their own tile only: large pictures are made much faster."""
    from diffusion.features.hyper_tile import HyperTile

    return model.with_patch(HyperTile(tile_size, swap_size, max_depth, scale_depth))


@node(
    id="TomePatchModel",
    title="TomePatchModel",
    category="model_patches/unet",
    search=("token merging", "fast"),
)
def tome_patch_model(
    model: Model, ratio: Annotated[float, Range(0, 1, 0.01), "how many tokens are merged, at most 0.75"] = 0.3
) -> Model:
    """Merge alike tokens for self-attention: faster, and a little less exact."""
    from diffusion.features.token_merging import TokenMerging

    return model.with_patch(TokenMerging(ratio))


@node(
    id="PatchModelAddDownscale",
    title="PatchModelAddDownscale (Kohya Deep Shrink)",
    category="model_patches/unet",
    search=("high resolution", "hires fix"),
)
def patch_model_add_downscale(
    model: Model,
    block_number: Annotated[int, Range(1, 32, 1), "the input stage behind which the picture shrinks"] = 3,
    downscale_factor: Annotated[float, Range(0.1, 9, 0.001)] = 2.0,
    start_percent: Percent = 0.0,
    end_percent: Percent = 0.35,
    downscale_after_skip: Annotated[bool, "leave the skip of that stage as large as it is"] = True,
    downscale_method: Method = "bicubic",
    upscale_method: Method = "bicubic",
) -> Model:
    """Compose pictures larger than the model's at the size that it knows: no doubled heads."""
    from diffusion.features.deep_shrink import DeepShrink
    from diffusion.patches import During

    patch = DeepShrink(block_number, downscale_factor, downscale_method, upscale_method, downscale_after_skip)
    first, last = model.schedule.interval(start_percent, end_percent)
    return model.with_patch(During(patch, first, last))


@node(
    id="HypernetworkLoader",
    title="HypernetworkLoader",
    category="loaders",
    search=("hypernetwork", "style"),
)
def hypernetwork_loader(
    model: Model,
    hypernetwork_name: Annotated[Path, File("hypernetworks"), "as AUTOMATIC1111's program saves them"],
    strength: Annotated[float, Range(-10, 10, 0.01)] = 1.0,
) -> Model:
    """Change what a model's attention takes from prompt and picture by a hypernetwork."""
    from dataclasses import replace

    from diffusion.adapters.hypernetworks import fitting, read_hypernetwork

    with reported("hypernetwork_name"):
        found = fitting(read_hypernetwork(hypernetwork_name), model.network)
        return model.with_patch(replace(found, strength=strength)) if strength else model


@node(
    id="UNetSelfAttentionMultiply",
    title="UNetSelfAttentionMultiply",
    category="_for_testing/attention_experiments",
)
def unet_self_attention_multiply(
    model: Model, q: Factor = 1.0, k: Factor = 1.0, v: Factor = 1.0, out: Factor = 1.0
) -> Model:
    """Multiply queries, keys, values and outputs of the model's self-attention."""
    from diffusion.features.attention import ScaleAttention

    return model.with_patch(ScaleAttention("attn1", q, k, v, out))


@node(
    id="UNetCrossAttentionMultiply",
    title="UNetCrossAttentionMultiply",
    category="_for_testing/attention_experiments",
)
def unet_cross_attention_multiply(
    model: Model, q: Factor = 1.0, k: Factor = 1.0, v: Factor = 1.0, out: Factor = 1.0
) -> Model:
    """Multiply queries, keys, values and outputs of the model's attention to the prompt."""
    from diffusion.features.attention import ScaleAttention

    return model.with_patch(ScaleAttention("attn2", q, k, v, out))
