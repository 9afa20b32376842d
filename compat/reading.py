"""Reading a file of any program that we know into a workflow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compat.api_prompt import is_api_prompt, read_api_prompt
from compat.infotext import Infotext, is_infotext, read_infotext
from compat.local_files import Chosen, LocalFiles
from compat.loose import record
from compat.metadata import is_picture, read_texts
from compat.object_info import ObjectInfo
from compat.others import is_invoke, read_invoke, read_swarm
from compat.recreation import Rules, recreate
from compat.told_models import with_models
from compat.ui_graph import Imported, is_ui_graph, read_ui_graph
from graph.problems import Problem
from graph.workflow import FORMAT

ORDER = ("tessera", "workflow", "prompt", "parameters", "invokeai_metadata")
WRAPPERS = ("workflow", "prompt")
LARGEST = 2**26  # bytes that are looked at
NOWHERE = LocalFiles()


def read_file(data: bytes, info: ObjectInfo, title: str = "", local: LocalFiles = NOWHERE) -> Imported:
    """The workflow in a picture, a model file, JSON or text. Never raises: what is wrong is a Problem."""
    texts = read_texts(data)
    if texts or is_picture(data):
        return read_found(texts, info, title, local)
    try:
        plain = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _nothing("this file is neither a picture, nor a model, nor text")
    return _read_text(plain, info, title, local) or _nothing("this file holds no workflow that is known here")


def read_found(
    texts: Mapping[str, str], info: ObjectInfo, title: str, local: LocalFiles = NOWHERE
) -> Imported:
    """The first of a file's texts that makes a workflow; the interface's graph before the bare prompt."""
    for name in ORDER:
        found = _read_text(texts[name], info, title, local) if name in texts else None
        if found is not None:
            return found
    return _nothing("this picture carries no workflow that is known here")


def _read_text(plain: str, info: ObjectInfo, title: str, local: LocalFiles) -> Imported | None:
    if is_infotext(plain) and not plain.lstrip().startswith("{"):
        made = _recreated(read_infotext(plain), "a1111", info, title, local)
        return Imported({**(made.document or {}), "infotext": plain}, made.problems)
    try:
        value = json.loads(plain)
    except (ValueError, RecursionError):
        return None
    return read_value(value, info, title, local)


def _recreated(said: Infotext, rules: Rules, info: ObjectInfo, title: str, local: LocalFiles) -> Imported:
    """A workflow of local files that makes what another program made."""
    chosen = Chosen(said, local)
    made = read_api_prompt(recreate(said, rules, chosen), info, title)
    for name in said.embeddings:
        chosen.file("embeddings", name, f"{name}.pt")
    return Imported(with_models(made.document or {}, chosen.records), (*made.problems, *chosen.problems))


def read_value(
    value: object, info: ObjectInfo, title: str = "", local: LocalFiles = NOWHERE
) -> Imported | None:
    """The workflow that a JSON value is, or carries in a field; None where it is none."""
    if not isinstance(value, dict):
        return None
    if value.get("format") == FORMAT:
        return Imported(value)
    if is_ui_graph(value):
        return read_ui_graph(value, info, title)
    if is_api_prompt(value):
        return read_api_prompt(value, info, title)
    if record(value.get("sui_image_params")):
        return _recreated(read_swarm(value["sui_image_params"]), "comfy", info, title, local)
    if is_invoke(value):
        return _recreated(read_invoke(value), "diffusers", info, title, local)
    for name in WRAPPERS:
        inner = value.get(name)
        if isinstance(inner, str):
            inner = _parsed(inner)
        is_inner = inner is not value and isinstance(inner, dict)
        found = read_value(inner, info, title, local) if is_inner else None
        if found is not None:
            return found
    return None


def _parsed(plain: str) -> Any:
    try:
        return json.loads(plain)
    except (ValueError, RecursionError):
        return None


def _nothing(message: str) -> Imported:
    writers = "Tessera, ComfyUI, A1111, SwarmUI or InvokeAI"
    remedy = f"Give a workflow, or a picture that {writers} saved with its recipe."
    return Imported(None, (Problem("no_recipe", message, remedy=remedy),))


def read_path(path: Path, info: ObjectInfo, local: LocalFiles = NOWHERE) -> Imported:
    """The workflow in a file, named after it; of a large one only the beginning is read."""
    try:
        with path.open("rb") as file:
            return read_file(file.read(LARGEST), info, path.name.partition(".")[0], local)
    except OSError as error:
        return Imported(None, (Problem("file_not_found", f"{path} cannot be read: {error.strerror}"),))
