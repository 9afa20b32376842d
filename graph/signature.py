"""Signatures: a function's annotations read as inputs, widgets and outputs."""

from __future__ import annotations

import collections.abc as abc
import inspect
import types
import typing
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from graph import misuse
from graph.artifacts import Artifact
from graph.axes import Axes
from graph.context import Context
from graph.curves import Across, Curve
from graph.sockets import ANY, BOOLEAN, CURVE, FILE, FLOAT, INT, STRING, Input, Lazy, Output, SocketType
from graph.widgets import (
    LARGEST,
    SMALLEST,
    Choice,
    ChoiceWidget,
    CurveRange,
    CurveWidget,
    File,
    FileWidget,
    NumberWidget,
    Range,
    Refused,
    SeedHint,
    Text,
    TextWidget,
    ToggleWidget,
    Widget,
)

Hint = Range | Text | File | Choice | SeedHint | CurveRange
PLAIN: dict[object, SocketType] = {
    int: INT,
    float: FLOAT,
    str: STRING,
    bool: BOOLEAN,
    Curve: CURVE,
    Path: FILE,
    Any: ANY,
    SeedHint: INT,
}
FITS: dict[type[Hint], tuple[SocketType, ...]] = {
    Range: (INT, FLOAT),
    Text: (STRING,),
    File: (FILE,),
    Choice: (STRING,),
    SeedHint: (INT,),
    CurveRange: (CURVE,),
}
ADVICE = (
    "annotate int, float, str, bool, Curve, Literal[...], Seed, Annotated[Path, File(...)], "
    "a socket type such as Annotated[object, SocketType(...)], T | None, list[T] or Lazy[T]"
)
STREAMS = (
    abc.Iterator,
    abc.Iterable,
    abc.Generator,
    abc.AsyncIterator,
    abc.AsyncIterable,
    abc.AsyncGenerator,
)


@dataclass(slots=True)
class Reading:
    """An annotation taken apart."""

    types: tuple[SocketType, ...] = ()
    hint: Hint | None = None
    choices: tuple[Any, ...] | None = None
    optional: bool = False
    lazy: bool = False
    list: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class Returns:
    """What a return annotation says: outputs, whether they come as one tuple, or artifacts."""

    outputs: tuple[Output, ...] = ()
    packed: bool = False
    artifacts: bool = False


def read_inputs(function: Callable[..., Any]) -> tuple[tuple[Input, ...], str | None, str | None]:
    """The inputs in the signature's order, and the parameters that take the Context and the Axes."""
    hints = _hints(function)
    inputs: list[Input] = []
    context = axes = None
    for parameter in inspect.signature(function).parameters.values():
        where = f"{function.__name__}.{parameter.name}"
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise misuse.UnnamedParameter(f"{where}: sockets go by name; name each parameter plainly")
        if parameter.name not in hints:
            raise misuse.MissingAnnotation(f"{where} has no annotation: {ADVICE}")
        if hints[parameter.name] is Context:
            context = parameter.name
        elif hints[parameter.name] is Axes:
            axes = parameter.name
        else:
            inputs.append(_input(where, parameter, hints[parameter.name]))
    return tuple(inputs), context, axes


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError, SyntaxError, AttributeError) as error:
        raise misuse.UnresolvedAnnotation(
            f"{function.__name__}: {error}; import what annotations name outside of TYPE_CHECKING"
        ) from error


def _input(where: str, parameter: inspect.Parameter, annotation: object) -> Input:
    reading = read_annotation(where, annotation)
    given = parameter.default is not parameter.empty
    default = parameter.default if given else None
    widget = _widget(where, reading)
    optional = reading.optional
    if given and default is None and not optional:
        raise misuse.UnfitDefault(f"{where}: the default is None; annotate it `... | None`")
    if given and default is not None:
        default = _checked_default(where, widget, default)
    return Input(
        name=parameter.name,
        types=reading.types,
        required=not given and not optional,
        default=default,
        widget=widget,
        optional=optional,
        lazy=reading.lazy,
        list=reading.list,
        help=reading.help,
    )


def _checked_default(where: str, widget: Widget | None, default: object) -> object:
    if widget is None:
        raise misuse.UnfitDefault(f"{where}: only a widget has a default; write `| None = None`")
    if isinstance(widget, FileWidget) and isinstance(default, str | Path):
        return Path(default).as_posix()
    if isinstance(widget, ChoiceWidget) and callable(widget.choices):
        return default
    try:
        return widget.canonical(default, None)
    except Refused as refused:
        raise misuse.UnfitDefault(f"{where}: the default: {refused.reason}") from refused


def read_annotation(where: str, annotation: object) -> Reading:
    """Unwrap `Lazy`, `list`, `| None` and `Annotated` down to socket types and one hint."""
    reading = Reading()
    while not reading.types:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if isinstance(annotation, SeedHint):
            reading.types, reading.hint = (INT,), annotation
        elif origin is Annotated:
            annotation = _annotated(where, reading, annotation)
        elif origin in (Union, types.UnionType):
            reading.optional = reading.optional or type(None) in arguments
            members = [member for member in arguments if member is not type(None)]
            if len(members) > 1:
                reading.types = _union(where, members)
            else:
                annotation = members[0]
        elif origin is Literal:
            reading.types, reading.choices = _literal(where, arguments), arguments
        elif origin is Lazy and not (reading.lazy or reading.list):
            reading.lazy, annotation = True, arguments[0]
        elif origin is list and not reading.list:
            reading.list, annotation = True, arguments[0]
        else:
            reading.types = (_plain(where, annotation),)
            if annotation is SeedHint:
                reading.hint = SeedHint()
    _check_hint(where, reading)
    return reading


def _annotated(where: str, reading: Reading, annotation: Any) -> object:
    """Note the metadata; the base annotation stays to be read, unless a socket type replaces it."""
    base, *metadata = get_args(annotation)
    for item in metadata:
        if isinstance(item, SocketType):
            reading.types = (item,)
        elif isinstance(item, str):
            reading.help = item
        elif isinstance(item, Hint):
            if reading.hint is not None:
                raise misuse.UnfitHint(f"{where}: one widget hint is enough")
            reading.hint = item
        elif isinstance(item, type) and issubclass(item, Hint):
            raise misuse.UnfitHint(f"{where}: write {item.__name__}(...), with its arguments")
    return base


def _plain(where: str, annotation: object) -> SocketType:
    try:
        return PLAIN[annotation]
    except (KeyError, TypeError):
        name = getattr(annotation, "__name__", None) or repr(annotation)
        raise misuse.UnknownAnnotation(f"{where}: {name} is no socket type; {ADVICE}") from None


def _union(where: str, members: Sequence[object]) -> tuple[SocketType, ...]:
    found: dict[SocketType, None] = {}
    for member in members:
        reading = read_annotation(where, member)
        if reading.list or reading.lazy or reading.hint or reading.choices:
            raise misuse.UnknownAnnotation(f"{where}: a union joins plain socket types only; {ADVICE}")
        found.update(dict.fromkeys(reading.types))
    return tuple(found)


def _literal(where: str, choices: Sequence[object]) -> tuple[SocketType, ...]:
    kinds = {type(choice) for choice in choices}
    if len(kinds) != 1 or not kinds <= {str, int}:
        raise misuse.UnknownAnnotation(f"{where}: a Literal holds either text or whole numbers")
    return (PLAIN[kinds.pop()],)


def _check_hint(where: str, reading: Reading) -> None:
    if reading.types == (FILE,) and not isinstance(reading.hint, File):
        raise misuse.UnknownAnnotation(f'{where}: a Path is chosen: write Annotated[Path, File("folder")]')
    if reading.hint is None:
        return
    fits = FITS[type(reading.hint)]
    if reading.list or reading.lazy or reading.choices or reading.types[0] not in fits:
        names = " or ".join(member.name for member in fits)
        kind = type(reading.hint).__name__.removesuffix("Hint")
        raise misuse.UnfitHint(f"{where}: {kind} fits a plain {names} only")


def _widget(where: str, reading: Reading) -> Widget | None:
    """The widget of a single builtin type; wires of other types, lists and unions have none."""
    if reading.list or reading.lazy or len(reading.types) != 1:
        return None
    match reading.hint, reading.types[0]:
        case Range(low, high, step, slider), kind:
            return _range(where, kind, (low, high), step, slider)
        case SeedHint(most), _:
            return NumberWidget("seed", 0, most)
        case Text(multiline, placeholder, prompt), _:
            return TextWidget(multiline, placeholder, prompt)
        case File(folder, upload, extensions), _:
            return FileWidget(folder, upload, tuple(extensions))
        case CurveRange(low, high, shown, across), _:
            return _plot(where, low, high, shown, across)
        case Choice(choices), _:
            return ChoiceWidget(choices if callable(choices) else tuple(choices))
    if reading.choices is not None:
        return ChoiceWidget(reading.choices)
    return BARE.get(reading.types[0])


BARE: dict[SocketType, Widget] = {
    INT: NumberWidget("int", SMALLEST, LARGEST),
    FLOAT: NumberWidget("float"),
    STRING: TextWidget(),
    BOOLEAN: ToggleWidget(),
    CURVE: CurveWidget(),
}


def _plot(
    where: str, low: float, high: float, shown: tuple[float, float] | None, across: Across
) -> CurveWidget:
    least, most = shown or (low, high)
    if not low <= least < most <= high:
        raise misuse.UnfitHint(f"{where}: CurveRange({low}, {high}) cannot show {least} to {most}")
    return CurveWidget(low, high, shown, across)


def _range(
    where: str, kind: SocketType, bounds: tuple[float, float], step: float | None, slider: bool
) -> Widget:
    low, high = bounds
    if low > high:
        raise misuse.UnfitHint(f"{where}: Range({low}, {high}) is empty")
    if kind == FLOAT:
        return NumberWidget("float", low, high, step, slider)
    if low != int(low) or high != int(high):
        raise misuse.UnfitHint(f"{where}: Range({low}, {high}) of whole numbers needs whole bounds")
    return NumberWidget("int", int(low), int(high), step if step is None else int(step), slider)


def read_returns(function: Callable[..., Any], names: Sequence[str] | None) -> Returns:
    """The outputs that the return annotation and `outputs=` name."""
    where = f"{function.__name__} returns"
    hints = _hints(function)
    if "return" not in hints:
        raise misuse.MissingReturn(f"{function.__name__}: say what it returns: `-> Image`, or `-> None`")
    annotation = _streamed(function, hints["return"])
    if annotation is type(None):
        return Returns()
    if _is_artifacts(annotation):
        return Returns(artifacts=True)
    members, fields = _members(annotation)
    readings = [_output(where, member) for member in members or (annotation,)]
    if names is None:
        names = fields or _unique([type_of.type_name for type_of in readings])
    if len(names) != len(readings) or len(set(names)) != len(names):
        raise misuse.UnfitOutputs(
            f"{where} {len(readings)} values; outputs={tuple(names)} must name each once"
        )
    outputs = (Output(name, each.types, each.list) for name, each in zip(names, readings, strict=True))
    return Returns(tuple(outputs), packed=members is not None)


def _streamed(function: Callable[..., Any], annotation: Any) -> Any:
    """A generator's output is what it yields: the last yield is the value."""
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        if get_origin(annotation) not in STREAMS or not get_args(annotation):
            raise misuse.UnknownReturn(f"{function.__name__} yields: annotate it `-> Iterator[Image]`")
        return get_args(annotation)[0]
    return annotation


def _is_artifacts(annotation: object) -> bool:
    arguments = get_args(annotation)
    if get_origin(annotation) is list:
        return arguments == (Artifact,)
    return get_origin(annotation) is tuple and arguments == (Artifact, Ellipsis)


def _members(annotation: Any) -> tuple[tuple[object, ...] | None, tuple[str, ...] | None]:
    """The annotations of several outputs and their names, where the annotation is a tuple of them."""
    if get_origin(annotation) is tuple and Ellipsis not in get_args(annotation):
        return get_args(annotation), None
    if isinstance(annotation, type) and issubclass(annotation, tuple) and hasattr(annotation, "_fields"):
        hints = typing.get_type_hints(annotation, include_extras=True)
        return tuple(hints.values()), tuple(hints)
    return None, None


def _output(where: str, annotation: object) -> Output:
    try:
        reading = read_annotation(where, _without_widget(annotation))
    except misuse.NodeDefinitionError as error:
        raise misuse.UnknownReturn(str(error)) from error
    if reading.optional or reading.lazy or reading.types == (FILE,):
        raise misuse.UnknownReturn(f"{where}: an output is neither optional nor lazy nor a file")
    return Output("", reading.types, reading.list)


def _without_widget(annotation: object) -> object:
    return int if annotation is SeedHint else annotation


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """IMAGE, MASK, IMAGE -> IMAGE, MASK, IMAGE_2."""
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(unique)
