"""One call of a node of a pack: its arguments as ComfyUI would hand them, its result as ours."""

from __future__ import annotations

import asyncio
import copy
import inspect
import sys
from collections import ChainMap, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from compat.formats import write_as
from compat.instances import prompt_id
from compat.nodes.declared import Declared
from compat.nodes.dynamic import nested
from compat.nodes.expanding import Expansion, is_link, values_given
from compat.nodes.here import Host, inside
from compat.nodes.shown import artifacts_of
from compat.nodes.values import ExecutionBlocker, from_pack, to_pack
from compat.object_info import known_nodes
from compat.recipe import sent
from graph.artifacts import Artifact, Blocked, Shown
from graph.context import Context, NodeError
from graph.sockets import ANY, Input, Lazy, Output

CONTEXT = "the context"
"""No input is called so."""
FURTHER = Input("", (ANY,))
"""An input that nobody has declared."""
KEPT = 1000
"""Nodes whose objects are remembered: packs keep state in them from run to run."""


@dataclass(eq=False)
class Caller:
    """Calls the nodes of one type."""

    declared: Declared
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    host: Host
    objects: OrderedDict[str, Any] = field(default_factory=OrderedDict)

    def run(self, **arguments: Any) -> Shown:
        context = arguments.pop(CONTEXT)
        with self._called(context):
            node = self._object(context)
            given = self._given(node, arguments, context)
            if isinstance(given, Blocked):
                return Shown((given,) * len(self.outputs), ())
            return self._result(
                getattr(node, self.declared.function)(**nested(self.declared, given)), context
            )

    async def run_async(self, **arguments: Any) -> Shown:
        context = arguments.pop(CONTEXT)
        with inside(self.host, context):
            node = self._object(context)
            given = self._given(node, arguments, context)
            if isinstance(given, Blocked):
                return Shown((given,) * len(self.outputs), ())
            result = await getattr(node, self.declared.function)(**nested(self.declared, given))
            return await asyncio.to_thread(self._result, result, context)  # what it puts in may run for long

    @contextmanager
    def _called(self, context: Context) -> Iterator[None]:
        """Packs compute without gradients, and find out where they are."""
        torch = sys.modules.get("torch")
        with inside(self.host, context), torch.no_grad() if torch is not None else nullcontext():
            yield

    def _object(self, context: Context) -> Any:
        """The object of a node, made when it first runs."""
        if context.node_id not in self.objects:
            self.objects[context.node_id] = self.declared.make()
        self.objects.move_to_end(context.node_id)
        while len(self.objects) > KEPT:
            self.objects.popitem(last=False)
        return self.objects[context.node_id]

    # Arguments

    def _given(self, node: Any, arguments: Mapping[str, Any], context: Context) -> dict[str, Any] | Blocked:
        given: dict[str, Any] = {}
        lazy: dict[str, Lazy[Any]] = {}
        for each in self.inputs:
            value = arguments.get(each.name)
            if isinstance(value, Lazy):
                lazy[each.name], given[each.name] = value, None
            elif value is not None or not each.optional:
                given[each.name] = self._value(value, each)
        declared = {each.name for each in self.inputs}
        further = {name: value for name, value in arguments.items() if name not in declared}
        given |= {name: self._value(value, FURTHER) for name, value in further.items()}
        given |= self._links(context)
        hidden = self._hidden(context)
        if self.declared.told_apart:
            from compat.shims.comfy_api.latest import _io

            node.hidden = _io.HiddenHolder(hidden)
        else:
            given |= hidden
        blocked = self._ask(node, given, lazy)
        return blocked if blocked is not None else given

    def _value(self, value: Any, given: Input) -> Any:
        """A value as the pack takes it: in a list, where it takes lists."""
        kind = given.type_name
        if not self.declared.takes_lists:
            return to_pack(value, kind)
        return [to_pack(each, kind) for each in (value if isinstance(value, list | tuple) else [value])]

    def _ask(self, node: Any, given: dict[str, Any], lazy: Mapping[str, Lazy[Any]]) -> Blocked | None:
        """Have made what the node says it needs of its lazy inputs, as long as it says something new."""
        check = getattr(node, "check_lazy_status", None)
        inputs = {each.name: each for each in self.inputs}
        asked: set[str] = set()
        while lazy and check is not None:
            names = settled(check(**nested(self.declared, given))) or ()
            needed = [name for name in names if name in lazy and name not in asked]
            if not needed:
                break
            for name in needed:
                value = lazy[name].get()
                if isinstance(value, Blocked):
                    return value
                given[name] = self._value(value, inputs[name])
                asked.add(name)
        return None

    def _links(self, context: Context) -> dict[str, Any]:
        """The links themselves, for inputs that take them in the place of values (rawLink)."""
        raw = [given.name for given in self.declared.inputs if given.options.get("rawLink")]
        if not raw:
            return {}
        inputs = _prompt(context.document, self.host).get(own_id(context), {}).get("inputs", {})
        found = {name: inputs[name] for name in raw if is_link(inputs.get(name))}
        return {name: [link] for name, link in found.items()} if self.declared.takes_lists else found

    def _hidden(self, context: Context) -> dict[str, Any]:
        found = {}
        for name, kind in self.declared.hidden.items():
            value = hidden_value(kind, context, self.host)
            found[name] = [value] if self.declared.takes_lists else value
        return found

    # Results

    def _result(self, result: Any, context: Context) -> Shown:
        """A tuple, or a dictionary of what is shown and the tuple."""
        artifacts: tuple[Artifact, ...] = ()
        if hasattr(result, "as_result"):
            result = result.as_result()
        graph = None
        if isinstance(result, dict):
            graph = result.get("expand")
            artifacts = artifacts_of(result["ui"]) if result.get("ui") else ()
            result = result.get("result", ())
        if isinstance(result, ExecutionBlocker):
            result = (result,) * len(self.outputs)
        if self.outputs and (not isinstance(result, tuple | list) or len(result) < len(self.outputs)):
            count = len(self.outputs)
            message = f"it gives {type(result).__name__} where a tuple of {count} is expected"
            raise NodeError(message, code="wrong_output", remedy="`return (value,)` is such a tuple.")
        if graph:
            expansion = Expansion(self.host, context, graph)
            values = expansion.values(result or (), self.outputs)
            return Shown(values, (*artifacts, *expansion.artifacts))
        pairs = zip(self.outputs, result or (), strict=False)
        return Shown(tuple(self._output(value, output, context) for output, value in pairs), artifacts)

    def _output(self, value: Any, output: Output, context: Context) -> Any:
        kind = output.type_name
        if not output.list or isinstance(value, ExecutionBlocker):
            return from_pack(value, kind, context.warn)
        if not isinstance(value, list | tuple):
            raise NodeError(
                f"it gives {type(value).__name__} where {output.name} is a list", code="wrong_output"
            )
        return [from_pack(each, kind, context.warn) for each in value]


def hidden_value(kind: str, context: Context | None, host: Host) -> Any:
    """What a hidden input brings; a pack may write to it."""
    if context is None:
        return None
    match kind:
        case "UNIQUE_ID":
            return own_id(context)
        case "PROMPT":
            return _prompt(context.document, host)
        case "EXTRA_PNGINFO":
            return _graph(context.document, host)
        case "DYNPROMPT":
            from compat.shims.comfy_execution.graph import DynamicPrompt

            return DynamicPrompt(_prompt(context.document, host))
    return None


def own_id(context: Context) -> str:
    """What the prompt calls the node that runs."""
    own = context.instance.node if context.instance is not None else context.node_id
    return own if sent(context.document) is not None else prompt_id(own)


def _prompt(document: Mapping[str, Any], host: Host) -> Any:
    """The prompt of a run: as a client sent it, else as we export it."""
    said = sent(document)
    if said is not None:
        return copy.deepcopy(said["prompt"])
    types = ChainMap(host.given, dict(host.registry.types))
    exported: Any = write_as("api", document, known_nodes(types))
    return values_given(exported, host)


def _graph(document: Mapping[str, Any], host: Host) -> Any:
    """What a picture of a run carries beside its prompt: the graph of ComfyUI's interface."""
    said = sent(document)
    if said is not None:
        return copy.deepcopy(said["extra_data"].get("extra_pnginfo"))
    return {"workflow": write_as("ui", document, known_nodes(host.registry.types))}


def settled(value: Any) -> Any:
    """A value, waited for where it is a coroutine."""
    return _waited(value) if inspect.isawaitable(value) else value


def _waited(value: Any) -> Any:
    """Run a coroutine to its end on a loop of its own, in a thread of its own: here may be a loop already."""
    from concurrent.futures import ThreadPoolExecutor

    async def wait() -> Any:
        return await value

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, wait()).result()


def taken(function: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the arguments that a function has parameters for."""
    parameters = inspect.signature(function).parameters
    if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        return dict(arguments)
    return {name: value for name, value in arguments.items() if name in parameters}
