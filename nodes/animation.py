"""Nodes that write pictures as the frames of one animation."""

from functools import partial
from typing import Annotated, Literal

from graph import Artifact, Context, Range, node
from nodes.saving import save_file
from nodes.types import Image

Prefix = Annotated[str, "folders allowed; %year%, %month%, %day% are filled in"]
FramesPerSecond = Annotated[float, Range(0.01, 1000, 0.01)]


@node(
    id="SaveAnimatedWEBP",
    title="SaveAnimatedWEBP",
    category="image/animation",
    lane="io",
    sink=True,
    search=("video", "movie", "frames", "gif"),
)
def save_animated_webp(
    context: Context,
    images: Image,
    filename_prefix: Prefix = "Tessera",
    fps: FramesPerSecond = 6.0,
    lossless: bool = True,
    quality: Annotated[int, Range(0, 100), "without losses: how hard to pack"] = 80,
    method: Annotated[Literal["default", "fastest", "slowest"], "slower is smaller"] = "default",
) -> tuple[Artifact, ...]:
    """Write pictures as one animated WebP, with the workflow that made it."""
    from diffusion.animation import save_webp

    write = partial(save_webp, images, fps=fps, lossless=lossless, quality=quality, method=method)
    return save_file(context, filename_prefix, write, pictures=images)


@node(
    id="SaveAnimatedPNG",
    title="SaveAnimatedPNG",
    category="image/animation",
    lane="io",
    sink=True,
    search=("video", "movie", "frames", "apng"),
)
def save_animated_png(
    context: Context,
    images: Image,
    filename_prefix: Prefix = "Tessera",
    fps: FramesPerSecond = 6.0,
    compress_level: Annotated[int, Range(0, 9), "higher is smaller and slower"] = 4,
) -> tuple[Artifact, ...]:
    """Write pictures as one animated PNG, with the workflow that made it."""
    from diffusion.animation import save_apng

    write = partial(save_apng, images, fps=fps, compress_level=compress_level)
    return save_file(context, filename_prefix, write, pictures=images)
