"""Nodes that estimate how near everything in a picture is."""

from pathlib import Path
from typing import Annotated

from graph import Context, File, Range, node
from nodes.errors import reported
from nodes.progress import told_by_tile
from nodes.types import DepthModel, Image, Mask

Resolution = Annotated[
    int, Range(0, 2048, 32), "of the side that the network sees; 0 is what it was trained at"
]


@node(
    id="DepthModelLoader",
    title="Load Depth Model",
    category="loaders",
    lane="io",
    search=("midas", "dpt", "estimator"),
)
def depth_model_loader(
    model_name: Annotated[Path, File("depth"), "a MiDaS dpt_hybrid, dpt_large or v2.1 small file"],
) -> DepthModel:
    """Load a network that estimates depth; an SD2-depth checkpoint holds one, too."""
    from diffusion.depth import load_depth

    with reported("model_name"):
        return load_depth(model_name)


@node(
    id="DepthEstimate",
    title="Estimate Depth",
    category="image/preprocessors",
    lane="gpu",
    search=("midas", "depth map", "preprocessor", "controlnet"),
)
def depth_estimate(
    context: Context, image: Image, depth_model: DepthModel, resolution: Resolution = 0
) -> tuple[Image, Mask]:
    """Estimate depth: the nearest is white, the farthest black, in each picture."""
    from diffusion.depth import depth_map, estimate
    from diffusion.preprocess.gradients import grey

    raw = estimate(depth_model, image, resolution, on_picture=told_by_tile(context))
    depth = depth_map(raw, *image.shape[1:3])
    return grey(depth), depth


@node(
    id="NormalFromDepth",
    title="Normal Map from Depth",
    category="image/preprocessors",
    search=("surface", "relief", "preprocessor", "controlnet"),
)
def normal_from_depth(
    depth: Image,
    strength: Annotated[float, Range(0, 50, 0.1), "how steep the relief is"] = 4.0,
    background: Annotated[float, Range(0, 1, 0.01), "what is darker than this is flat"] = 0.1,
) -> Image:
    """Show which way surfaces face: red left, green up, blue towards the viewer."""
    from diffusion.preprocess.gradients import luma
    from diffusion.preprocess.normals import normals

    return normals(luma(depth), strength, background)
