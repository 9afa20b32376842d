"""What the sinks for pictures share: names, numbers, and the workflow inside the file."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from graph import Artifact, Context, NodeError
from graph.sweep import is_sweep
from nodes.types import Image

SAME_THERE = {"PrimitiveSeed": "PrimitiveInt"}
"""Nodes of ours that ComfyUI has under another name."""


def save_pictures(context: Context, images: Image, folder: str, prefix: str) -> tuple[Artifact, ...]:
    """Write every picture of a batch as the next free PNG of its prefix."""
    from diffusion.images import save_png

    texts = recipe(context.document)
    saved = []
    for number, picture in enumerate(images):
        context.check_cancelled()
        height, width = picture.shape[:2]
        place = filled_prefix(prefix, width=width, height=height, batch_num=number)
        path = confined(context, folder, place)
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
    name = write(path.parent, path.name, recipe(context.document))
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


def recipe(document: Mapping[str, Any]) -> dict[str, str]:
    """The texts that a picture carries: our document, and ComfyUI's form of it where it can say the same."""
    if not document:
        return {}
    texts = {"tessera": json.dumps(document, ensure_ascii=False)}
    prompt = comfy_prompt(document)
    return {**texts, "prompt": json.dumps(prompt, ensure_ascii=False)} if prompt else texts


def comfy_prompt(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """The document as ComfyUI's API writes it, or None where a node is inactive, swept or not built in."""
    outputs, prompt = built_in_outputs(), {}
    for each in document["nodes"]:
        if each["type"] not in outputs or each.get("mode", "active") != "active":
            return None
        if any(is_sweep(literal) for literal in each.get("inputs", {}).values()):
            return None
        type_id = SAME_THERE.get(each["type"], each["type"])
        prompt[each["id"]] = {"class_type": type_id, "inputs": dict(each.get("inputs", {}))}
    types = {each["id"]: each["type"] for each in document["nodes"]}
    for link in document.get("links", ()):
        (source, output), (target, given) = link["from"], link["to"]
        if source not in types or target not in types or output not in outputs[types[source]]:
            return None
        prompt[target]["inputs"][given] = [source, outputs[types[source]].index(output)]
    return prompt


@cache
def built_in_outputs() -> dict[str, list[str]]:
    """The output names of every built-in node type, in order."""
    from graph.registry import Registry

    registry = Registry()
    registry.load_package("nodes")
    return {each.id: [output.name for output in each.outputs] for each in registry.types.values()}
