"""Facts of latents: their sizes, in pixels of the picture, from their making to their decoding.

`factor` is said where a latent is that of a VAE; an empty one is any model's, and counted in eights.
"""

from collections.abc import Iterator

from graph import Inferred, Seen, facts_of, known
from graph.infer import Facts
from graph.problems import Fix, Problem, add_link, add_node, set_input
from graph.sockets import Fact
from nodes.facts.images import check_mask, fitted, placed, turned, whole
from nodes.facts.large import check_large
from nodes.facts.models import file_facts

EIGHT = 8


def factor_of(latent: Facts) -> int:
    return whole(latent, "factor") or EIGHT


def resized(latent: Facts, columns: int | None, rows: int | None) -> Inferred:
    """The same latent with so many latent pixels a side."""
    factor = factor_of(latent)
    sides = {"width": columns, "height": rows}
    rest = {name: fact for name, fact in latent.items() if name not in sides}
    return Inferred(
        {"LATENT": {**rest, **known(**{side: n * factor for side, n in sides.items() if n is not None})}}
    )


def cells(latent: Facts) -> tuple[int | None, int | None]:
    """Columns and rows."""
    factor = factor_of(latent)
    columns, rows = (side and side // factor for side in (whole(latent, "width"), whole(latent, "height")))
    return columns, rows


@facts_of("EmptyLatentImage")
def empty(seen: Seen) -> Inferred:
    """A latent has one pixel for 8 x 8 of the picture: other sizes are rounded down."""
    problems, sides = [], {}
    for name in ("width", "height"):
        side = seen.whole(name)
        if side is None:
            continue
        sides[name] = side // EIGHT * EIGHT
        if side % EIGHT:
            nearest = max(round(side / EIGHT), 2) * EIGHT
            fix = Fix(f"Set to {nearest}", (set_input(seen.id, name, nearest),))
            problems.append(
                seen.problem(
                    "size_rounded",
                    name,
                    f"{side} is no multiple of 8: the picture will have {sides[name]} pixels",
                    given=side,
                    expected="a multiple of 8",
                    remedy=f"Set it to {nearest}.",
                    fixes=() if seen.link(name) else [fix],
                    warning=True,
                )
            )
    latent = known(**sides, batch=seen.whole("batch_size"), channels=4)
    problems += check_large(seen, "width", latent, sampled=True)
    return Inferred({"LATENT": latent}, problems)


@facts_of("LoadLatent")
def loaded(seen: Seen) -> Inferred:
    from diffusion.checkpoint.traits import latent_traits

    parts, problems = file_facts(seen, "latent", latent_traits)
    latent = {name: fact for name, fact in parts.get("LATENT", {}).items() if name != "digest"}
    return Inferred({"LATENT": latent}, problems)


# Between pictures and latents


@facts_of("VAEEncode", "VAEEncodeTiled", "VAEEncodeForInpaint")
def encoded(seen: Seen) -> Inferred:
    """The picture is cropped around its centre to whole latent pixels."""
    image, vae = seen.facts("pixels"), seen.facts("vae")
    factor = whole(vae, "factor")
    facts: dict[str, Fact] = known(batch=batch_of(seen))
    facts |= {name: vae[name] for name in ("channels", "factor") if name in vae}
    problems: list[Problem] = []
    if factor is not None:
        facts |= {
            name: side // factor * factor
            for name in ("width", "height")
            if (side := whole(image, name)) is not None and side >= factor
        }
        problems += check_crop(seen, image, factor)
    if seen.type_id == "VAEEncodeForInpaint":
        facts["masked"] = True
        problems += check_mask(seen, "mask", "pixels")
    return Inferred({"LATENT": facts}, problems)


def batch_of(seen: Seen) -> int | None:
    """As many latents as pictures, or as masks where these are more."""
    counts = [whole(seen.facts(name), "batch") for name in ("pixels", "mask") if seen.link(name)]
    return None if None in counts else max((count for count in counts if count is not None), default=None)


def check_crop(seen: Seen, image: Facts, factor: int) -> Iterator[Problem]:
    """Warn of a picture that loses its edges."""
    width, height = whole(image, "width"), whole(image, "height")
    if width is None or height is None or (width % factor == 0 and height % factor == 0):
        return
    if min(width, height) < factor:
        return  # nothing would be left: the run says so
    kept = f"{width // factor * factor} x {height // factor * factor}"
    size = tuple(max(round(side / factor), 1) * factor for side in (width, height))
    yield seen.problem(
        "picture_cropped",
        "pixels",
        f"the picture of {width} x {height} pixels is cropped to {kept}: a latent has whole pixels only, "
        f"{width // factor} x {height // factor} of them",
        given=f"{width} x {height}",
        expected=f"sides that are multiples of {factor}",
        remedy=f"Scale the picture to {size[0]} x {size[1]} first.",
        fixes=scale_fixes(seen, *size),
        warning=True,
    )


def scale_fixes(seen: Seen, width: int, height: int) -> list[Fix]:
    """Put a node that scales the picture between."""
    source, name = seen.source("pixels"), seen.free_id("scale")
    if source is None or not seen.has("ImageScale"):
        return []
    patch = (
        add_node(name, "ImageScale", seen.id, upscale_method="lanczos", width=width, height=height),
        add_link(source, name, "image"),
        add_link((name, "IMAGE"), seen.id, "pixels"),
    )
    return [Fix(f"Scale the picture to {width} x {height}", patch)]


@facts_of("VAEDecode", "VAEDecodeTiled")
def decoded(seen: Seen) -> Inferred:
    """A picture of as many pixels as the VAE makes of each of the latent's."""
    latent, vae = seen.facts("samples"), seen.facts("vae")
    factor = whole(vae, "factor")
    facts: dict[str, Fact] = {"channels": 3, **{name: latent[name] for name in ("batch",) if name in latent}}
    if factor is not None:
        sides = dict(zip(("width", "height"), cells(latent), strict=True))
        facts |= {name: side * factor for name, side in sides.items() if side is not None}
    return Inferred({"IMAGE": facts}, list(check_vae(seen, latent, factor)))


def check_vae(seen: Seen, latent: Facts, factor: int | None) -> Iterator[Problem]:
    """A latent is decoded by a VAE of its own kind."""
    made = whole(latent, "factor")
    if None in (made, factor) or made == factor:
        return
    vae = seen.output_above("samples", "VAE", factor=made)  # type: ignore[arg-type]  # not None here
    fixes = [Fix(f"Decode with the VAE of {vae[0]}", (add_link(vae, seen.id, "vae"),))] if vae else []
    yield seen.problem(
        "vae_mismatch",
        "vae",
        f"the VAE makes {factor} x {factor} pixels of each of a latent, this latent is for {made} x {made}",
        given=factor,
        expected=f"a VAE of factor {made}",
        remedy="Use the VAE of the model's checkpoint.",
        fixes=fixes,
    )


# From latent to latent


@facts_of("SetLatentNoiseMask")
def masked(seen: Seen) -> Inferred:
    return Inferred(
        {"LATENT": {**seen.facts("samples"), "masked": True}}, list(check_mask(seen, "mask", "samples"))
    )


@facts_of("LatentUpscale")
def upscaled(seen: Seen) -> Inferred:
    """The size is given in eights of pixels, whatever the VAE."""
    latent = seen.facts("samples")
    width, height = seen.whole("width"), seen.whole("height")
    columns, rows = cells(latent)
    if width == height == 0:
        return Inferred({"LATENT": latent})
    if None in (width, height) or (0 in (width, height) and None in (columns, rows)):
        return resized(latent, None, None)
    width, height = fitted(width, height, ((columns or 0) * EIGHT, (rows or 0) * EIGHT), 64)  # type: ignore[arg-type]  # no None here
    made = resized(latent, width // EIGHT, height // EIGHT)
    return Inferred(made.outputs, list(check_large(seen, "width", made.outputs["LATENT"], sampled=True)))


@facts_of("LatentUpscaleBy")
def upscaled_by(seen: Seen) -> Inferred:
    latent, by = seen.facts("samples"), seen.value("scale_by")
    if not isinstance(by, int | float):
        return resized(latent, None, None)
    columns, rows = (side and max(round(side * by), 1) for side in cells(latent))
    made = resized(latent, columns, rows)
    return Inferred(made.outputs, list(check_large(seen, "scale_by", made.outputs["LATENT"], sampled=True)))


@facts_of("LatentRotate")
def rotated(seen: Seen) -> Inferred:
    return Inferred({"LATENT": turned(seen, seen.facts("samples"))})


@facts_of("LatentCrop")
def cropped(seen: Seen) -> Inferred:
    """Cut in eights of pixels, at least 8 of which stay."""
    latent = seen.facts("samples")
    sides = [
        cut_side(count, seen.whole(size), seen.whole(place))
        for count, size, place in zip(cells(latent), ("width", "height"), ("x", "y"), strict=True)
    ]
    return resized(latent, *sides)


def cut_side(count: int | None, size: int | None, place: int | None) -> int | None:
    """How many latent pixels are left of a side."""
    if count is None or size is None or place is None:
        return None
    start = max(min(place // EIGHT, count - EIGHT), 0)
    return min(size // EIGHT, count - start)


@facts_of("LatentFromBatch")
def taken(seen: Seen) -> Inferred:
    return Inferred({"LATENT": {**seen.facts("samples"), **placed(seen, seen.facts("samples"))}})


@facts_of("ForwardDiffusion")
def diffused(seen: Seen) -> Inferred:
    """As many of each as there are frames, without a mask."""
    latent, frames = dict(seen.facts("latent_image")), seen.whole("frames")
    latent.pop("masked", None)
    batch = latent.pop("batch", None)
    several = batch * frames if isinstance(batch, int) and frames is not None else None
    return Inferred({"LATENT": {**latent, **known(batch=several)}})


@facts_of("RepeatLatentBatch")
def repeated(seen: Seen) -> Inferred:
    latent, amount = dict(seen.facts("samples")), seen.whole("amount")
    batch = latent.pop("batch", None)
    several = batch * amount if isinstance(batch, int) and amount is not None else None
    return Inferred({"LATENT": {**latent, **known(batch=several)}})


@facts_of("LatentBatch")
def joined(seen: Seen) -> Inferred:
    first, second = seen.facts("samples1"), seen.facts("samples2")
    batches = [whole(latent, "batch") for latent in (first, second)]
    rest = {name: fact for name, fact in first.items() if name not in ("batch", "masked")}
    masked = {"masked": True} if first.get("masked") or second.get("masked") else {}
    several = None if None in batches else sum(batch for batch in batches if batch is not None)
    return Inferred({"LATENT": {**rest, **masked, **known(batch=several)}})
