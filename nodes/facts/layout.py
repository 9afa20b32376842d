"""Facts of pictures and latents that are put side by side, onto sheets of a size, or cut in strips."""

from graph import Inferred, Seen, facts_of, known
from graph.infer import Facts
from nodes.facts.images import SIDES, size_of, sized, whole
from nodes.facts.latents import cells, factor_of, resized


@facts_of("ImageStitch")
def stitched(seen: Seen) -> Inferred:
    """As `diffusion.stitching` lays them out."""
    first, second = seen.facts("image1"), seen.facts("image2")
    if not seen.link("image2"):
        return Inferred({"IMAGE": first})
    batches, channels = ([whole(image, name) for image in (first, second)] for name in ("batch", "channels"))
    size = stitched_size(seen, first, second)
    return Inferred({"IMAGE": known(**size, batch=most(batches), channels=most(channels))})


def stitched_size(seen: Seen, first: Facts, second: Facts) -> dict[str, int | None]:
    """Width and height, where all that they depend on is known."""
    direction, match, spacing = (
        seen.value(name) for name in ("direction", "match_image_size", "spacing_width")
    )
    sides = [whole(image, side) for image in (first, second) for side in SIDES]
    if None in sides or not isinstance(direction, str) or not isinstance(spacing, int):
        return {}
    wide, tall, other_wide, other_tall = (side or 0 for side in sides)
    sideways, apart = direction in ("left", "right"), spacing + spacing % 2
    if match:
        aspect = other_wide / other_tall
        other = max(int(tall * aspect), 1) if sideways else max(int(wide / aspect), 1)
        other_wide, other_tall = (other, tall) if sideways else (wide, other)
    if sideways:
        return {"width": wide + apart + other_wide, "height": max(tall, other_tall)}
    return {"width": max(wide, other_wide), "height": tall + apart + other_tall}


def most(counts: list[int | None]) -> int | None:
    """The larger of two, where both are known."""
    return None if None in counts else max(count for count in counts if count is not None)


@facts_of("ResizeAndPadImage")
def fitted(seen: Seen) -> Inferred:
    size = [seen.whole(name) for name in ("target_width", "target_height")]
    return Inferred({"IMAGE": sized(seen.facts("image"), *size)})


@facts_of("ImageScaleToMaxDimension")
def scaled(seen: Seen) -> Inferred:
    image, largest = seen.facts("image"), seen.whole("largest_size")
    width, height = whole(image, "width"), whole(image, "height")
    if width is None or height is None or largest is None:
        return Inferred({"IMAGE": sized(image, None, None)})
    size = (max(round(side / max(width, height) * largest), 1) for side in (width, height))
    return Inferred({"IMAGE": sized(image, *size)})


@facts_of("ImageRGBToYUV", "ImageYUVToRGB")
def coloured(seen: Seen) -> Inferred:
    given, outputs = ("image", "YUV") if seen.type_id == "ImageRGBToYUV" else ("Y", ("IMAGE",))
    made = {**size_of(seen.facts(given)), "channels": 3}
    return Inferred(dict.fromkeys(outputs, made))


@facts_of("PorterDuffImageComposite")
def laid(seen: Seen) -> Inferred:
    """At the destination's size, as many as the fewest of all are."""
    given = [seen.facts(name) for name in ("source", "source_alpha", "destination", "destination_alpha")]
    batches = [whole(each, "batch") for each in given]
    fewest = None if None in batches else min(batch for batch in batches if batch is not None)
    made = known(**{side: whole(given[2], side) for side in SIDES}, batch=fewest)
    return Inferred({"IMAGE": {**made, "channels": 3}, "MASK": made})


@facts_of("LatentConcat")
def joined(seen: Seen) -> Inferred:
    first, second, dim = seen.facts("samples1"), seen.facts("samples2"), str(seen.value("dim"))
    place = {"x": 0, "y": 1}.get(dim.removeprefix("-"))
    (columns, rows), other = cells(first), cells(second)
    if place is None or factor_of(first) != factor_of(second):
        return Inferred()
    size = [columns, rows]
    before, added = size[place], other[place]
    size[place] = None if before is None or added is None else before + added
    masked = {"masked": True} if "masked" in (*first, *second) else {}
    return resized({**first, **masked}, *size)


@facts_of("LatentCut")
def cut(seen: Seen) -> Inferred:
    latent, index, amount = seen.facts("samples"), seen.whole("index"), seen.whole("amount")
    place = {"x": 0, "y": 1}.get(str(seen.value("dim")))
    if place is None:
        return Inferred()
    size = list(cells(latent))
    length = size[place]
    if length is None or index is None or amount is None:
        size[place] = None
    else:
        start = min(index, length - 1) if index >= 0 else max(index, -length) + length
        size[place] = min(length - start, amount)
    return resized(latent, *size)
