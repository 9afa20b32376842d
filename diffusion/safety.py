"""Telling pictures that not everyone wants to see, and blurring or blacking them out.

Two kinds of network: the small classifier that ships, which is advisory, and the checker that comes with
Stable Diffusion 1, which compares CLIP's view of a picture with concepts that only its file knows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from diffusion.checkpoint import detect
from diffusion.checkpoint.build import build
from diffusion.checkpoint.files import Weights
from diffusion.checkpoint.folder import open_network
from diffusion.checkpoint.keymaps import Rule, apply
from diffusion.checkpoint.kinds import no_checkpoint
from diffusion.checkpoint.load import named, opened
from diffusion.errors import Unsuitable
from diffusion.images import to_pil
from diffusion.memory import default_device, sent_to
from diffusion.models.clip_vision import DEVIATION, MEAN, ClipVisionConfig, SafetyChecker, SafetyConfig
from diffusion.models.mobilenet import CLASSES, SIDE, PictureClassifier, widened
from diffusion.residency import resident
from diffusion.values import rgb

Action = Literal["flag", "blur", "black"]

DONE = {"flag": "passed on", "blur": "blurred", "black": "blacked out"}
EXPLICIT = ("Hentai", "Porn")
# transformers nests the picture encoder twice up to version 4, once from 5. A list of positions is no weight.
CHECKER = (
    Rule(r"(?:vision_model\.)?(vision_model\.(?!embeddings\.position_ids|vision_model\.).*)", r"\1"),
    Rule(r"(visual_projection\.weight|(?:concept|special_care)_embeds(?:_weights)?)", r"\1"),
)
SPECIAL_ADJUSTMENT = 0.01
"""How much lower all thresholds are once a special concept was seen."""
SENSITIVITY_SPAN = 0.2
"""From no sensitivity to all, how far the thresholds of the concepts move."""
SPOTS = 8
"""Of this many blurred spots a side consists what is left of a blurred picture."""


@dataclass(frozen=True)
class SafetyModel:
    """A network that judges pictures, and what reports call it."""

    network: PictureClassifier | SafetyChecker
    name: str


@dataclass(frozen=True)
class Finding:
    """What was found in one picture."""

    flagged: bool
    says: str


# --- loading


def load_safety(path: Path | str, *, device: torch.device | None = None) -> SafetyModel:
    """The classifier that ships, or Stable Diffusion's checker, whichever the file holds; in float32."""
    with opened(path) as weights:
        return safety_model(weights, Path(path).stem, device)


def load_folder_safety(folder: Path, *, device: torch.device | None = None) -> SafetyModel:
    """The checker in a folder in diffusers' layout."""
    weights = open_network(folder, "safety_checker")
    with named(f"{folder.name}/safety_checker"):
        return safety_model(weights, f"{folder.name}/safety_checker", device)


def safety_model(weights: Weights, name: str, device: torch.device | None) -> SafetyModel:
    """The network that has these weights."""
    device = default_device() if device is None else device
    options = {"device": device, "dtype": torch.float32}
    if "blocks.0.depthwise.conv.weight" in weights:
        classifier = build(PictureClassifier, widened(dict(weights)), "picture classifier", **options)
        return SafetyModel(classifier, name)
    tensors = apply(CHECKER, weights)
    if "concept_embeds" not in tensors:
        raise no_checkpoint("safety checker", weights)
    config = detect_checker(tensors)
    return SafetyModel(build(lambda: SafetyChecker(config), tensors, "safety checker", **options), name)


def detect_checker(tensors: Mapping[str, Tensor]) -> SafetyConfig:
    """The configuration of a checker from its shapes; heads are 64 wide in the published one."""
    prefix = "vision_model."
    try:
        patches = tensors[f"{prefix}embeddings.patch_embedding.weight"]
        positions = len(tensors[f"{prefix}embeddings.position_embedding.weight"]) - 1
        vision = ClipVisionConfig(
            width=len(patches),
            layers=detect.count(tensors, r"vision_model\.encoder\.layers\.(\d+)\."),
            heads=max(1, len(patches) // 64),
            mlp=len(tensors[f"{prefix}encoder.layers.0.mlp.fc1.bias"]),
            side=round(positions**0.5) * patches.shape[-1],
            patch=patches.shape[-1],
            projection=len(tensors["visual_projection.weight"]),
        )
        return SafetyConfig(vision, len(tensors["concept_embeds"]), len(tensors["special_care_embeds"]))
    except KeyError as error:
        raise no_checkpoint(f"safety checker with {error}", tensors) from error


# --- judging


def check(
    model: SafetyModel,
    image: Tensor,
    sensitivity: float = 0.5,
    *,
    on_picture: Callable[[int, int], None] = lambda done, total: None,
) -> list[Finding]:
    """What is found in each of the pictures [B, H, W, C]; they pass one by one."""
    if not image.isfinite().all():
        raise Unsuitable(
            "image: given numbers that are no picture (NaN or infinity), expected 0 to 1",
            input="image",
            remedy="Such a picture cannot be judged: check what made it.",
        )
    findings = []
    with resident(model.network) as ready:
        for index, picture in enumerate(rgb(image)):
            findings.append(judge(ready, picture, sensitivity))
            on_picture(index + 1, len(image))
    return findings


@torch.no_grad()
def judge(network: PictureClassifier | SafetyChecker, picture: Tensor, sensitivity: float) -> Finding:
    """What a network finds in one picture [H, W, 3]."""
    if isinstance(network, PictureClassifier):
        return by_class(network(sent_to(network, for_classifier(picture)))[0].tolist(), sensitivity)
    x = sent_to(network, for_checker(picture, network.config.vision.side))
    special, concepts = (scores[0].tolist() for scores in network(x))
    return by_concept(special, concepts, SENSITIVITY_SPAN * (sensitivity - 0.5))


def for_classifier(picture: Tensor) -> Tensor:
    """A picture [H, W, 3] as NSFWJS looks at it: [1, 3, 224, 224] with its corners where they were."""
    x = picture.float().clamp(0, 1).movedim(-1, 0)[None]
    return F.interpolate(x, size=(SIDE, SIDE), mode="bilinear", align_corners=True)


def for_checker(picture: Tensor, side: int = 224) -> Tensor:
    """A picture [H, W, 3] as CLIP looks at it: the central square, [1, 3, side, side], normalised.

    Scaling is Pillow's on 8 bits: it is what the thresholds were chosen with.
    """
    height, width = picture.shape[:2]
    scale = side / min(height, width)
    size = max(side, int(width * scale + 1e-9)), max(side, int(height * scale + 1e-9))
    scaled = to_pil(picture).resize(size, Image.Resampling.BICUBIC)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    central = scaled.crop((left, top, left + side, top + side))
    x = torch.frombuffer(bytearray(central.tobytes()), dtype=torch.uint8).reshape(side, side, 3).float() / 255
    return ((x - torch.tensor(MEAN)) / torch.tensor(DEVIATION)).movedim(-1, 0)[None]


def by_class(likely: Sequence[float], sensitivity: float) -> Finding:
    """Flags where the explicit classes together reach 1 - sensitivity."""
    found = dict(zip(CLASSES, likely, strict=True))
    ranked = sorted(found, key=lambda name: -found[name])[:2]
    says = ", ".join(f"{name} {found[name]:.2f}" for name in ranked)
    return Finding(sum(found[name] for name in EXPLICIT) >= 1 - sensitivity, says)


def by_concept(special: Sequence[float], concepts: Sequence[float], adjustment: float = 0.0) -> Finding:
    """Flags where any concept exceeds its threshold; a special one lowers all that follow by 0.01."""
    lower = 0.0
    cared = []
    for index, score in enumerate(special):
        if round(score + adjustment + lower, 3) > 0:
            cared.append(index)
            lower = SPECIAL_ADJUSTMENT
    scores = [round(score + adjustment + lower, 3) for score in concepts]
    over = [f"concept {index} by {score:.3f}" for index, score in enumerate(scores) if score > 0]
    care = f"special care for {', '.join(map(str, cared))}; " if cared else ""
    nearest = f"nearest concept {scores.index(max(scores))} at {max(scores):.3f}" if scores else "no concepts"
    return Finding(bool(over), care + (", ".join(over) or nearest))


# --- acting


def treated(image: Tensor, findings: Sequence[Finding], action: Action) -> Tensor:
    """The pictures [B, H, W, C], those flagged blurred beyond recognition or black; the others untouched."""
    if action == "flag" or not any(finding.flagged for finding in findings):
        return image
    pictures = [
        unseen(picture, action) if finding.flagged else picture
        for picture, finding in zip(image, findings, strict=True)
    ]
    return torch.stack(pictures)


def unseen(picture: Tensor, action: Action) -> Tensor:
    """A picture [H, W, C] of which nothing, or a few soft spots, can be seen; alpha stays."""
    hidden = torch.zeros_like(picture)
    if action == "blur":
        spots = F.adaptive_avg_pool2d(picture.movedim(-1, 0)[None].float(), SPOTS)
        hidden = F.interpolate(spots, size=picture.shape[:2], mode="bicubic").clamp(0, 1)[0].movedim(0, -1)
    if picture.shape[-1] == 4:
        hidden = torch.cat([hidden[..., :3], picture[..., 3:]], dim=-1)
    return hidden.to(picture.dtype).contiguous()


def flagged_mask(image: Tensor, findings: Sequence[Finding]) -> Tensor:
    """A mask [B, H, W] that is 1 all over the flagged pictures, else 0."""
    flags = torch.tensor([float(finding.flagged) for finding in findings])
    return flags[:, None, None].expand(image.shape[:3]).contiguous()


def report(model: SafetyModel, findings: Sequence[Finding], action: Action) -> str:
    """What was found in every picture and what was done about it, a line each."""
    flagged = sum(finding.flagged for finding in findings)
    advisory = " (advisory)" if isinstance(model.network, PictureClassifier) else ""
    done = f", {DONE[action]}" if flagged else ""
    pictures = "1 picture" if len(findings) == 1 else f"{len(findings)} pictures"
    head = f"{pictures} checked by {model.name}{advisory}: {flagged} flagged{done}."
    lines = [
        f"{index}: {f'flagged, {DONE[action]}' if finding.flagged else 'nothing found'} ({finding.says})"
        for index, finding in enumerate(findings)
    ]
    return "\n".join([head, *lines])
