"""Facts of pictures and masks: width, height, how many, and channels."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from graph import Inferred, Seen, facts_of, known
from graph.infer import UNKNOWN, Facts
from graph.problems import Problem
from graph.sockets import Fact
from nodes.facts.large import check_large

SIDES = ("width", "height")
TURNED = range(5, 9)
"""EXIF orientations that lay a picture on its side."""
MEGA = 1024 * 1024
KEPT = 256
SAME_SHAPE = 0.02
"""So much may the shapes of a mask and its picture differ: sides are rounded."""


def whole(facts: Facts, name: str) -> int | None:
    """A fact that is a whole number."""
    fact = facts.get(name)
    return fact if isinstance(fact, int) else None


def size_of(facts: Facts) -> dict[str, Fact]:
    """What a mask of a picture has in common with it, and the other way round."""
    return {name: facts[name] for name in (*SIDES, "batch") if name in facts}


def sized(image: Facts, width: int | None, height: int | None) -> dict[str, Fact]:
    """The same picture at another size, each side where it is known."""
    rest = {name: fact for name, fact in image.items() if name not in SIDES}
    return {**rest, **known(width=width, height=height)}


def fitted(width: int, height: int, given: tuple[int, int], least: int = 1) -> tuple[int, int]:
    """The wanted size, where one side of 0 stands for what keeps the shape; as `diffusion.resize` fits it."""
    if width == 0:
        width = round(given[0] * max(height, least) / given[1])
    elif height == 0:
        height = round(given[1] * max(width, least) / given[0])
    return max(width, least), max(height, least)


# From files and from nothing


@lru_cache(maxsize=KEPT)
def picture_file(path: Path, size: int, time: int) -> Facts:
    """Size and count of the pictures in a file as it was at a time; nothing if it is no picture."""
    from PIL import Image  # 50 ms, and only where a picture is loaded

    try:
        with Image.open(path) as image:
            width, height = image.size
            if image.getexif().get(0x0112) in TURNED:
                width, height = height, width
            frames = getattr(image, "n_frames", 1)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return UNKNOWN  # the node says what is wrong with it
    return known(width=width, height=height, batch=1 if frames == 1 else None)


@facts_of("LoadImage", "LoadImageMask", "LoadImageOutput")
def loaded(seen: Seen) -> Inferred:
    path = seen.file("image")
    if path is None or not path.is_file():
        return Inferred()
    status = path.stat()
    facts = picture_file(path, status.st_size, status.st_mtime_ns)
    if seen.type_id == "LoadImageMask" or not facts:
        return Inferred({"MASK": facts})
    return Inferred({"IMAGE": {**facts, "channels": 3}, "MASK": facts})


@facts_of("EmptyImage")
def empty(seen: Seen) -> Inferred:
    sides = known(width=seen.whole("width"), height=seen.whole("height"), batch=seen.whole("batch_size"))
    return Inferred({"IMAGE": {**sides, "channels": 3}})


@facts_of("SolidMask")
def solid(seen: Seen) -> Inferred:
    return Inferred({"MASK": known(width=seen.whole("width"), height=seen.whole("height"), batch=1)})


# Sizes


@facts_of("ImageScale")
def scaled(seen: Seen) -> Inferred:
    image, width, height = seen.facts("image"), seen.whole("width"), seen.whole("height")
    given = whole(image, "width"), whole(image, "height")
    if width == height == 0:
        return Inferred({"IMAGE": image})
    if width is None or height is None or (0 in (width, height) and None in given):
        return Inferred({"IMAGE": sized(image, None, None)})
    made = sized(image, *fitted(width, height, (given[0] or 1, given[1] or 1)))
    return Inferred({"IMAGE": made}, list(check_large(seen, "width", made)))


@facts_of("ImageScaleBy")
def scaled_by(seen: Seen) -> Inferred:
    image, by = seen.facts("image"), seen.value("scale_by")
    sides = [whole(image, name) for name in SIDES] if isinstance(by, int | float) else [None, None]
    factor = by if isinstance(by, int | float) else 1
    made = sized(image, *(side and max(round(side * factor), 1) for side in sides))
    return Inferred({"IMAGE": made}, list(check_large(seen, "scale_by", made)))


@facts_of("ImageScaleToTotalPixels")
def scaled_to_pixels(seen: Seen) -> Inferred:
    image, wanted = seen.facts("image"), seen.value("megapixels")
    width, height = whole(image, "width"), whole(image, "height")
    if width is None or height is None or not isinstance(wanted, int | float):
        return Inferred({"IMAGE": sized(image, None, None)})
    factor = (wanted * MEGA / (height * width)) ** 0.5
    made = sized(image, max(round(width * factor), 1), max(round(height * factor), 1))
    return Inferred({"IMAGE": made}, list(check_large(seen, "megapixels", made)))


@facts_of("ImageUpscaleWithModel")
def enlarged(seen: Seen) -> Inferred:
    """By the network's scale."""
    image, scale = seen.facts("image"), whole(seen.facts("upscale_model"), "scale")
    sides = [side * scale if side and scale else None for side in (whole(image, name) for name in SIDES)]
    made = {**sized(image, *sides), "channels": 3}
    return Inferred({"IMAGE": made}, list(check_large(seen, "image", made)))


@facts_of("ImageCrop", "CropMask")
def cropped(seen: Seen) -> Inferred:
    name, output = ("mask", "MASK") if seen.type_id == "CropMask" else ("image", "IMAGE")
    given = seen.facts(name)
    sides = [
        cut_side(whole(given, side), seen.whole(side), seen.whole(place))
        for side, place in zip(SIDES, "xy", strict=True)
    ]
    return Inferred({output: sized(given, *sides)})


def cut_side(side: int | None, wanted: int | None, place: int | None) -> int | None:
    """How much is left of a side, as far as it lies inside."""
    if side is None or wanted is None or place is None:
        return None
    return min(wanted, side - min(place, side - 1))


@facts_of("ImageRotate")
def rotated(seen: Seen) -> Inferred:
    return Inferred({"IMAGE": turned(seen, seen.facts("image"))})


def turned(seen: Seen, given: Facts) -> dict[str, Fact]:
    """A quarter turn exchanges width and height."""
    rotation, width, height = seen.value("rotation"), whole(given, "width"), whole(given, "height")
    if rotation in ("none", "180 degrees"):
        return dict(given)
    return sized(given, height, width) if isinstance(rotation, str) else sized(given, None, None)


@facts_of("ImagePadForOutpaint")
def padded(seen: Seen) -> Inferred:
    image = seen.facts("image")
    borders = {"width": ("left", "right"), "height": ("top", "bottom")}
    sides = {}
    for name, ends in borders.items():
        parts = [whole(image, name), *(seen.whole(end) for end in ends)]
        sides[name] = None if None in parts else sum(part for part in parts if part is not None)
    made = sized(image, sides["width"], sides["height"])
    return Inferred({"IMAGE": made, "MASK": known(**sides, batch=1)})


# Batches


def placed(seen: Seen, given: Facts) -> dict[str, Fact]:
    """How many are taken from a place on, as far as there are."""
    batch, index, length = whole(given, "batch"), seen.whole("batch_index"), seen.whole("length")
    if batch is None or index is None or length is None:
        return {}
    return {"batch": min(length, batch - min(index, batch - 1))}


@facts_of("ImageFromBatch")
def taken(seen: Seen) -> Inferred:
    image = seen.facts("image")
    rest = {name: fact for name, fact in image.items() if name != "batch"}
    return Inferred({"IMAGE": {**rest, **placed(seen, image)}})


@facts_of("RepeatImageBatch")
def repeated(seen: Seen) -> Inferred:
    image, amount = dict(seen.facts("image")), seen.whole("amount")
    batch = image.pop("batch", None)
    several = batch * amount if isinstance(batch, int) and amount is not None else None
    return Inferred({"IMAGE": {**image, **known(batch=several)}})


@facts_of("ImageBatch")
def joined(seen: Seen) -> Inferred:
    first, second = seen.facts("image1"), seen.facts("image2")
    both = {}
    for name, join in (("batch", sum), ("channels", max)):
        counts = [count for image in (first, second) if (count := whole(image, name)) is not None]
        both[name] = join(counts) if len(counts) == 2 else None
    return Inferred({"IMAGE": known(**{name: whole(first, name) for name in SIDES}, **both)})


# Masks, and pictures with masks


def check_mask(seen: Seen, mask: str, image: str) -> Iterator[Problem]:
    """Warn of masks that are neither one for all nor one for each, and of those of another shape."""
    yield from check_shape(seen, mask, image)
    masks, pictures = (whole(seen.facts(name), "batch") for name in (mask, image))
    if masks is None or pictures is None or masks in (1, pictures):
        return
    used = "are left out" if masks > pictures else "are used again from the first on"
    yield seen.problem(
        "batch_mismatch",
        mask,
        f"there are {masks} masks for {pictures} pictures: some {used}",
        given=masks,
        expected=f"1 mask, or {pictures}",
        remedy="Give one mask for all, or one for each.",
        warning=True,
    )


def check_shape(seen: Seen, mask: str, image: str) -> Iterator[Problem]:
    """Warn of a mask that is stretched to fit its picture; a smaller or larger one of its shape is not."""
    sides = [whole(seen.facts(name), side) for name in (mask, image) for side in SIDES]
    if not all(sides):
        return
    wide, high, width, height = (side or 1 for side in sides)
    if abs(wide * height - high * width) <= SAME_SHAPE * width * high:
        return
    yield seen.problem(
        "mask_stretched",
        mask,
        f"the mask is {wide} x {high}, the picture {width} x {height}: the mask is stretched to it",
        given=f"{wide} x {high}",
        expected=f"{width} x {height}, or a mask of that shape",
        remedy="Give a mask that was painted on this picture, or crop one of both.",
        warning=True,
    )


@facts_of("ImageCompositeMasked")
def composed(seen: Seen) -> Inferred:
    problems = list(check_mask(seen, "mask", "source"))
    return Inferred({"IMAGE": seen.facts("destination")}, problems)


@facts_of("ImageBlend")
def blended(seen: Seen) -> Inferred:
    image = seen.facts("image1")
    return Inferred({"IMAGE": {name: image[name] for name in SIDES if name in image}})


@facts_of("JoinImageWithAlpha")
def with_alpha(seen: Seen) -> Inferred:
    image = seen.facts("image")
    batches = [whole(facts, "batch") for facts in (image, seen.facts("alpha"))]
    both = None if None in batches else max(batch for batch in batches if batch is not None)
    sides = {name: whole(image, name) for name in SIDES}
    return Inferred(
        {"IMAGE": known(**sides, batch=both, channels=4)}, list(check_mask(seen, "alpha", "image"))
    )


@facts_of("SafetyCheck")
def judged(seen: Seen) -> Inferred:
    """The pictures as they are or changed, and for each whether it is flagged."""
    image = seen.facts("image")
    return Inferred({"IMAGE": image, "flagged": size_of(image)})


@facts_of("SplitImageWithAlpha")
def without_alpha(seen: Seen) -> Inferred:
    size = size_of(seen.facts("image"))
    return Inferred({"IMAGE": {**size, "channels": 3}, "MASK": size})


@facts_of("ImageToMask", "ImageColorToMask")
def as_mask(seen: Seen) -> Inferred:
    return Inferred({"MASK": size_of(seen.facts("image"))})


@facts_of("MaskToImage")
def as_image(seen: Seen) -> Inferred:
    return Inferred({"IMAGE": {**size_of(seen.facts("mask")), "channels": 3}})


@facts_of("MaskComposite")
def masks_combined(seen: Seen) -> Inferred:
    masks = [seen.facts(name) for name in ("destination", "source")]
    batches = [whole(mask, "batch") for mask in masks]
    both = None if None in batches else max(batch for batch in batches if batch is not None)
    return Inferred({"MASK": known(**{name: whole(masks[0], name) for name in SIDES}, batch=both)})
