"""What an output node of a pack shows, as artifacts; and artifacts as what ComfyUI's nodes show."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from graph.artifacts import Artifact
from graph.context import NodeError

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".avif")
FOLDERS = ("input", "output", "temp")
TO_THE_LETTER = "ui"
"""The kind of an artifact that only repeats what others of its call show, as the pack has said it."""


def artifacts_of(ui: Any) -> tuple[Artifact, ...]:
    """`{"images": [{"filename", "subfolder", "type"}], "text": […]}`: files by name, all else as text.

    What says more than that is kept beside, to the letter, for ComfyUI's clients.
    """
    if not isinstance(ui, Mapping):
        raise NodeError(f"its ui is {type(ui).__name__}, not a dictionary", code="wrong_output")
    found = []
    for name, shown in ui.items():
        for each in shown if isinstance(shown, list | tuple) else (shown,):
            artifact = _artifact(name, each)
            if artifact is not None:
                found.append(artifact)
    said = json.dumps(ui, default=repr)
    if ui_of(found) != json.loads(said):
        found.append(Artifact(TO_THE_LETTER, text=said))
    return tuple(found)


def _artifact(name: str, each: Any) -> Artifact | None:
    if isinstance(each, Mapping) and isinstance(each.get("filename"), str):
        folder = each.get("type") or "output"
        if folder not in FOLDERS:
            raise NodeError(f"it shows a file of the folder {folder!r}, which is none", code="wrong_output")
        path = "/".join(part for part in (each.get("subfolder") or "", each["filename"]) if part)
        kind = "image" if name == "images" or path.lower().endswith(PICTURES) else "file"
        return Artifact(kind, folder, path.replace("\\", "/"))
    if name == "animated":  # how to play what is shown beside it
        return None
    text = each if isinstance(each, str) else json.dumps(each, ensure_ascii=False, default=repr)
    return Artifact("text", text=text)


def ui_of(artifacts: Sequence[Artifact]) -> dict[str, list[Any]]:
    """What a node of ComfyUI's own would show for these."""
    ui: dict[str, list[Any]] = {}
    said = [each for each in artifacts if each.kind == TO_THE_LETTER]
    for each in said:
        for name, shown in json.loads(each.text or "{}").items():
            ui.setdefault(name, []).extend(shown if isinstance(shown, list) else [shown])
    for artifact in artifacts if not said else ():
        if artifact.text is not None:
            ui.setdefault("text", []).append(artifact.text)
        elif artifact.name is not None:
            subfolder, _, filename = artifact.name.rpartition("/")
            place = {"filename": filename, "subfolder": subfolder, "type": artifact.folder}
            ui.setdefault("images" if artifact.kind == "image" else "files", []).append(place)
    return ui
