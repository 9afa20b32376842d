"""Nodes that turn prompts into conditioning."""

from typing import Annotated

from graph import Range, Text, node
from nodes.errors import reported
from nodes.types import Clip, Conditioning


@node(
    id="CLIPTextEncode",
    title="CLIP Text Encode (Prompt)",
    category="conditioning",
    lane="gpu",
    search=("prompt", "text", "negative"),
)
def clip_text_encode(
    text: Annotated[
        str,
        Text(multiline=True, placeholder="what to see; (more:1.3), (less:0.7)"),
        "the prompt, of any length",
    ],
    clip: Annotated[Clip, "the text encoder of the checkpoint"],
) -> Conditioning:
    """Encode a prompt. (words) weigh more, (words:0.7) exactly this much; any length is read."""
    return clip.encode(text)


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
    with reported():
        return clip.with_layer(stop_at_clip_layer)


@node(
    id="ConditioningCombine",
    title="Conditioning (Combine)",
    category="conditioning",
    search=("and", "mix prompts"),
)
def conditioning_combine(conditioning_1: Conditioning, conditioning_2: Conditioning) -> Conditioning:
    """Steer towards both: what the model sees under each is averaged."""
    return (*conditioning_1, *conditioning_2)
