"""Facts of what models read beside the latent: which kind of model it is for, and the latent with it."""

from graph import Inferred, Seen, facts_of, known
from graph.infer import Facts
from graph.problems import Problem
from nodes.facts.images import check_mask, whole
from nodes.facts.latents import encoded

ROLES = {
    "InpaintModelConditioning": "inpaint",
    "DepthToImageConditioning": "depth",
    "InstructPixToPixConditioning": "instruct",
    "SD_4XUpscale_Conditioning": "x4",
}
"""The kind of model that a node prepares for."""
ENLARGED = 4


def prepared(seen: Seen, latent: Facts, problems: list[Problem]) -> Inferred:
    """Both sides for one kind of model, and a latent."""
    sides = {name: {**seen.facts(name), "role": ROLES[seen.type_id]} for name in ("positive", "negative")}
    return Inferred({**sides, "latent": latent}, problems)


@facts_of("InpaintModelConditioning", "DepthToImageConditioning", "InstructPixToPixConditioning")
def with_picture(seen: Seen) -> Inferred:
    """The picture is encoded; an inpainting node may put its mask on the latent."""
    made = encoded(seen)
    latent, problems = made.outputs["LATENT"], list(made.problems)
    if seen.type_id == "InpaintModelConditioning":
        problems += check_mask(seen, "mask", "pixels")
        if seen.value("noise_mask") is True:
            latent = {**latent, "masked": True}
    return prepared(seen, latent, problems)


@facts_of("SD_4XUpscale_Conditioning")
def enlarged(seen: Seen) -> Inferred:
    """The latent is that of the small picture enlarged, in fours of pixels."""
    image, ratio = seen.facts("images"), seen.value("scale_ratio")
    sides = {name: whole(image, name) for name in ("width", "height")}
    by = ratio if isinstance(ratio, int | float) else 0
    large = {
        name: max(round(side * by), 1) // ENLARGED * ENLARGED for name, side in sides.items() if side and by
    }
    latent = known(**large, batch=whole(image, "batch"), channels=4, factor=ENLARGED)
    return prepared(seen, latent, [])
