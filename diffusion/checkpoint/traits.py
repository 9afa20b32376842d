"""What a file of weights is for, told from its header: the facts that decide what it can be wired to.

The rules are those of `detect.py`, which needs tensors and makes whole configurations; a test holds both to
the same answers on the manifests of the published files. What a header does not say is left out.
"""

import math
import re
import statistics
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from pathlib import Path
from typing import NamedTuple

from diffusion.checkpoint.contents import Header, TensorInfo
from diffusion.checkpoint.errors import CheckpointError
from diffusion.checkpoint.header import read_header, read_numbers
from diffusion.checkpoint.kinds import (
    FOREIGN,
    TINY,
    describe,
    is_tiny,
    kinds_in,
    no_checkpoint,
    unsupported,
)

Traits = Mapping[str, str | int]
Infos = Mapping[str, TensorInfo]
Parts = Mapping[str, Traits]

# SD2 trained on v has much larger biases here than SD2 trained on noise (0.19 against 0.05; ComfyUI's rule).
V_PREDICTION_BIAS = "output_blocks.11.1.transformer_blocks.0.norm1.bias"
V_PREDICTION_DEVIATION = 0.09

UNET, VAE = "model.diffusion_model.", "first_stage_model."
DIFFUSERS_LEVELS = r"encoder\.down_blocks\.(\d+)\."
ROLES = {0: "base", 5: "inpaint", 1: "depth", 3: "x4", 4: "instruct"}
"""By the channels that a UNet reads beside the latent."""
KEPT = 64
"""Files whose traits are remembered, each as it was at a time."""


def remembered(read: Callable[[Path], Parts]) -> Callable[[Path], Parts]:
    """Read a file once for as long as its size and time stay the same."""

    @lru_cache(maxsize=KEPT)
    def version(path: Path, size: int, time: int) -> Parts | CheckpointError:
        try:
            return read(path)
        except CheckpointError as error:
            return error

    @wraps(read)
    def current(path: Path) -> Parts:
        status = path.stat()
        found = version(path, status.st_size, status.st_mtime_ns)
        if isinstance(found, CheckpointError):
            raise found
        return found

    return current


@remembered
def checkpoint_traits(path: Path) -> Parts:
    """MODEL, CLIP and VAE of a whole checkpoint; a CheckpointError where it is none of ours."""
    header = read_header(path)
    infos = header.tensors
    if kinds_in(infos, FOREIGN):
        raise unsupported(describe(infos))
    parts = {
        "MODEL": unet_traits(path, header, below(infos, UNET)),
        "CLIP": text_traits(infos),
        "VAE": vae_traits(below(infos, VAE)),
    }
    for part, name in (("MODEL", "UNet"), ("VAE", "VAE"), ("CLIP", "text encoder")):
        if not parts[part]:
            raise no_checkpoint(name, infos)
    return parts


@remembered
def vae_file_traits(path: Path) -> Parts:
    """VAE of a file that holds one, alone or in a checkpoint."""
    infos = read_header(path).tensors
    found = vae_traits(below(infos, VAE)) or vae_traits(infos)
    found = found or vae_traits(infos, DIFFUSERS_LEVELS) or tiny_traits(infos)
    if not found:
        raise no_checkpoint("VAE", infos)
    return {"VAE": found}


@remembered
def unet_file_traits(path: Path) -> Parts:
    """MODEL of a file that holds a UNet, alone or in a checkpoint, in either layout."""
    header = read_header(path)
    infos = header.tensors
    inside = below(infos, UNET) or infos
    return {"MODEL": unet_traits(path, header, inside)}


@remembered
def text_file_traits(path: Path) -> Parts:
    """CLIP of a file that holds a text encoder, alone or in a checkpoint."""
    return {"CLIP": text_traits(read_header(path).tensors)}


@remembered
def lora_traits(path: Path) -> Parts:
    """The widths that a LoRA was made for: of a model's context, and of a text encoder."""
    infos = read_header(path).tensors
    return {
        "MODEL": said(context=width_read(infos, r"(?!.*text).*attn2[._](?:processor[._])?to_k")),
        "CLIP": said(width=width_read(infos, r"(?:lora_te|text_encoder|lycoris_text).*[._]fc1")),
    }


@remembered
def embedding_traits(path: Path) -> Parts:
    """The widths of the vectors in a file of textual inversion, by the text encoder that each is for."""
    infos = {name: info for name, info in read_header(path).tensors.items() if len(info.shape) in (1, 2)}
    for_encoders = {name: info for name, info in infos.items() if name in ("emb_params", "clip_l", "clip_g")}
    vectors = for_encoders or (infos if len(infos) == 1 else {})
    return {name: {"width": info.shape[-1]} for name, info in vectors.items()}


@remembered
def latent_traits(path: Path) -> Parts:
    """The size of a latent in a file; an empty one is counted in eights of pixels, so this is, too."""
    found = shape(read_header(path).tensors, "latent_tensor")
    if found is None or len(found) != 4:
        return {"LATENT": {}}
    batch, channels, rows, columns = found
    return {"LATENT": said(width=columns * 8, height=rows * 8, batch=batch, channels=channels)}


@remembered
def control_traits(path: Path) -> Parts:
    """The width of context that a ControlNet reads; T2I-adapters read none."""
    infos = read_header(path).tensors
    keys = {info.shape[1] for name, info in infos.items() if name.endswith(".attn2.to_k.weight")}
    return {"CONTROL_NET": said(context=keys.pop() if len(keys) == 1 else None)}


@remembered
def upscaler_traits(path: Path) -> Parts:
    """By how much an upscaler of a present layout enlarges; earlier ones do not say it as plainly."""
    infos = read_header(path).tensors
    first, last = shape(infos, "conv_first.weight"), shape(infos, "conv_last.weight")
    if first and last and "conv_up1.weight" in infos:
        ups = sum(name.startswith("conv_up") and name.endswith(".weight") for name in infos)
        return {"UPSCALE_MODEL": {"scale": 2**ups // round((first[1] / last[0]) ** 0.5)}}
    bodies = [int(match[1]) for name in infos if (match := re.fullmatch(r"body\.(\d+)\.weight", name))]
    first, last = shape(infos, "body.0.weight"), shape(infos, f"body.{max(bodies, default=0)}.weight")
    if first and last and len(first) == len(last) == 4:
        return {"UPSCALE_MODEL": {"scale": round((last[0] / first[1]) ** 0.5)}}
    return {"UPSCALE_MODEL": {}}


# What the names and shapes say


class Telling(NamedTuple):
    """What five tensors that tell the kind of a UNet are called, and the one that only the upscaler has."""

    first: str
    last: str
    key: str
    project: str
    bias: str
    classes: str


ORIGINAL = Telling(
    "input_blocks.0.0.weight",
    "out.2.weight",
    "middle_block.1.transformer_blocks.0.attn2.to_k.weight",
    "middle_block.1.proj_in.weight",
    V_PREDICTION_BIAS,
    "label_emb.weight",
)
DIFFUSERS = Telling(
    "conv_in.weight",
    "conv_out.weight",
    "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight",
    "mid_block.attentions.0.proj_in.weight",
    "up_blocks.3.attentions.2.transformer_blocks.0.norm1.bias",
    "class_embedding.weight",
)


def unet_traits(path: Path, header: Header, infos: Infos) -> Traits:
    """Family, role, prediction, context width and latent channels of a UNet in either layout."""
    names = DIFFUSERS if DIFFUSERS.first in infos else ORIGINAL
    first, last, key, project = (shape(infos, name) for name in names[:4])
    if not (first and last and key and project):
        return {}
    family = "x4" if names.classes in infos else "sd2" if len(project) == 2 else "sd1"
    role = ROLES.get(first[1] - last[0])
    if role is None:
        raise unsupported(f"a UNet with {first[1]} input channels")
    bias = infos.get(names.bias) if role == "base" else None
    prediction = prediction_of(path, header, family, bias)
    return said(family=family, prediction=prediction, role=role, context=key[1], channels=last[0])


def prediction_of(path: Path, header: Header, family: str, bias: TensorInfo | None) -> str | None:
    """What the UNet predicts; for SD2, the numbers of one bias tell, which are all that is ever read."""
    stated = header.metadata.get("modelspec.prediction_type", "")
    if stated or "v_pred" in header.tensors:
        return "v" if "v_pred" in header.tensors or stated.startswith("v") else "eps"
    if family != "sd2":
        return "v" if family == "x4" else "eps"
    if bias is None:
        return "eps"
    numbers = read_numbers(path, bias)
    if numbers is None:
        return None
    finite = len(numbers) > 1 and all(map(math.isfinite, numbers))
    return "v" if finite and statistics.stdev(numbers) > V_PREDICTION_DEVIATION else "eps"


def text_traits(infos: Infos) -> Traits:
    """Family and width of a text encoder under the names of SD1, OpenCLIP or diffusers."""
    for name, info in infos.items():
        if name.endswith("token_embedding.weight") and len(info.shape) == 2:
            width = info.shape[1]
            openclip = not name.endswith("embeddings.token_embedding.weight")
            return {"family": "sd2" if openclip or width == 1024 else "sd1", "width": width}
    return {}


def vae_traits(infos: Infos, levels: str = r"encoder\.down\.(\d+)\.") -> Traits:
    """Pixels per latent pixel, and channels of the latent, of an autoencoder with levels of these names."""
    latent = shape(infos, "post_quant_conv.weight")
    return said(factor=factor_of(infos, levels), channels=latent[1] if latent else None)


def tiny_traits(infos: Infos) -> Traits:
    """The same of TAESD: in one file, or of either half."""
    if not is_tiny(infos):
        return {}
    first = next((found for name in (*TINY, "1.weight") if (found := shape(infos, name))), None)
    last = shape(infos, "14.weight") if "0.weight" in infos else None
    return said(factor=8, channels=last[0] if last else first[1] if first else None)


def factor_of(infos: Infos, levels: str) -> int | None:
    """Each level but the last halves the picture."""
    found = [int(match[1]) for name in infos if (match := re.match(levels, name))]
    return 2 ** max(found) if found else None


# The part of a LoRA that reads what its layer reads: [rank, in], or [rank, in * kernel].
DOWN = (
    r"[._](?:lora[._]down\.weight|processor[._]\w+\.weight|lora_A\.weight|lora\.down\.weight|hada_w1_b|diff)"
)


def width_read(infos: Infos, layer: str) -> int | None:
    """How many numbers the layers of this name read, where all say the same."""
    pattern = re.compile(rf"{layer}(?:_lora\.down\.weight|{DOWN})")
    widths = {
        info.shape[1] for name, info in infos.items() if len(info.shape) == 2 and pattern.fullmatch(name)
    }
    return widths.pop() if len(widths) == 1 else None


def below(infos: Infos, prefix: str) -> Infos:
    """The tensors of one part, without its prefix."""
    return {name.removeprefix(prefix): info for name, info in infos.items() if name.startswith(prefix)}


def shape(infos: Infos, name: str) -> tuple[int, ...] | None:
    return infos[name].shape if name in infos else None


def said(**traits: str | int | None) -> Traits:
    """What is known of several traits; nothing where the most telling one, the first, is unknown."""
    known = {name: value for name, value in traits.items() if value is not None}
    return known if known.keys() & list(traits)[:1] else {}
