"""Nodes that write models as files, in the layout of the originals, with the recipe inside."""

from functools import partial
from typing import Annotated, Literal

from graph import Artifact, Context, NodeError, Range, node
from nodes.errors import reported
from nodes.progress import told_by_tile
from nodes.saving import save_file
from nodes.types import Clip, Model, Vae

Prefix = Annotated[str, "folders allowed; copy the file from the output folder into models to load it"]


@node(
    id="CheckpointSave",
    title="Save Checkpoint",
    category="advanced/model_merging",
    lane="io",
    sink=True,
    search=("write", "export"),
)
def checkpoint_save(
    context: Context,
    model: Model,
    clip: Clip,
    vae: Vae,
    filename_prefix: Prefix = "checkpoints/Tessera",
) -> tuple[Artifact, ...]:
    """Write a checkpoint into the output folder, with all patches in its weights."""
    from diffusion.checkpoint.save import save_checkpoint

    tell_unsaved(context, model=model, clip=clip)
    with reported():
        return save_file(context, filename_prefix, partial(save_checkpoint, model, clip, vae))


@node(
    id="ModelSave",
    title="ModelSave",
    category="advanced/model_merging",
    lane="io",
    sink=True,
    search=("write", "export", "unet"),
)
def model_save(
    context: Context, model: Model, filename_prefix: Prefix = "diffusion_models/Tessera"
) -> tuple[Artifact, ...]:
    """Write the denoising model alone into the output folder, with all patches in its weights."""
    from diffusion.checkpoint.save import save_model

    tell_unsaved(context, model=model)
    with reported():
        return save_file(context, filename_prefix, partial(save_model, model))


@node(
    id="CLIPSave",
    title="CLIPSave",
    category="advanced/model_merging",
    lane="io",
    sink=True,
    search=("write", "export", "text encoder"),
)
def clip_save(context: Context, clip: Clip, filename_prefix: Prefix = "clip/Tessera") -> tuple[Artifact, ...]:
    """Write a text encoder into the output folder, with all patches in its weights."""
    from diffusion.checkpoint.save import save_text_encoder

    tell_unsaved(context, clip=clip)
    with reported():
        return save_file(context, filename_prefix, partial(save_text_encoder, clip))


@node(
    id="LoraSave",
    title="Extract and Save Lora",
    category="_for_testing",
    sink=True,
    search=("difference", "svd", "write", "export"),
)
def lora_save(
    context: Context,
    *,
    filename_prefix: Prefix = "loras/Tessera_extracted_lora",
    rank: Annotated[int, Range(1, 4096, 1), "higher is nearer to the difference, and larger"] = 8,
    lora_type: Annotated[
        Literal["standard", "full_diff"], "of a rank, or all of the difference"
    ] = "standard",
    bias_diff: Annotated[bool, "whether to write differences of biases and norms"] = True,
    model_diff: Annotated[Model | None, "what ModelMergeSubtract gives"] = None,
    text_encoder_diff: Annotated[Clip | None, "what CLIPMergeSubtract gives"] = None,
) -> tuple[Artifact, ...]:
    """Write the difference of two models as a LoRA into the output folder."""
    from diffusion.adapters.extract import extracted
    from diffusion.checkpoint.save import save_tensors

    told = told_by_tile(context)
    tensors = extracted(model_diff, text_encoder_diff, rank, lora_type, biases=bias_diff, on_weight=told)
    if not tensors:
        raise nothing_different(model_diff, text_encoder_diff)
    return save_file(context, filename_prefix, partial(save_tensors, tensors))


def nothing_different(model: Model | None, clip: Clip | None) -> NodeError:
    """The error for no LoRA at all."""
    unlinked = model is None and clip is None
    given = "neither model_diff nor text_encoder_diff is linked" if unlinked else "all weights are the same"
    remedy = "Link what ModelMergeSubtract or CLIPMergeSubtract gives of two different models."
    return NodeError(
        f"there is nothing to write: {given}", code="unsuitable", input="model_diff", remedy=remedy
    )


def tell_unsaved(context: Context, **given: Model | Clip) -> None:
    """Warn of what was done to a model that no file of weights can hold, like FreeU or RescaleCFG."""
    from diffusion.adapters.weight_patch import beside_weights

    for name, value in given.items():
        beside = [*beside_weights(value.patches), *getattr(value, "steerings", ())]
        if beside:
            kinds = ", ".join(dict.fromkeys(type(each).__name__ for each in beside))
            context.warn(
                f"the file holds weights, and not what else was done to the {name}: {kinds}",
                code="not_in_file",
                input=name,
                remedy="Put the same nodes behind the one that loads the file.",
            )
