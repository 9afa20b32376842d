"""Nodes that make hints for ControlNets out of pictures: edges, lines, people, poses."""

from pathlib import Path
from typing import Annotated

from graph import Context, File, Range, Text, node
from nodes.errors import reported
from nodes.progress import told_by_tile
from nodes.types import EdgeModel, Image, Mask

Threshold = Annotated[float, Range(0.01, 0.99, 0.01), "of steepness; a step from black to white has 2.59"]


@node(id="Canny", category="image/preprocessors", search=("edges", "lines", "controlnet"))
def canny(image: Image, low_threshold: Threshold = 0.4, high_threshold: Threshold = 0.8) -> Image:
    """Find thin edges; faint ones count where they lead to strong ones."""
    from diffusion.preprocess.canny import canny
    from diffusion.preprocess.gradients import grey

    with reported():
        return grey(canny(image, low_threshold, high_threshold))


@node(
    id="EdgeModelLoader",
    title="Load Edge Model",
    category="loaders",
    lane="io",
    search=("hed", "soft edge", "annotator"),
)
def edge_model_loader(
    model_name: Annotated[Path, File("edges"), "ControlNetHED.pth or network-bsds500.pth"],
) -> EdgeModel:
    """Load a network that finds soft edges."""
    from diffusion.preprocess.edges import load_hed

    with reported("model_name"):
        return load_hed(model_name)


@node(
    id="SoftEdges",
    title="Soft Edges (HED)",
    category="image/preprocessors",
    lane="gpu",
    search=("hed", "holistically nested", "controlnet"),
)
def soft_edges(
    context: Context,
    image: Image,
    edge_model: EdgeModel,
    resolution: Annotated[
        int, Range(0, 2048, 16), "of the shorter side that is seen; 0 is the picture's"
    ] = 0,
) -> Image:
    """Find the edges of things, softly, with a network."""
    from diffusion.preprocess.edges import soft_edges
    from diffusion.preprocess.gradients import grey

    return grey(soft_edges(edge_model, image, resolution, on_picture=told_by_tile(context)))


@node(
    id="LineArt",
    title="Line Art",
    category="image/preprocessors",
    search=("drawing", "xdog", "sketch", "controlnet"),
)
def line_art(
    image: Image,
    thickness: Annotated[float, Range(0.3, 10, 0.1), "in pixels"] = 1.0,
    threshold: Annotated[float, Range(0, 0.5, 0.005), "how much darker than around it a line is"] = 0.01,
    boldness: Annotated[float, Range(1, 200, 1), "how soon a line is white"] = 40.0,
) -> Image:
    """Draw the lines of pictures in white on black, without a network."""
    from diffusion.preprocess.gradients import grey
    from diffusion.preprocess.lines import line_art

    return grey(line_art(image, thickness, threshold, boldness))


@node(
    id="ScribbleFromEdges",
    title="Scribble from Edges",
    category="image/preprocessors",
    search=("strokes", "hed", "sketch", "controlnet"),
)
def scribble_from_edges(
    edges: Image,
    threshold: Annotated[float, Range(0, 1, 0.01), "fainter edges are left out"] = 0.5,
    thickness: Annotated[float, Range(0.3, 10, 0.1), "of the strokes"] = 3.0,
) -> Image:
    """Turn soft edges or line art into bold strokes, as drawn by hand."""
    from diffusion.preprocess.edges import scribble
    from diffusion.preprocess.gradients import grey, luma

    return grey(scribble(luma(edges).float(), threshold, thickness))


@node(
    id="PersonMask",
    title="Mask People",
    category="image/preprocessors",
    lane="gpu",
    search=("segmentation", "selfie", "background", "portrait"),
)
def person_mask(
    image: Image,
    model_name: Annotated[Path, File("segmentation"), "the shipped network"] = Path(
        "selfie_segmentation.safetensors"
    ),
) -> Mask:
    """Mask the people in pictures; made for one or two people close by."""
    from diffusion.preprocess.people import load_segmentation, person_mask

    with reported("model_name"):
        return person_mask(load_segmentation(model_name), image)


@node(
    id="PoseSkeleton",
    title="Draw Pose",
    category="image/preprocessors",
    search=("openpose", "keypoints", "skeleton", "controlnet"),
)
def pose_skeleton(
    keypoints: Annotated[str, Text(multiline=True), "OpenPose's JSON: people with 18 or 25 joints"],
    width: Annotated[int, Range(16, 8192, 8)] = 512,
    height: Annotated[int, Range(16, 8192, 8)] = 512,
    thickness: Annotated[float, Range(0.5, 50, 0.5), "in pixels to each side; 4 fits 512"] = 4.0,
) -> Image:
    """Draw people's poses in the colours that ControlNet's pose models know."""
    from diffusion.preprocess.pose import draw_poses, read_poses

    with reported("keypoints"):
        return draw_poses(read_poses(keypoints, width, height), width, height, thickness)
