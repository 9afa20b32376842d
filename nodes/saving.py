"""What the sinks for pictures share: names, numbers, and the workflow inside the file."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from graph import Artifact, Context, NodeError
from nodes.locking import lock_of
from nodes.types import Image


@dataclass(frozen=True)
class Recipes:
    """How other programs say the workflow of a picture; the composition root hands it to all nodes."""

    write: Callable[[Mapping[str, Any]], Mapping[str, str]]


def save_pictures(context: Context, images: Image, folder: str, prefix: str) -> tuple[Artifact, ...]:
    """Write every picture of a batch as the next free PNG of its prefix."""
    from diffusion.images import save_png, to_pil
    from diffusion.pixels import pixel_digest

    texts, lock = recipe(context), lock_of(context)
    saved = []
    for number, picture in enumerate(images):
        context.check_cancelled()
        height, width = picture.shape[:2]
        place = filled_prefix(prefix, width=width, height=height, batch_num=number)
        path = confined(context, folder, place)
        if texts and lock:
            own = {**lock, "picture": context.shown + number, "output": pixel_digest(to_pil(picture))}
            texts = {**texts, "lock": json.dumps(own, ensure_ascii=False)}
        name = save_png(picture, path.parent, path.name, texts)
        name = (PurePosixPath(place.replace("\\", "/")).parent / name).as_posix()
        saved.append(Artifact("image", folder, name, width, height))
    return tuple(saved)


def save_file(
    context: Context,
    prefix: str,
    write: Callable[[Path, str, Mapping[str, str]], str],
    *,
    pictures: Image | None = None,
) -> tuple[Artifact, ...]:
    """Let `write` put a file with the recipe in it into the output folder: (folder, stem, texts) -> name.

    A file of `pictures` is shown as a picture of their size.
    """
    height, width = (None, None) if pictures is None else pictures.shape[1:3]
    place = filled_prefix(prefix) if pictures is None else filled_prefix(prefix, width=width, height=height)
    path = confined(context, "output", place)
    texts, lock = recipe(context), lock_of(context)
    if texts and lock:
        own = {**lock, "picture": context.shown} if context.shown else lock
        texts = {**texts, "lock": json.dumps(own, ensure_ascii=False)}
    name = write(path.parent, path.name, texts)
    name = (PurePosixPath(place.replace("\\", "/")).parent / name).as_posix()
    return (Artifact("file" if pictures is None else "image", "output", name, width, height),)


def filled_prefix(prefix: str, **values: int) -> str:
    """A file name's prefix with %names% replaced; the date's parts are those of now."""
    now = datetime.now()
    parts = ("year", "month", "day", "hour", "minute", "second")
    filled = {**{part: f"{getattr(now, part):02}" for part in parts}, **values}
    for name, value in filled.items():
        prefix = prefix.replace(f"%{name}%", str(value))
    return prefix


def confined(context: Context, folder: str, place: str) -> Any:
    """The path of a prefix inside a folder, or an error that says why not."""
    try:
        path = context.resolve(folder, place or "image")
    except ValueError as error:
        remedy = "Give a name such as portrait, or series/portrait, without .. and without a leading slash."
        raise NodeError(str(error), code="path_refused", input="filename_prefix", remedy=remedy) from error
    return path


def recipe(context: Context) -> dict[str, str]:
    """The texts that a picture carries: our document, and what other programs read of it."""
    document = context.record()
    if not document:
        return {}
    try:
        others = context.shared(Recipes).write(document)
    except LookupError:
        others = {}
    return {"tessera": json.dumps(document, ensure_ascii=False), **others}
