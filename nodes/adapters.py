"""Nodes that change models with small files: LoRAs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from graph import Context, File, Range, node
from nodes.errors import reported
from nodes.types import Clip, Model

LoraFile = Annotated[Path, File("loras"), "a LoRA, LoCon, LoHa, LoKr or DoRA for the same kind of model"]
Strength = Annotated[float, Range(-100, 100, 0.01), "1 as it was trained, 0 not at all"]


@node(
    id="LoraLoader", title="Load LoRA", category="loaders", lane="io", search=("lycoris", "style", "adapter")
)
def lora_loader(
    context: Context,
    model: Model,
    clip: Clip,
    lora_name: LoraFile,
    strength_model: Strength = 1.0,
    strength_clip: Strength = 1.0,
) -> tuple[Model, Clip]:
    """Change a model and its text encoder by a LoRA; several can follow each other."""
    from diffusion.adapters.lora import patch_model, patch_text, read_lora, unmatched

    with reported("lora_name"):
        lora = read_lora(lora_name)
        tell_unmatched(context, lora.name, unmatched(lora, model, clip))
        return patch_model(model, lora, strength_model), patch_text(clip, lora, strength_clip)


@node(
    id="LoraLoaderModelOnly",
    title="LoraLoaderModelOnly",
    category="loaders",
    lane="io",
    search=("lora", "adapter"),
)
def lora_loader_model_only(
    context: Context, model: Model, lora_name: LoraFile, strength_model: Strength = 1.0
) -> Model:
    """Change a model by a LoRA and leave its text encoder as it is."""
    from diffusion.adapters.lora import patch_model, read_lora, unmatched

    with reported("lora_name"):
        lora = read_lora(lora_name)
        tell_unmatched(context, lora.name, unmatched(lora, model, None))
        return patch_model(model, lora, strength_model)


def tell_unmatched(context: Context, lora: str, strange: Sequence[str], *, input: str = "lora_name") -> None:
    """Warn of keys of a LoRA that belong to nothing in the model: that part of it has no effect."""
    if strange:
        context.warn(
            f"{lora}: {len(strange)} of its keys match nothing in the model, like {strange[0]}",
            code="unmatched_keys",
            input=input,
            remedy="The rest is used. Check that the LoRA was made for this kind of model.",
        )
