"""Inputs and outputs of packs as ours: types, widgets and defaults."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compat.nodes.declared import Declared, Given, given_inputs
from compat.nodes.dynamic import flat
from graph.folders import Folders
from graph.sockets import ANY, BOOLEAN, FLOAT, INT, STRING, Input, Output, SocketType
from graph.widgets import (
    LARGEST,
    SMALLEST,
    ChoiceWidget,
    FileWidget,
    NumberWidget,
    PromptRules,
    TextWidget,
    ToggleWidget,
    Widget,
)

FRESH = 1.0
"""Seconds for which choices that a pack has listed are taken as they were."""
SEEDS = ("seed", "noise_seed")
UPLOADS = ("image_upload", "video_upload", "audio_upload", "file_upload", "upload")
BUILT_IN = {each.name: each for each in (INT, FLOAT, STRING, BOOLEAN)}
RENAMED = {"FILE": "COMFY_FILE"}
"""Their names that mean something else here: our FILE is chosen, and never linked."""
Scalar = str | int | float | bool
Choices = Callable[[], Sequence[Scalar]]


# The widgets of packs are ours, but hold only what is typed in to the rules: ComfyUI lets all pass that
# a link brings. A link's value comes without folders.


@dataclass(frozen=True, slots=True)
class PackNumber(NumberWidget):
    def canonical(self, value: object, folders: Folders | None) -> object:
        return value if folders is None else NumberWidget.canonical(self, value, folders)


@dataclass(frozen=True, slots=True)
class PackText(TextWidget):
    def canonical(self, value: object, folders: Folders | None) -> object:
        return value if folders is None else TextWidget.canonical(self, value, folders)


@dataclass(frozen=True, slots=True)
class PackToggle(ToggleWidget):
    def canonical(self, value: object, folders: Folders | None) -> object:
        return value if folders is None else ToggleWidget.canonical(self, value, folders)


@dataclass(frozen=True, slots=True)
class PackChoice(ChoiceWidget):
    """One of what the pack lists now, or `many` in a list; `open` takes anything: the pack checks it."""

    open: bool = False
    many: bool = False

    def canonical(self, value: object, folders: Folders | None) -> object:
        if folders is None or self.open:
            return value
        if self.many:
            values = value if isinstance(value, list | tuple) else [value]
            return [ChoiceWidget.canonical(self, each, folders) for each in values]
        if isinstance(value, int | float) and not isinstance(value, bool):
            numbers = (each for each in self.options() if type(each) in (int, float))
            value = next((each for each in numbers if each == value), value)
        return ChoiceWidget.canonical(self, value, folders)


@dataclass(frozen=True, slots=True)
class PackFile(FileWidget):
    """A file of the input folder that can be uploaded; the pack gets its name."""

    open: bool = False

    def canonical(self, value: object, folders: Folders | None) -> object:
        if folders is None or self.open:
            return value
        FileWidget.canonical(self, value, folders)
        return value


def inputs_of(declared: Declared, open: Collection[str], *, any_type: bool) -> tuple[Input, ...]:
    """The inputs of a node: the pack checks those that are `open`, and with `any_type` what is linked."""
    return tuple(_input(given, declared, given.name in open, any_type) for given in declared.inputs)


def outputs_of(declared: Declared) -> tuple[Output, ...]:
    """The outputs of a node, each of a name of its own."""
    seen: dict[str, int] = {}
    found = []
    for kind, name, is_list in zip(declared.returns, declared.names, declared.lists, strict=True):
        seen[name] = seen.get(name, 0) + 1
        own = name if seen[name] == 1 else f"{name}_{seen[name]}"
        found.append(Output(own, socket_types(kind, {}), is_list))
    return tuple(found)


def _input(given: Given, declared: Declared, open: bool, any_type: bool) -> Input:
    types = socket_types(given.type, given.options)
    widget, default = None, None
    if not given.options.get("forceInput"):
        widget = _widget(given, declared, open)
        default = _default(given, widget)
    optional = given.section == "optional" or bool(given.when)
    return Input(
        name=given.name,
        types=(ANY,) if any_type else types,
        required=not optional and default is None,
        default=default,
        widget=widget,
        optional=optional,
        lazy=bool(given.options.get("lazy")),
        list=declared.takes_lists,
        help=_help(given),
        grows=given.grows,
        when=given.when,
    )


def _help(given: Given) -> str:
    """The tooltip, and with which choices the input is there."""
    told = str(given.options.get("tooltip") or "")
    needs = [f"Counts where {combo} is {' or '.join(sorted(keys))}." for combo, keys in given.when]
    return " ".join(part for part in (told, *needs) if part)


def is_any(kind: Any) -> bool:
    """`"*"`, or one of the texts that packs make to be unequal to nothing."""
    return isinstance(kind, str) and (kind == "*" or not kind != "\0")  # noqa: SIM202  # `!=` is what they change


def choices_of(kind: Any, options: Mapping[str, Any]) -> Sequence[Scalar] | None:
    """The choices of a type that is a list of them."""
    if is_any(kind):  # some are equal to everything
        return None
    if isinstance(kind, list | tuple | set):
        return list(kind)
    if kind == "COMBO":
        return list(options.get("options") or ())
    return None


def socket_types(kind: Any, options: Mapping[str, Any]) -> tuple[SocketType, ...]:
    """What may be linked: choices are text, or numbers where all are; several types stand between commas."""
    if is_any(kind):
        return (ANY,)
    choices = choices_of(kind, options)
    if choices is not None:
        kinds = {type(choice) for choice in choices}
        kind = kinds.pop() if len(kinds) == 1 else str
        return ({int: INT, float: FLOAT, bool: BOOLEAN}.get(kind, STRING),)
    names = [name.strip() for name in str(kind).split(",") if name.strip()]
    if not names or "*" in names:
        return (ANY,)
    return tuple(BUILT_IN.get(name) or SocketType(RENAMED.get(name, name)) for name in names)


def _widget(given: Given, declared: Declared, open: bool) -> Widget | None:
    options = given.options
    if choices_of(given.type, options) is not None:
        choices = Fresh(declared, given)
        if any(options.get(name) for name in UPLOADS):
            return PackFile(str(options.get("image_folder") or "input"), True, open=open)
        return PackChoice(choices, open=open, many=bool(options.get("multi_select")))
    kind = options.get("widgetType", given.type)
    match None if is_any(kind) else kind:
        case "INT" if given.name in SEEDS or options.get("control_after_generate"):
            low, high = _bounds(options, 0, LARGEST, open)
            return PackNumber("seed", low, high)
        case "INT":
            low, high = _bounds(options, SMALLEST, LARGEST, open)
            return PackNumber("int", low, high, _number(options.get("step")), _is_slider(options))
        case "FLOAT":
            low, high = _bounds(options, None, None, open)
            return PackNumber("float", low, high, _number(options.get("step")), _is_slider(options))
        case "STRING":
            many = bool(options.get("multiline"))
            # What ComfyUI's editor puts words together in is a prompt.
            rules: PromptRules | None = "comfy" if many and options.get("dynamicPrompts") else None
            return PackText(many, str(options.get("placeholder") or ""), rules)
        case "BOOLEAN":
            return PackToggle()
    return None


def _bounds(
    options: Mapping[str, Any], low: int | None, high: int | None, open: bool
) -> tuple[float | None, float | None]:
    given = (_number(options.get("min")), _number(options.get("max")))
    return (
        (low, high)
        if open
        else tuple(  # type: ignore[return-value]  # two of them
            bound if limit is None else limit for limit, bound in zip(given, (low, high), strict=True)
        )
    )


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and value - value == 0 else None


def _is_slider(options: Mapping[str, Any]) -> bool:
    return options.get("display") == "slider"


def _default(given: Given, widget: Widget | None) -> Any:
    """The default as ComfyUI's interface fills it in: without one, zero, nothing or the first choice."""
    default = given.options.get("default")
    if isinstance(widget, PackChoice):
        return default or [] if widget.many else _first(widget.options(), default)
    if isinstance(widget, PackFile):
        return _first(choices_of(given.type, given.options) or (), default)
    if isinstance(widget, NumberWidget):
        low = widget.min if widget.min is not None and widget.min > 0 else 0
        number = _number(default)
        number = low if number is None else number
        return float(number) if widget.kind == "float" else int(number)
    if isinstance(widget, TextWidget):
        return "" if default is None else str(default)
    return bool(default) if isinstance(widget, ToggleWidget) else None


def _first(choices: Sequence[object], default: Any) -> Any:
    return default if default in choices else next(iter(choices), None)


class Fresh:
    """The choices of an input as the pack lists them now."""

    def __init__(self, declared: Declared, given: Given) -> None:
        self._declared, self._name = declared, given.name
        self._known = tuple(choices_of(given.type, given.options) or ())
        self._until = time.monotonic() + FRESH

    def __call__(self) -> Sequence[str]:
        if time.monotonic() > self._until:
            now = flat(given_inputs(self._declared.read()))
            own = next((each for each in now if each.name == self._name), None)
            if own is not None:
                self._known = tuple(choices_of(own.type, own.options) or ())
            self._until = time.monotonic() + FRESH
        return self._known  # type: ignore[return-value]  # numbers, too
