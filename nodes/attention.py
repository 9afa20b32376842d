"""The node that shows which words a picture comes from."""

from typing import Annotated, NamedTuple

from graph import Range, Seed, Text, node
from nodes.errors import reported
from nodes.types import Clip, Image, Latent, Model


class AttentionMaps(NamedTuple):
    """What the node gives."""

    maps: Image
    words: str


@node(
    id="AttentionMaps",
    title="Attention Maps",
    category="seeing",
    lane="gpu",
    search=("daam", "cross attention", "which word", "heatmap", "explain"),
)
def attention_maps(
    model: Model,
    clip: Clip,
    text: Annotated[str, Text(multiline=True), "the prompt that the picture was made with"],
    samples: Annotated[Latent, "the finished picture's latent"],
    image: Annotated[Image | None, "the picture, to draw the maps over"] = None,
    levels: Annotated[int, Range(1, 20), "at how many noise levels to look; their mean is shown"] = 4,
    seed: Annotated[Seed, "of the noise that is added to look"] = 0,
) -> AttentionMaps:
    """Show for every word of a prompt which part of the picture looks at it, one picture a word."""
    import torch

    from diffusion.features.attention_maps import coloured, heat, look, words_of

    with reported():
        low, high = model.schedule.sigma(250), model.schedule.sigma(750)
        sigmas = [float(level) for level in torch.logspace(0, 1, levels, base=low / high) * high]
        share = look(model, clip.encode(text), samples, levels=sigmas, seed=seed)
    words = words_of(clip, text) or [("(nothing)", [0])]
    pictures = [coloured(heat(share, places), image) for _, places in words]
    return AttentionMaps(torch.cat(pictures), "\n".join(word for word, _ in words))
