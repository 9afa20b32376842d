"""How near everything in a picture is, as MiDaS networks see it: loading them, and asking them.

Depth here is relative and inverse: larger is nearer, and neither zero nor unit means anything.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.checkpoint import detect
from diffusion.checkpoint.build import build
from diffusion.checkpoint.errors import UnknownArchitecture
from diffusion.checkpoint.keymaps import Rule, apply
from diffusion.checkpoint.kinds import no_checkpoint
from diffusion.checkpoint.load import opened
from diffusion.memory import default_device, sent_to
from diffusion.models.dpt import Dpt, DptConfig, StemConfig
from diffusion.models.midas_small import MidasSmall, MidasSmallConfig
from diffusion.residency import resident
from diffusion.values import rgb

DepthNetwork = Dpt | MidasSmall
DepthConfig = DptConfig | MidasSmallConfig

# In a file of its own, or inside an SD2-depth checkpoint. Left out are the classifier with which the
# transformer was pretrained, and counters of batches.
DEPTH = (
    Rule(
        r"(?:depth_model\.model\.)?"
        r"((?:pretrained\.(?!model\.(?:head|norm)\.)|scratch\.)(?!.*\.num_batches_tracked).*)",
        r"\1",
    ),
)
STEP = 32
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALVES = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def load_depth(path: Path | str, *, device: torch.device | None = None) -> DepthNetwork:
    """The network in a MiDaS file, or in a Stable Diffusion 2 depth checkpoint; in float32 everywhere."""
    device = default_device() if device is None else device
    with opened(path) as weights:
        tensors = apply(DEPTH, weights)
        config = detect_depth(tensors, weights)
        make = (lambda: Dpt(config)) if isinstance(config, DptConfig) else (lambda: MidasSmall(config))
        return build(make, tensors, "depth model", device=device, dtype=torch.float32)


def detect_depth(tensors: Mapping[str, Tensor], names: Mapping[str, object]) -> DepthConfig:
    """The configuration of a MiDaS network; `names` are all of its file, for the message if it is none."""
    if "pretrained.layer1.3.0.conv_dw.weight" in tensors:
        return MidasSmallConfig()
    if "pretrained.model.pos_embed" in tensors and "scratch.layer4_rn.weight" in tensors:
        return detect_dpt(tensors)
    if "scratch.output_conv.0.weight" in tensors:
        raise UnknownArchitecture(
            "depth model",
            given="a MiDaS network of another kind",
            expected="dpt_hybrid, dpt_large or midas_v21_small",
            remedy="Get dpt_hybrid-midas-501f0c75.pt, dpt_large-midas-2f21e586.pt or midas_v21_small_256.pt.",
        )
    raise no_checkpoint("depth model", names)


def detect_dpt(tensors: Mapping[str, Tensor]) -> DptConfig:
    """The configuration of a DPT from its shapes; heads are 64 wide in all published ones."""
    try:
        width = tensors["pretrained.model.cls_token"].shape[-1]
        rn = [tensors[f"scratch.layer{index}_rn.weight"] for index in range(1, 5)]
        features = tuple(weight.shape[1] for weight in rn)
        return DptConfig(
            width=width,
            layers=detect.count(tensors, r"pretrained\.model\.blocks\.(\d+)\."),
            heads=max(1, width // 64),
            mlp=len(tensors["pretrained.model.blocks.0.mlp.fc1.bias"]),
            grid=round((tensors["pretrained.model.pos_embed"].shape[1] - 1) ** 0.5),
            stem=detect_stem(tensors),
            features=(features[0], features[1], features[2], features[3]),
            fused=len(rn[0]),
            head=(len(tensors["scratch.output_conv.0.bias"]), len(tensors["scratch.output_conv.2.bias"])),
        )
    except KeyError as error:
        raise no_checkpoint(f"depth model with {error}", tensors) from error


def detect_stem(tensors: Mapping[str, Tensor]) -> StemConfig | None:
    """The shape of a hybrid's convolutions, or none."""
    backbone = "pretrained.model.patch_embed.backbone."
    if backbone + "stem.conv.weight" not in tensors:
        return None
    stages = range(detect.count(tensors, rf"{backbone}stages\.(\d+)\."))
    blocks = [f"{backbone}stages.{stage}.blocks." for stage in stages]
    return StemConfig(
        width=len(tensors[backbone + "stem.conv.weight"]),
        widths=tuple(len(tensors[block + "0.norm3.weight"]) for block in blocks),
        depths=tuple(detect.count(tensors, rf"{block}(\d+)\.") for block in blocks),
    )


# --- asking


def trained_size(network: DepthNetwork) -> int:
    """The side in pixels that a network was trained at."""
    return 384 if isinstance(network, Dpt) else 256


def network_size(network: DepthNetwork, height: int, width: int, size: int) -> tuple[int, int]:
    """The height and width at which a network looks at a picture: in proportion, multiples of 32.

    A DPT changes the size as little as brings one side to `size`: mostly that is the shorter side of a large
    picture and the longer one of a small picture. The small network fits both sides into it.
    """
    scales = size / height, size / width
    if isinstance(network, Dpt):
        scale = min(scales, key=lambda each: abs(1 - each))
        return multiple(height * scale), multiple(width * scale)
    scale = min(scales)
    return multiple(height * scale, most=size), multiple(width * scale, most=size)


def multiple(length: float, *, most: float = float("inf")) -> int:
    """The nearest multiple of 32 that is at most `most`, and at least 32."""
    nearest = round(length / STEP) * STEP
    return max(nearest if nearest <= most else int(length // STEP) * STEP, STEP)


@torch.no_grad()
def estimate(
    network: DepthNetwork,
    image: Tensor,
    size: int = 0,
    *,
    on_picture: Callable[[int, int], None] = lambda done, total: None,
) -> Tensor:
    """Raw relative inverse depth [B, h, w] of pictures [B, H, W, C], at the size at which the network looks.

    That size follows from `size` (0: what the network was trained at) by `network_size`; scale the result
    bicubically to where it is needed. Pictures pass one by one: `on_picture` hears how many are done.
    """
    height, width = network_size(network, *image.shape[1:3], size or trained_size(network))
    mean, deviation = (torch.tensor(each)[:, None, None] for each in normalisation(network))
    depths = []
    with resident(network) as ready:
        for index, picture in enumerate(rgb(image).movedim(-1, 1)):
            scaled = F.interpolate(picture[None].float(), size=(height, width), mode="bicubic")
            depths.append(ready(sent_to(network, (scaled - mean) / deviation)).float().cpu())
            on_picture(index + 1, len(image))
    return torch.cat(depths)


def normalisation(network: DepthNetwork) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation of the pixels that a network expects to be taken out."""
    return HALVES if isinstance(network, Dpt) else IMAGENET


def depth_map(depth: Tensor, height: int, width: int) -> Tensor:
    """Raw depth [B, h, w] as [B, height, width] in 0..1: in each picture the farthest 0, the nearest 1."""
    scaled = F.interpolate(depth[:, None], size=(height, width), mode="bicubic")[:, 0]
    low, high = scaled.amin(dim=(1, 2), keepdim=True), scaled.amax(dim=(1, 2), keepdim=True)
    return (scaled - low) / (high - low).clamp(min=torch.finfo(scaled.dtype).eps)
