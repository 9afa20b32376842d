"""What the configuration files of the original repositories say; a checkpoint's shapes have the last word."""

from dataclasses import dataclass, replace

from diffusion.checkpoint.detect import Family, Role
from diffusion.checkpoint.load import Checkpoint
from diffusion.errors import Unsuitable


@dataclass(frozen=True)
class Stated:
    """A configuration: for which models it is, and what it asks for that shapes do not tell."""

    family: Family
    role: Role = "base"
    velocity: bool = False
    layer: int | None = None


CONFIGS = {
    "anything_v3.yaml": Stated("sd1", layer=-2),
    "v1-inference.yaml": Stated("sd1"),
    "v1-inference_clip_skip_2.yaml": Stated("sd1", layer=-2),
    "v1-inference_clip_skip_2_fp16.yaml": Stated("sd1", layer=-2),
    "v1-inference_fp16.yaml": Stated("sd1"),
    "v1-inpainting-inference.yaml": Stated("sd1", "inpaint"),
    "v2-inference-v.yaml": Stated("sd2", velocity=True),
    "v2-inference-v_fp32.yaml": Stated("sd2", velocity=True),
    "v2-inference.yaml": Stated("sd2"),
    "v2-inference_fp32.yaml": Stated("sd2"),
    "v2-inpainting-inference.yaml": Stated("sd2", "inpaint"),
}


def as_configured(loaded: Checkpoint, name: str) -> Checkpoint:
    """The checkpoint read as a configuration asks; Unsuitable where that is one of other models.

    A name that ends in fp16 or fp32 chose the precision: here the device does.
    """
    stated, found = CONFIGS[name], loaded.architecture
    if (stated.family, stated.role) != (found.family, found.role):
        fitting = [
            other for other, each in CONFIGS.items() if (each.family, each.role) == (found.family, found.role)
        ]
        remedy = f"Choose {', '.join(fitting)}" if fitting else "Use Load Checkpoint"
        raise Unsuitable(
            f"{name} is for {stated.family} ({stated.role}), the checkpoint is {found.family} ({found.role})",
            input="config_name",
            remedy=f"{remedy}: Load Checkpoint needs no configuration." if fitting else f"{remedy} instead.",
        )
    model, clip = loaded.model, loaded.clip
    return replace(
        loaded,
        model=replace(model, prediction="v") if stated.velocity else model,
        clip=clip if stated.layer is None else clip.with_layer(stated.layer),
    )
