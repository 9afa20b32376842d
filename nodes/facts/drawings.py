"""Facts of pictures that are drawn of others, or of no picture at all."""

from graph import Inferred, Seen, facts_of, known
from nodes.facts.images import SIDES, size_of, whole
from nodes.facts.latents import cells

OF = {
    "Canny": "image",
    "LineArt": "image",
    "SoftEdges": "image",
    "ScribbleFromEdges": "edges",
    "NormalFromDepth": "depth",
    "DepthEstimate": "image",
    "InpaintPreprocessor": "image",
}
"""By node type, the input of whose pictures it draws others, as large and as many."""


@facts_of(*OF)
def drawn(seen: Seen) -> Inferred:
    """Pictures of three channels, and a mask where there is one."""
    size = size_of(seen.facts(OF[seen.type_id]))
    made = {"IMAGE": {**size, "channels": 3}}
    return Inferred({**made, "MASK": size} if seen.type_id == "DepthEstimate" else made)


@facts_of("PersonMask")
def masked(seen: Seen) -> Inferred:
    return Inferred({"MASK": size_of(seen.facts("image"))})


@facts_of("PoseSkeleton", "NoiseSchedulePlot")
def sized(seen: Seen) -> Inferred:
    """As large as asked for; the poses say how many pictures there are of them."""
    batch = 1 if seen.type_id == "NoiseSchedulePlot" else None
    return Inferred({"IMAGE": known(**{side: seen.whole(side) for side in SIDES}, batch=batch, channels=3)})


@facts_of("ImageGrid")
def sheet(seen: Seen) -> Inferred:
    """One picture; labels and space between make its size."""
    return Inferred({"IMAGE": known(batch=1, channels=3)})


@facts_of("AttentionMaps")
def maps(seen: Seen) -> Inferred:
    """As large as the picture, or else as the latent, one for each word."""
    image, latent = seen.facts("image"), dict(zip(SIDES, cells(seen.facts("samples")), strict=True))
    size = {side: whole(image, side) for side in SIDES} if seen.link("image") else latent
    return Inferred({"maps": known(**size, channels=3)})
