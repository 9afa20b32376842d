"""What a class of a pack declares of its node, read as ComfyUI reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from graph.nodetype import NodeType
from graph.sockets import Condition, Grows

Section = Literal["required", "optional"]
Options = Mapping[str, Any]


class Unfit(Exception):
    """A class that cannot become a node type, and why."""


@dataclass(frozen=True, slots=True)
class Given:
    """One input as a pack declares it: a type or choices, and options."""

    name: str
    type: Any
    options: Options
    section: Section
    when: tuple[Condition, ...] = ()
    """The choices that it depends on; all must be such."""
    grows: Grows | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """A node of a pack."""

    id: str
    source: type
    function: str
    inputs: tuple[Given, ...]
    hidden: Mapping[str, str]
    """By the parameter's name, what of the program it is handed: "UNIQUE_ID"."""
    returns: tuple[Any, ...]
    names: tuple[str, ...]
    lists: tuple[bool, ...]
    """Which outputs are lists."""
    takes_lists: bool = False
    sink: bool = False
    title: str = ""
    category: str = ""
    help: str = ""
    output_help: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    flags: frozenset[str] = field(default=frozenset())
    """Of DEPRECATED, EXPERIMENTAL, API_NODE, DEV_ONLY, NOT_IDEMPOTENT those that are set."""
    read: Callable[[], Mapping[str, Any]] = dict
    """The inputs as the class declares them now: lists of files change."""
    make: Callable[[], Any] = object
    """What the function is called on."""
    roots: Mapping[str, Given] = field(default_factory=dict)
    """The inputs that a schema lets grow or depend on a choice, by name (compat/nodes/dynamic.py)."""
    grows_on: bool = False
    """Whether there may be more inputs than `inputs` names."""
    told_apart: bool = False
    """Whether what is hidden is a field of what the function is called on, and no parameter."""


DECLARED = "__declared__"
"""Where a node type's function keeps what it was made of."""


def declared_of(node_type: NodeType) -> Declared | None:
    """What a node type was made of, where it is a pack's."""
    found = getattr(node_type.run, DECLARED, None)
    return found if isinstance(found, Declared) else None


FLAGS = ("DEPRECATED", "EXPERIMENTAL", "API_NODE", "NOT_IDEMPOTENT")
PROGRAM = ("PROMPT", "EXTRA_PNGINFO", "UNIQUE_ID", "DYNPROMPT", "AUTH_TOKEN_COMFY_ORG", "API_KEY_COMFY_ORG")
"""What of the program a node may be handed; hidden inputs of other types bring what prompts say."""
SECTIONS: tuple[Section, ...] = ("required", "optional")


def read_class(id: str, source: Any, title: str) -> Declared:
    """The declaration of a class of the first kind: INPUT_TYPES, RETURN_TYPES, FUNCTION."""
    if not isinstance(source, type):
        raise Unfit(f"it is {type(source).__name__}, not a class")
    declare: Any = getattr(source, "INPUT_TYPES", None)
    if not callable(declare):
        raise Unfit("it has no INPUT_TYPES()")
    function = getattr(source, "FUNCTION", None)
    if not isinstance(function, str) or not callable(getattr(source, function, None)):
        raise Unfit(f"its FUNCTION names {function!r}, which it does not have")
    types = read_types(declare)
    returns = _returns(source)
    hidden = {name: _hidden_name(kind) for name, kind in (types.get("hidden") or {}).items()}
    return Declared(
        id=id,
        source=source,
        function=function,
        inputs=given_inputs(types),
        hidden={name: kind for name, kind in hidden.items() if kind in PROGRAM},
        returns=returns,
        names=_names(source, returns),
        lists=_flags_of(source, "OUTPUT_IS_LIST", len(returns)),
        takes_lists=bool(getattr(source, "INPUT_IS_LIST", False)),
        sink=bool(getattr(source, "OUTPUT_NODE", False)),
        title=title,
        category=str(getattr(source, "CATEGORY", "") or ""),
        help=str(getattr(source, "DESCRIPTION", "") or ""),
        output_help=tuple(map(str, getattr(source, "OUTPUT_TOOLTIPS", ()) or ())),
        search=tuple(map(str, getattr(source, "SEARCH_ALIASES", ()) or ())),
        flags=frozenset(name for name in FLAGS if getattr(source, name, False)),
        read=lambda: read_types(declare),
        grows_on=any(kind not in PROGRAM for kind in hidden.values()),
        make=source,
    )


def read_types(declare: Callable[[], Any]) -> Mapping[str, Any]:
    types = declare()
    if not isinstance(types, Mapping):
        raise Unfit(f"INPUT_TYPES() returns {type(types).__name__}, not a dictionary")
    return types


def given_inputs(types: Mapping[str, Any]) -> tuple[Given, ...]:
    """The inputs that are drawn, in order."""
    found = []
    for section in SECTIONS:
        for name, spec in dict(types.get(section) or {}).items():
            found.append(Given(str(name), *_spec(name, spec), section))
    return tuple(found)


def _spec(name: str, spec: Any) -> tuple[Any, Options]:
    """Type and options of `("INT", {…})`; the comma is forgotten at times, and taken for granted here."""
    if isinstance(spec, str):
        return spec, {}
    if not isinstance(spec, tuple | list) or not spec:
        raise Unfit(f"its input {name} is declared as {spec!r}, not as a type and options")
    options = spec[1] if len(spec) > 1 else {}
    return spec[0], options if isinstance(options, Mapping) else {}


def _hidden_name(kind: Any) -> str:
    """`"PROMPT"`, or the same in a tuple."""
    return str(kind[0] if isinstance(kind, tuple | list) and kind else kind)


def _returns(source: type) -> tuple[Any, ...]:
    returns = getattr(source, "RETURN_TYPES", ())
    if isinstance(returns, str):
        raise Unfit(f"its RETURN_TYPES is the text {returns!r}: a comma is missing, ({returns!r},)")
    return tuple(returns or ())


def _names(source: type, returns: tuple[Any, ...]) -> tuple[str, ...]:
    """What outputs are called: as declared, else by their types."""
    given = getattr(source, "RETURN_NAMES", None)
    names = (given,) if isinstance(given, str) else tuple(given or ())
    types = ("COMBO" if isinstance(kind, list | tuple) else str(kind) for kind in returns)
    return tuple(
        str(names[place]) if place < len(names) and names[place] else kind for place, kind in enumerate(types)
    )


def _flags_of(source: type, name: str, count: int) -> tuple[bool, ...]:
    given = getattr(source, name, None)
    flags = tuple(map(bool, given)) if isinstance(given, tuple | list) else (bool(given),) * count
    return (*flags, *(False,) * count)[:count]
