"""The recipe that a picture carries for other programs: ComfyUI's prompt and graph, A1111's infotext."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from compat.export import View, write_prompt
from compat.infotext_export import write_infotext
from compat.loose import Record, record, text
from compat.object_info import ObjectInfo
from compat.ui_export import write_ui_graph
from graph.sweep import is_sweep
from graph.workflow import read_document

MADE_OF = ("nodes", "links")


def with_sent(document: Mapping[str, Any], prompt_id: str, prompt: Record, extra: Record) -> Record:
    """A document made of a client's prompt, with all that the client sent."""
    said = {"prompt_id": prompt_id, "prompt": prompt, "extra_data": extra, "of": _digest(document)}
    return {**document, "comfy": said}


def sent(document: Mapping[str, Any]) -> Record | None:
    """What a client sent, if the document is still what was made of it: prompt_id, prompt, extra_data."""
    said = record(document.get("comfy"))
    whole = isinstance(said.get("prompt"), dict) and isinstance(said.get("extra_data"), dict)
    if not whole or not text(said.get("prompt_id")) or said.get("of") != _digest(document):
        return None
    return said


def texts(document: Mapping[str, Any], info: ObjectInfo) -> dict[str, str]:
    """By name: as a client sent it, else as we export it; nothing of a sweep, which they cannot say."""
    said = sent(document)
    if said is not None:
        extra = record(said["extra_data"].get("extra_pnginfo"))
        own = {name: value for name, value in document.items() if name != "comfy"}
        found = {"prompt": said["prompt"], **{name: extra[name] for name in extra if _is_keyword(name)}}
        return {name: json.dumps(value) for name, value in {**found, "tessera": own}.items()}
    workflow, _ = read_document(document)
    if workflow is None or any(is_sweep(value) for node in workflow.nodes for value in node.inputs.values()):
        return {}
    view = View(workflow, info)
    found = {"prompt": json.dumps(write_prompt(view)), "workflow": json.dumps(write_ui_graph(view))}
    infotext = write_infotext(view)
    return {**found, "parameters": infotext} if infotext else found


def _digest(document: Mapping[str, Any]) -> str:
    """Of what is computed: an edited document is not what its client sent any more."""
    made_of = json.dumps([document.get(field) for field in MADE_OF])
    return hashlib.blake2b(made_of.encode(), digest_size=16).hexdigest()


def _is_keyword(name: str) -> bool:
    """Whether a PNG can keep a text under this name, and it is not ours."""
    return 0 < len(name) < 80 and name.isascii() and name.isprintable() and name != "tessera"
