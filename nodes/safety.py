"""Nodes that judge whether everyone may want to see a picture. Nothing is checked unless they are wired."""

from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from graph import Context, File, Range, node
from nodes.errors import reported
from nodes.loaders import folder_state
from nodes.progress import told_by_tile
from nodes.types import Image, Mask, SafetyModel


class Checked(NamedTuple):
    """Pictures as the action leaves them, which were flagged, and what was found and done."""

    IMAGE: Image
    flagged: Mask
    report: str


@node(
    id="SafetyModelLoader",
    title="Load Safety Model",
    category="loaders",
    lane="io",
    search=("nsfw", "safety checker", "classifier"),
)
def safety_model_loader(
    model_name: Annotated[
        Path, File("safety"), "the small classifier that ships, or Stable Diffusion's safety checker"
    ] = Path("nsfwjs_mobilenet_v2.safetensors"),
) -> SafetyModel:
    """Load a network that judges pictures."""
    from diffusion.safety import load_safety

    with reported("model_name"):
        return load_safety(model_name)


@node(
    id="SafetyModelFromFolder",
    title="Load Safety Model (from Diffusers Folder)",
    category="loaders",
    lane="io",
    fingerprint=folder_state,
    search=("nsfw", "safety checker", "hugging face"),
)
def safety_model_from_folder(
    model_path: Annotated[
        Path, File("diffusers", extensions=("model_index.json",)), "a folder as diffusers writes it"
    ],
) -> SafetyModel:
    """Load the safety checker that a Stable Diffusion 1 folder brings along."""
    from diffusion.safety import load_folder_safety

    with reported("model_path"):
        return load_folder_safety(model_path.parent)


@node(
    id="SafetyCheck",
    title="Safety Check",
    category="image",
    lane="gpu",
    search=("nsfw", "filter", "blur", "censor", "safety checker"),
)
def safety_check(
    context: Context,
    image: Image,
    safety_model: SafetyModel,
    action: Annotated[Literal["flag", "blur", "black"], "what to do with a picture that is flagged"] = "flag",
    sensitivity: Annotated[
        float, Range(0, 1, 0.01), "higher flags more; at 0.5 thresholds are the safety checker's own"
    ] = 0.5,
) -> Checked:
    """Judge pictures; flagged ones are passed on, blurred or blacked out, and the report says so."""
    from diffusion.safety import check, flagged_mask, report, treated

    with reported():
        findings = check(safety_model, image, sensitivity, on_picture=told_by_tile(context))
    done = report(safety_model, findings, action)
    return Checked(treated(image, findings, action), flagged_mask(image, findings), done)
