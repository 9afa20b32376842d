"""Values of widgets by name, from the positions in which ComfyUI's interface saves them."""

from __future__ import annotations

from typing import Any

from compat.curves import our_curve
from compat.loose import Record, items, record, records, text
from compat.nodes.dynamic import is_live
from compat.object_info import NO_DEFAULT, InputInfo, NodeInfo

CONTROLS = ("fixed", "increment", "decrement", "randomize")
SEEDS = ("seed", "noise_seed")
UPLOADS = ("image", "video", "audio", "upload", None)


def named_values(node: Record, info: NodeInfo | None) -> Record:
    """The values of a node's widgets; those of a type that nobody knows are `widget_0`, `widget_1`, …"""
    stored = node.get("widgets_values")
    if isinstance(stored, dict):
        return {name: value for name, value in stored.items() if info is None or _is_widget(info, name)}
    values = items(stored)
    if info is not None:
        named = {**defaults(info), **fit(values, info)[0]}
        there = {given.name for given in info.chosen_widgets(named)}
        return {name: value for name, value in named.items() if name in there}
    listed = declared_widgets(node)
    if listed:
        return fit(values, NodeInfo("", listed, ()))[0]
    return {f"widget_{place}": value for place, value in enumerate(values)}


def _is_widget(info: NodeInfo, name: str) -> bool:
    given = info.input(name)
    return given is not None and given.widget


def defaults(info: NodeInfo) -> Record:
    return {given.name: given.default for given in info.widgets if given.default is not NO_DEFAULT}


def declared_widgets(node: Record) -> tuple[InputInfo, ...]:
    """The widgets that newer interfaces list among a node's inputs, in order."""
    found = []
    for given in records(node.get("inputs")):
        name = text(record(given.get("widget")).get("name"))
        if name:
            kind = text(given.get("type"))
            found.append(InputInfo(name, kind, widget=True, control=kind == "INT" and name in SEEDS))
    return tuple(found)


def fit(values: list[Any], info: NodeInfo) -> tuple[Record, int]:
    """Values by name, and how many places they took."""
    named: Record = {}
    at = 0
    widgets = info.widgets
    bare = len(values) == len(widgets)
    last_required = max((place for place, given in enumerate(widgets) if not given.optional), default=-1)
    for place, given in enumerate(widgets):
        if at >= len(values):
            break
        if not is_live(given.when, named):
            continue
        if values[at] is not None:
            named[given.name] = our_curve(values[at]) if given.type == "CURVE" else values[at]
        at += 1
        following = widgets[place + 1] if place + 1 < len(widgets) else None
        if at < len(values) and given.control and _is_control(values[at], following, bare=bare):
            at += 1
        if at < len(values) and place == last_required and _is_button(values, at, widgets[place + 1 :], info):
            at += 1
    return named, at


def _is_control(value: object, following: InputInfo | None, *, bare: bool) -> bool:
    """Whether a value says what happens to the seed after a run; old interfaces saved true or false."""
    if isinstance(value, bool):
        return not (bare and following is not None and following.type == "BOOLEAN")
    return isinstance(value, str) and value in CONTROLS


def _is_button(values: list[Any], at: int, rest: tuple[InputInfo, ...], info: NodeInfo) -> bool:
    """Whether a value belongs to the button that uploads; it stands behind the required widgets."""
    button = any(given.upload for given in info.widgets) and values[at] in UPLOADS
    return button and len(values) - at > len(rest)
