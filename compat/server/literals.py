"""Literals of prompts: made what a widget takes where ComfyUI would, else an error of its types."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from compat.curves import our_curve
from compat.nodes.sockets import PackChoice, PackFile
from diffusion.prompt.embeddings import file_of
from graph.folders import Folders, PathRefused, located
from graph.sockets import Input
from graph.widgets import ChoiceWidget, CurveWidget, FileWidget, NumberWidget, TextWidget, ToggleWidget

EMBEDDING, WEIGHT = re.compile(r"(?<![^\s(])embedding:([^\s()]+)"), re.compile(r":[\d.]+$")
LONGEST_LIST = 20
"""Choices beyond these are counted, not listed."""


class Unfit(Exception):
    """One thing that is wrong with an input."""

    def __init__(self, kind: str, message: str, details: str, *, bare: bool = False, **extra: object) -> None:
        super().__init__(message)
        self.kind, self.message, self.details, self.extra = kind, message, details, extra
        self.bare = bare
        """Whether the input's declaration is no part of the answer."""


def fitted(given: Input, value: Any, folders: Folders) -> object:
    """The literal as our document holds it."""
    if isinstance(value, dict) and set(value) == {"__value__"}:
        value = value["__value__"]
    if isinstance(given.widget, PackChoice | PackFile) and (given.widget.open or isinstance(value, list)):
        return value  # a pack checks it itself, or takes several
    match given.widget:
        case NumberWidget("float") as widget:
            return _bounded(given, widget, _cast(given, "FLOAT", float, value), value)
        case NumberWidget() as widget:
            return _bounded(given, widget, _cast(given, "INT", int, value), value)
        case TextWidget():
            return _cast(given, "STRING", str, value)
        case ToggleWidget():
            return bool(value)
        case ChoiceWidget() as widget:
            return _chosen(given, value, list(widget.options()))
        case FileWidget() as widget:
            return _file(given, value, widget, folders)
        case CurveWidget():
            return our_curve(value)
    return value


def _cast(given: Input, kind: str, cast: Callable[[Any], Any], value: object) -> Any:
    try:
        return cast(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise Unfit(
            "invalid_input_type",
            f"Failed to convert an input value to a {kind} value",
            f"{given.name}, {_said(value)}, {error}",
            received_value=value,
            exception_message=str(error),
        ) from None


def _bounded(given: Input, widget: NumberWidget, number: float, received: object) -> float:
    if widget.min is not None and number < widget.min:
        message = f"Value {number} smaller than min of {widget.min}"
        raise Unfit("value_smaller_than_min", message, given.name, received_value=received)
    if widget.max is not None and number > widget.max:
        message = f"Value {number} bigger than max of {widget.max}"
        raise Unfit("value_bigger_than_max", message, given.name, received_value=received)
    return number


def _chosen(given: Input, value: object, choices: list[Any]) -> object:
    for choice in choices:
        if choice == value and isinstance(choice, bool) == isinstance(value, bool):
            return choice
    raise _not_listed(given, value, choices)


def _not_listed(given: Input, value: object, choices: list[Any]) -> Unfit:
    long = len(choices) > LONGEST_LIST
    listed = f"(list of length {len(choices)})" if long else str(choices)
    details = f"{given.name}: {_said(value)!r} not in {listed}"
    return Unfit("value_not_in_list", "Value not in list", details, bare=long, received_value=value)


def without_missing(text: str, names: Sequence[str]) -> str:
    """A prompt without the embeddings that are not there: ComfyUI passes them over."""

    def kept(match: re.Match[str]) -> str:
        name, weight = match[1], ""
        if match.end() < len(text) and text[match.end()] == ")":  # (embedding:name:1.2)
            name, colon, number = name.rpartition(":") if WEIGHT.search(name) else (name, "", "")
            weight = colon + number
        bare = name.rstrip(",")
        return match[0] if file_of(name, names) or file_of(bare, names) else name[len(bare) :] + weight

    return EMBEDDING.sub(kept, text)


def _file(given: Input, value: object, widget: FileWidget, folders: Folders) -> object:
    """A file's name with our slashes; names of working folders may say in brackets which one."""
    name = value.replace("\\", "/") if isinstance(value, str) else ""
    try:
        if name and folders.find(*located(widget.folder, name + widget.inside)):
            return name.removesuffix(f" [{widget.folder}]")
    except PathRefused:
        pass
    if widget.upload:
        details = f"{given.name} - Invalid image file: {_said(value)}"
        message = "Custom validation failed for node"
        raise Unfit("custom_validation_failed", message, details, received_value=value)
    raise _not_listed(given, value, list(widget.names(folders)))


def _said(value: object) -> str:
    return str(value)[:200]
