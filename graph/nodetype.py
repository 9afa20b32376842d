"""Node types: a plain typed function and what its signature says; the @node decorator."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from graph.folders import Folders
from graph.keys import code_digest
from graph.misuse import NothingComesOut, UnknownInput, UnknownLane
from graph.signature import Returns, read_inputs, read_returns
from graph.sockets import FLOAT, INT, Conversion, Grows, Input, Output, SocketType
from graph.widgets import Widget, document_default

if TYPE_CHECKING:
    from graph.infer import Infer
    from graph.records import Subgraph

Lane = Literal["gpu", "cpu", "io", "async"]
LANES: tuple[Lane, ...] = ("gpu", "cpu", "io", "async")
Style = Literal["plain", "generator", "async", "async_generator"]
Function = TypeVar("Function", bound=Callable[..., Any])
Files = Callable[[Mapping[str, object], Folders], Iterable[Path]]
"""From a node's literals, without what links bring, to the files that its code opens by itself."""


@dataclass(frozen=True, slots=True, eq=False)
class NodeType:
    """What can stand in a workflow: inputs, outputs and the function that computes them."""

    id: str
    run: Callable[..., Any]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    title: str = ""
    category: str = ""
    help: str = ""
    lane: Lane = "cpu"
    sink: bool = False
    pure: bool = True
    version: int = 1
    code: str = ""
    search: tuple[str, ...] = ()
    context: str | None = None
    """The parameter that receives the Context."""
    axes: str | None = None
    """The parameter that receives the Axes along which a sweep's results are gathered."""
    packed: bool = False
    """Whether the function returns a tuple of its outputs, rather than its one output."""
    artifacts: bool = False
    """Whether the function returns artifacts, and no outputs."""
    fingerprint: Callable[..., object] | None = None
    """For an impure node: what its result depends on beside its inputs, from its literals."""
    files: Files | None = None
    """The files that the code of a pure node opens by itself: their digests enter its key."""
    infer: Infer | None = None
    """Says what is known of the outputs before it runs, and what does not fit."""
    mutates: tuple[str, ...] = ()
    """The inputs that the function changes in place: it gets copies of them."""
    more: Input | None = None
    """What every input is that has a link and no declaration: the function takes any."""
    by_node: bool = False
    """Whether the result depends on which node of the document it is: its id enters the key."""
    style: Style = "plain"
    subgraph: Subgraph | None = None
    """What an instance of a sub-graph runs, in the place of a function."""
    inputs_by_name: Mapping[str, Input] = field(init=False, repr=False)
    positions: Mapping[str, int] = field(init=False, repr=False)
    has_lazy: bool = field(init=False, repr=False)
    repeats: bool = field(init=False, repr=False)
    """Whether its result can be found again by its key, in this process or another."""
    key_prefix: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs_by_name", {given.name: given for given in self.inputs})
        names = {output.name: position for position, output in enumerate(self.outputs)}
        object.__setattr__(self, "positions", names)
        object.__setattr__(self, "has_lazy", any(given.lazy for given in self.inputs))
        object.__setattr__(self, "repeats", self.pure or self.fingerprint is not None)
        listed = [f"{output.name}[]" if output.list else output.name for output in self.outputs]
        shape = f"{self.packed} {listed}"  # annotations are no part of the code
        object.__setattr__(self, "key_prefix", f"{self.id!r} {self.version!r} {self.code!r} {shape}")

    def to_json(self, folders: Folders | None) -> dict[str, object]:
        return {
            "id": self.id,
            "title": self.title,
            "category": self.category,
            "help": self.help,
            "sink": self.sink,
            "lane": self.lane,
            "inputs": [_input_json(given, folders) for given in self.inputs],
            "outputs": [output.to_json() for output in self.outputs],
            "search": list(self.search),
        }


def _input_json(given: Input, folders: Folders | None) -> dict[str, object]:
    moving: dict[str, object] = {}
    if given.grows is not None:
        moving["grows"] = {"row": given.grows.row, "least": given.grows.least}
    if given.when:
        moving["when"] = [{"input": choice, "is": sorted(options)} for choice, options in given.when]
    return {
        "name": given.name,
        "type": given.type_name,
        "required": given.required,
        "lazy": given.lazy,
        "list": given.list,
        "help": given.help,
        "widget": _widget_json(given.widget, given.default, folders) if given.widget else None,
        **moving,
    }


def _widget_json(widget: Widget, default: object, folders: Folders | None) -> dict[str, object]:
    record = widget.to_json(folders)
    return {"kind": record.pop("kind"), "default": document_default(default), **record}


def node(
    *,
    category: str = "",
    id: str | None = None,
    title: str | None = None,
    lane: Lane | None = None,
    sink: bool = False,
    pure: bool = True,
    version: int = 1,
    search: Sequence[str] = (),
    outputs: Sequence[str] | None = None,
    fingerprint: Callable[..., object] | None = None,
    files: Files | None = None,
    infer: Infer | None = None,
    mutates: Sequence[str] = (),
    bypass: Mapping[str, str] | None = None,
    grows: Sequence[str] = (),
) -> Callable[[Function], Function]:
    """Make a function a node type; the function stays what it was.

    Inputs, widgets, defaults and outputs come from the signature, the help from the docstring's first line.
    `bypass` says by output which input a bypassed node passes on, or "" for none; what it leaves out, the
    types say. `grows` names rows of inputs, `value` for `value0, value1, …`: the editor shows those that are
    used and one more, and those that are required.
    """

    def declare(function: Function) -> Function:
        type_id = id or camel_case(function.__name__)
        declared = NodeType(
            id=type_id,
            run=function,
            title=title or spaced(type_id),
            category=category,
            sink=sink,
            pure=pure,
            version=version,
            search=tuple(search),
            fingerprint=fingerprint,
            files=files,
            infer=infer,
            mutates=_mutated(function, mutates),
            **_what_it_says(function, lane, sink, outputs),
        )
        if bypass:
            declared = replace(declared, outputs=_passing(declared, bypass))
        for row in grows:
            declared = replace(declared, inputs=_growing(declared, row))
        function.__node_type__ = declared  # type: ignore[attr-defined]  # where the registry looks
        return function

    return declare


def _what_it_says(
    function: Callable[..., Any], lane: Lane | None, sink: bool, outputs: Sequence[str] | None
) -> dict[str, Any]:
    """The fields of a NodeType that the function itself declares."""
    inputs, context, axes = read_inputs(function)
    returns = read_returns(function, outputs)
    _check_returns(function, returns, sink=sink)
    style = _style(function)
    return {
        "inputs": inputs,
        "context": context,
        "axes": axes,
        "outputs": returns.outputs,
        "packed": returns.packed,
        "artifacts": returns.artifacts,
        "style": style,
        "lane": _lane(function, style, lane),
        "help": (inspect.getdoc(function) or "").partition("\n")[0].strip(),
        "code": code_digest(function),
    }


def node_type(function: Callable[..., Any]) -> NodeType:
    """The node type that @node made of a function."""
    declared = getattr(function, "__node_type__", None)
    if not isinstance(declared, NodeType):
        raise TypeError(f"{function!r} is no node: decorate it with @node(...)")
    return declared


def conversion(
    source: SocketType, target: SocketType, *, carry: Callable[..., Any] | None = None
) -> Callable[[Function], Function]:
    """Let every output of one type feed inputs of another through this function of one value.

    `carry` says what is known of the made value from the facts of the given one.
    """

    def declare(function: Function) -> Function:
        made = Conversion(source, target, function, code_digest(function), carry)
        function.__conversion__ = made  # type: ignore[attr-defined]  # where the registry looks
        return function

    return declare


@conversion(INT, FLOAT, carry=dict)
def int_to_float(value: int) -> float:
    return float(value)


def camel_case(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def spaced(name: str) -> str:
    """`VAEDecodeTiled` -> `VAE Decode Tiled`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z])", " ", name).replace("_", " ")


def _mutated(function: Callable[..., Any], names: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in inspect.signature(function).parameters]
    if unknown or isinstance(names, str):
        parameters = ", ".join(inspect.signature(function).parameters)
        raise UnknownInput(f"{function.__name__}: mutates= names inputs, of {parameters}; not {names!r}")
    return tuple(names)


def _passing(declared: NodeType, bypass: Mapping[str, str]) -> tuple[Output, ...]:
    """The outputs, each with the input that it passes on."""
    for output, given in bypass.items():
        if output not in declared.positions or (given and given not in declared.inputs_by_name):
            ends = f"{', '.join(declared.positions)} and {', '.join(declared.inputs_by_name)}"
            raise UnknownInput(f"{declared.id}: bypass= leads outputs to inputs, of {ends}; not {bypass!r}")
    return tuple(replace(each, passes=bypass.get(each.name)) for each in declared.outputs)


def _growing(declared: NodeType, row: str) -> tuple[Input, ...]:
    """The inputs, of which those that are called by the row and a number grow."""
    numbered = [given for given in declared.inputs if re.fullmatch(rf"{re.escape(row)}\d+", given.name)]
    if len(numbered) < 2:
        names = ", ".join(declared.inputs_by_name) or "no inputs"
        raise UnknownInput(f"{declared.id}: grows= names rows such as {row}0, {row}1, …; it has {names}")
    grows = Grows(row, sum(given.required for given in numbered))
    return tuple(replace(given, grows=grows) if given in numbered else given for given in declared.inputs)


def _style(function: Callable[..., Any]) -> Style:
    if inspect.isasyncgenfunction(function):
        return "async_generator"
    if inspect.iscoroutinefunction(function):
        return "async"
    return "generator" if inspect.isgeneratorfunction(function) else "plain"


def _lane(function: Callable[..., Any], style: Style, lane: Lane | None) -> Lane:
    is_async = style in ("async", "async_generator")
    if lane is not None and lane not in LANES:
        raise UnknownLane(f"{function.__name__}: there is no lane {lane!r}; write one of {', '.join(LANES)}")
    if lane is not None and (lane == "async") != is_async:
        kind = "`async def`" if is_async else "`def`"
        raise UnknownLane(f"{function.__name__}: {kind} cannot run in the lane {lane!r}; leave lane out")
    return "async" if is_async else lane or "cpu"


def _check_returns(function: Callable[..., Any], returns: Returns, *, sink: bool) -> None:
    if sink or (returns.outputs and not returns.artifacts):
        return
    raise NothingComesOut(
        f"{function.__name__}: without outputs nothing can ask for it; "
        "annotate what it returns, or write @node(sink=True)"
    )
