"""Nodes that encode prompts, and that say how a text encoder is read."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from graph import Context, Range, Text, node
from graph.folders import Folders
from nodes.errors import reported
from nodes.types import Clip, Conditioning

Prompt = Annotated[
    str,
    Text(True, "what to see; (more:1.3), (less:0.7), embedding:name", prompt="comfy"),
    "the prompt, of any length",
]
PromptA1111 = Annotated[
    str,
    Text(True, "(more:1.3), [less], [from:to:0.5], [one|other], BREAK, AND", prompt="a1111"),
    "the prompt, of any length",
]
Factor = Annotated[float, Range(0, 10, 0.01), "1 changes nothing"]
FOLDER = "embeddings"


def named_embeddings(literals: Mapping[str, object], folders: Folders) -> Sequence[Path]:
    """The embeddings that a prompt of ComfyUI names; all where its text comes by a link."""
    from diffusion.prompt.embeddings import named

    text = literals.get("text")
    if isinstance(text, str) and "embedding:" not in text:
        return ()
    names: Sequence[str] = folders.names(FOLDER)
    if isinstance(text, str):
        with reported("text"):
            names = list(named(text, names))
    return [folders.resolve(FOLDER, name) for name in names]


def mentioned_embeddings(literals: Mapping[str, object], folders: Folders) -> Sequence[Path]:
    """The embeddings whose names stand in a prompt of A1111; all where it comes by a link."""
    from diffusion.prompt.a1111 import mentioned, possibly_mentioned
    from diffusion.prompt.schedule import texts_of

    text, steps = literals.get("text"), literals.get("steps")
    names: Sequence[str] = folders.names(FOLDER)
    if names and isinstance(text, str):
        known = isinstance(steps, int)
        names = mentioned(texts_of(text, steps), names) if known else possibly_mentioned(text, names)
    return [folders.resolve(FOLDER, name) for name in names]


@node(
    id="CLIPTextEncode",
    title="CLIP Text Encode (Prompt)",
    category="conditioning",
    lane="gpu",
    search=("prompt", "text", "negative", "embedding", "textual inversion"),
    files=named_embeddings,
)
def clip_text_encode(
    context: Context, text: Prompt, clip: Annotated[Clip, "the text encoder of the checkpoint"]
) -> Conditioning:
    """Encode a prompt. (words) weigh more, (words:0.7) exactly this much; any length is read."""
    from diffusion.adapters.embeddings import finder
    from diffusion.prompt.encode import encode_prompt
    from diffusion.values import Cond

    names, resolve = partial(context.names, FOLDER), partial(context.resolve, FOLDER)
    with reported("text"):
        find = finder(names, resolve, clip.network.config.width)
        return (Cond(encode_prompt(clip, text, find)),)


@node(
    title="Prompt Encode (A1111)",
    category="conditioning",
    lane="gpu",
    outputs=("CONDITIONING", "tags"),
    search=("prompt", "webui", "prompt editing", "scheduling", "alternate", "and", "break", "emphasis"),
    files=mentioned_embeddings,
)
def prompt_encode_a1111(
    context: Context,
    text: PromptA1111,
    clip: Annotated[Clip, "the text encoder of the checkpoint"],
    steps: Annotated[int, Range(1, 10000), "how many steps the sampler does: schedules count them"] = 20,
    emphasis: Annotated[
        Literal["original", "no norm"], "whether a window keeps its mean when its words are weighed"
    ] = "original",
) -> tuple[Conditioning, str]:
    """Encode a prompt by A1111's rules, with texts that change while sampling. Tags are not used but told."""
    from diffusion.adapters.embeddings import inversions
    from diffusion.prompt.composition import take_tags
    from diffusion.prompt.encode import encode_scheduled

    names, resolve = context.names(FOLDER), partial(context.resolve, FOLDER)
    prompt, tags = take_tags(text)
    if tags:
        context.warn(
            f"tags of the prompt are not used here: {' '.join(map(str, tags))}",
            code="tags_left_out",
            input="text",
            remedy="Load their LoRAs with LoraTagLoader, which also gives the text without tags.",
        )
    with reported("text"):
        table = inversions(clip, prompt, names, resolve, steps=steps)
        restore = emphasis == "original"
        made = encode_scheduled(clip, prompt, steps=steps, restore_mean=restore, inversions=table)
    return made, " ".join(map(str, tags))


@node(
    id="CLIPSetLastLayer",
    title="CLIP Set Last Layer",
    category="conditioning",
    search=("clip skip",),
)
def clip_set_last_layer(
    clip: Clip,
    stop_at_clip_layer: Annotated[int, Range(-24, -1, 1), "-1 is the last layer, -2 the one before it"] = -1,
) -> Clip:
    """Read the text encoder at an earlier layer, as some checkpoints were trained (clip skip)."""
    from diffusion.prompt.clip_skip import read_at

    with reported():
        return read_at(clip, stop_at_clip_layer)


@node(
    id="CLIPAttentionMultiply",
    title="CLIPAttentionMultiply",
    category="_for_testing/attention_experiments",
    search=("text encoder", "scale"),
)
def clip_attention_multiply(
    clip: Clip, q: Factor = 1.0, k: Factor = 1.0, v: Factor = 1.0, out: Factor = 1.0
) -> Clip:
    """Scale what the text encoder's attention computes, in all its layers."""
    from diffusion.adapters.attention_scale import AttentionScale, scale_attention

    return scale_attention(clip, AttentionScale(q, k, v, out))
