"""A declaration of a pack as a node type: what it computes, what it depends on, and what it refuses."""

from __future__ import annotations

import inspect
import re
import traceback
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from compat.nodes.calling import CONTEXT, Caller, hidden_value, settled, taken
from compat.nodes.declared import DECLARED, Declared, Given
from compat.nodes.dynamic import idle, is_live, missing, nested
from compat.nodes.here import Host, inside
from compat.nodes.sockets import PackFile, inputs_of, outputs_of
from graph.folders import Folders, PathRefused, located
from graph.infer import Inferred, Seen
from graph.nodetype import NodeType
from graph.problems import Fix, Problem, remove_link, scalar, set_input, words
from graph.sockets import ANY, Input

CHECKS = "__checks__"
"""Where a node type's function keeps how its pack checks inputs."""


def refused(node_type: NodeType, literals: Mapping[str, Any], types: Mapping[str, str]) -> str | None:
    """What a pack has against literals, also such as no document holds; `types` are what links bring."""
    checks = getattr(node_type.run, CHECKS, None)
    asks = isinstance(checks, _Checks) and checks.check is not None
    return checks.ask(literals, types)[0] if asks else None


def adapt(declared: Declared, host: Host, code: str) -> NodeType:
    """The node type of a declaration, whose `code` changes with the pack's source."""
    source, checks = declared.source, _Checks(declared, host)
    inputs = inputs_of(declared, checks.names, any_type=checks.asks_types)
    outputs = outputs_of(declared)
    caller = Caller(declared, inputs, outputs, host)
    is_async = inspect.iscoroutinefunction(inspect.unwrap(getattr(source, declared.function)))
    run = _function(caller.run_async if is_async else caller.run, declared, is_async=is_async)
    setattr(run, CHECKS, checks)
    return NodeType(
        id=declared.id,
        run=run,
        inputs=inputs,
        outputs=outputs,
        title=declared.title,
        category=declared.category,
        help=_help(declared),
        lane="async" if is_async else "gpu",  # packs are written for one thread
        style="async" if is_async else "plain",
        sink=declared.sink,
        pure=not _sees_the_graph(declared),
        code=code,
        search=declared.search,
        context=CONTEXT,
        more=_more(declared),
        packed=True,
        fingerprint=None if _sees_the_graph(declared) else _fingerprint(declared, host),
        files=_opened(inputs),
        infer=checks.infer if checks.check is not None or declared.roots else None,
        by_node="UNIQUE_ID" in declared.hidden.values() or "NOT_IDEMPOTENT" in declared.flags,
    )


def _function(call: Callable[..., Any], declared: Declared, *, is_async: bool) -> Callable[..., Any]:
    """A function of its own for each type, in the name of the pack's module."""

    async def run_async(**arguments: Any) -> Any:
        return await call(**arguments)

    def run_plain(**arguments: Any) -> Any:
        return call(**arguments)

    run = run_async if is_async else run_plain

    run.__module__ = declared.source.__module__
    setattr(run, DECLARED, declared)
    return run


def _more(declared: Declared) -> Input | None:
    """Functions that take any name get all that is linked, as packs count on whose scripts add inputs."""
    parameters = inspect.signature(getattr(declared.source, declared.function)).parameters.values()
    takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters) and not declared.takes_lists
    if not takes_any and not declared.grows_on:
        return None
    return Input("", (ANY,), required=False, optional=True, list=declared.takes_lists)


def _sees_the_graph(declared: Declared) -> bool:
    """Whether a result depends on more than what inputs bring, which is all that keys say of it."""
    links = any(given.options.get("rawLink") for given in declared.inputs)
    return links or "DYNPROMPT" in declared.hidden.values()


def _help(declared: Declared) -> str:
    words = {"DEPRECATED": "Deprecated.", "EXPERIMENTAL": "Experimental."}
    said = [text for flag, text in words.items() if flag in declared.flags]
    return " ".join([*said, declared.help.strip()]).strip()


def _opened(inputs: Sequence[Input]) -> Callable[[Mapping[str, object], Folders], Iterable[Path]] | None:
    """The uploaded files that a node's literals name: it opens them itself."""
    uploads = [given for given in inputs if isinstance(given.widget, PackFile)]

    def files(arguments: Mapping[str, object], folders: Folders) -> Iterable[Path]:
        for given in uploads:
            name = arguments.get(given.name)
            if isinstance(name, str) and isinstance(given.widget, PackFile):
                try:
                    path = folders.find(*located(given.widget.folder, name))
                except PathRefused:
                    continue
                if path is not None:
                    yield path

    return files if uploads else None


def _fingerprint(declared: Declared, host: Host) -> Callable[..., object] | None:
    """IS_CHANGED, or the like: whoever fails at it, or says "not a number", runs every time."""
    check = _method(declared, "IS_CHANGED", "fingerprint_inputs")
    if check is None:
        return None

    def fingerprint(**arguments: Any) -> object:
        with inside(host):
            try:
                found = settled(check(**_constants(check, declared, arguments, host)))
                return uuid.uuid4().hex if found != found else found
            except Exception:  # as ComfyUI has it
                return uuid.uuid4().hex

    return fingerprint


def _method(declared: Declared, *names: str) -> Callable[..., Any] | None:
    """The first of these methods that a class has: each kind of declaration has a name of its own."""
    found = (getattr(declared.source, name, None) for name in names)
    return next((each for each in found if callable(each)), None)


def _constants(
    check: Callable[..., Any], declared: Declared, arguments: Mapping[str, Any], host: Host
) -> dict[str, Any]:
    """What is known of a node before it runs: its literals, and None for what links will bring."""
    given: dict[str, Any] = {}
    for each in declared.inputs:
        value = arguments.get(each.name)
        if value is not None or each.section == "required" or each.name not in arguments:
            given[each.name] = [value] if declared.takes_lists else value
    hidden = {name: hidden_value(kind, None, host) for name, kind in declared.hidden.items()}
    return taken(check, nested(declared, given) | hidden)


class _Checks:
    """VALIDATE_INPUTS: the inputs that a pack checks itself, and how."""

    def __init__(self, declared: Declared, host: Host) -> None:
        self.check = _method(declared, "VALIDATE_INPUTS", "validate_inputs")
        self._declared, self._host = declared, host
        parameters = inspect.signature(self.check).parameters if self.check is not None else {}
        takes_all = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
        own = [given.name for given in declared.inputs]
        self.names = frozenset(own if takes_all else set(own) & parameters.keys())
        self.asks_types = "input_types" in parameters

    def infer(self, seen: Seen) -> Inferred:
        """What the pack has against a node's inputs, as a Problem of the node."""
        linked = {given.name for given in self._declared.inputs if seen.link(given.name)}
        literals = {
            given.name: None if given.name in linked else seen.value(given.name)
            for given in self._declared.inputs
            if given.name in linked or seen.value(given.name) is not None
        }
        unused = [_unused(seen, each, literals) for each in idle(self._declared, literals, linked)]
        lacking = missing(self._declared, literals, linked)
        if lacking or self.check is None:
            return Inferred(problems=[*unused, *(_lacking(seen, name) for name in lacking)])
        said, details = self.ask(literals, {name: comfy_type(seen.type_of(name)) for name in linked})
        return Inferred(
            problems=[*unused, self._problem(seen, said, details)] if said is not None else unused
        )

    def ask(self, literals: Mapping[str, Any], types: Mapping[str, str]) -> tuple[str | None, str]:
        """What the pack has against inputs, and a traceback where it fails; `types` are what links bring."""
        assert self.check is not None  # else nobody asks
        with inside(self._host):
            try:
                given = _constants(self.check, self._declared, literals, self._host)
                known = {*literals, *self._declared.hidden, *self._declared.roots}
                given = {name: each for name, each in given.items() if name in known}
                if self.asks_types:
                    given["input_types"] = dict(types)
                found = settled(self.check(**given))
            except Exception as error:  # the pack's own function
                return f"it cannot be checked: {type(error).__name__}: {error}", traceback.format_exc()
        if found is True:
            return None, ""
        return found if isinstance(found, str) else "its pack refuses these inputs", ""

    def _problem(self, seen: Seen, said: str, details: str) -> Problem:
        places = {given.name: _place(given.name, said) for given in self._declared.inputs}
        name = min(
            (name for name in places if places[name] >= 0), key=lambda name: places[name], default=None
        )
        message = f"{seen.type_id}{f'.{name}' if name else ''}: {said}"
        return Problem("input_refused", message, seen.id, name, details=details)


def _lacking(seen: Seen, name: str) -> Problem:
    """What a choice asks for and is not there."""
    choice = name.rpartition(".")[0]
    message = f"{seen.type_id}.{name} is missing, which {choice} asks for"
    remedy = f"Link something to {name}, or choose another {choice}."
    return Problem("missing_input", message, seen.id, name, remedy=remedy)


def _unused(seen: Seen, given: Given, literals: Mapping[str, Any]) -> Problem:
    """A link into an input that another option of its choice asks for: it stays, and brings nothing."""
    choice, options = next(each for each in given.when if not is_live([each], literals))
    chosen, wanted = literals[choice], sorted(options)
    message = f"{seen.type_id}.{given.name}: the link is not used while {choice} is {words(chosen)}"
    fixes = [Fix(f"Set {choice} to {each}", (set_input(seen.id, choice, each),)) for each in wanted]
    fixes.append(Fix("Remove the link", (remove_link(seen.id, given.name),)))
    return Problem(
        "link_not_used",
        message,
        seen.id,
        given.name,
        scalar(chosen),
        expected=f"{choice}: {' or '.join(wanted)}",
        remedy=f"Choose another {choice}, or remove the link.",
        fixes=tuple(fixes),
        severity="warning",
    )


def _place(name: str, text: str) -> int:
    """Where a text mentions an input, or -1."""
    found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    return found.start() if found else -1


def comfy_type(name: str) -> str:
    """`ANY` is their `*`, `A|B` their `A,B`."""
    return ",".join("*" if member == "ANY" else member for member in name.split("|"))
