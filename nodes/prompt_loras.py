"""A node that applies the LoRAs that a prompt of A1111 names."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from graph import Context, Text, node
from graph.folders import Folders
from nodes.adapters import tell_unmatched
from nodes.errors import reported
from nodes.types import Clip, Model

FOLDER = "loras"


def tagged_loras(literals: Mapping[str, object], folders: Folders) -> Sequence[Path]:
    """The LoRAs that the tags of a prompt name; all where it comes by a link."""
    from diffusion.prompt.loras import asked_for

    text = literals.get("text")
    if isinstance(text, str) and "<" not in text:
        return ()
    names: Sequence[str] = folders.names(FOLDER)
    if isinstance(text, str):
        with reported("text"):
            names = [asked.file for asked in asked_for(text, names)]
    return [folders.resolve(FOLDER, name) for name in names]


@node(
    id="LoraTagLoader",
    title="Load LoRAs of a Prompt (A1111)",
    category="loaders",
    lane="io",
    outputs=("MODEL", "CLIP", "text"),
    search=("lora", "tag", "prompt", "webui"),
    files=tagged_loras,
)
def lora_tag_loader(
    context: Context,
    model: Model,
    clip: Clip,
    text: Annotated[str, Text(True, "a cat <lora:style:0.8>", prompt="a1111"), "a prompt with tags"],
) -> tuple[Model, Clip, str]:
    """Change a model and its text encoder by the LoRAs in a prompt's tags; gives the prompt without them."""
    from diffusion.adapters.lora import patch_model, patch_text, read_lora, unmatched
    from diffusion.prompt.composition import take_tags
    from diffusion.prompt.loras import asked_for

    with reported("text", names={"lora_name": "text"}):
        for asked in asked_for(text, context.names(FOLDER)):
            lora = read_lora(context.resolve(FOLDER, asked.file))
            tell_unmatched(context, lora.name, unmatched(lora, model, clip), input="text")
            model, clip = patch_model(model, lora, asked.model), patch_text(clip, lora, asked.text)
    return model, clip, take_tags(text)[0]
