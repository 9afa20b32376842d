"""Validation of a prompt, told with ComfyUI's error types: which outputs can run, and why others cannot."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from compat.nodes.adapter import refused
from compat.nodes.declared import declared_of
from compat.nodes.dynamic import is_live, missing
from compat.nodes.expanding import is_link
from compat.object_info import NodeInfo, ObjectInfo
from compat.server.literals import Unfit, fitted, without_missing
from compat.server.shapes import comfy_type, is_required, spec
from graph.folders import Folders
from graph.nodetype import NodeType
from graph.sockets import Conversions, Input, feeds

Record = dict[str, Any]
LONGEST_SAID = 500


@dataclass
class Verdict:
    """What of a prompt can run; `error` where nothing can."""

    outputs: tuple[str, ...] = ()
    """The output nodes that can run."""
    nodes: Record = field(default_factory=dict)
    """The prompt with its literals as the nodes' inputs take them."""
    node_errors: Record = field(default_factory=dict)
    error: Record | None = None


def failure(kind: str, message: str, details: str = "", **extra: object) -> Record:
    return {"type": kind, "message": message, "details": details[:LONGEST_SAID], "extra_info": extra}


@dataclass(frozen=True)
class Rules:
    """What prompts are held against."""

    types: Mapping[str, NodeType]
    conversions: Conversions
    info: ObjectInfo
    folders: Folders


def validate(prompt: Record, rules: Rules, targets: Collection[str] | None = None) -> Verdict:
    """Check all nodes that outputs need; of several outputs, those without an error run."""
    if (wrong := _unreadable(prompt, rules)) is not None:
        return Verdict(error=wrong)
    outputs = [
        own
        for own, node in prompt.items()
        if rules.types[node["class_type"]].sink and (targets is None or own in targets)
    ]
    if not outputs:
        return Verdict(error=failure("prompt_no_outputs", "Prompt has no outputs"))
    walk = _Walk(prompt, rules, outputs)
    good = tuple(own for own in outputs if walk.is_valid(own))
    errors = walk.node_errors([own for own in outputs if own not in good])
    verdict = Verdict(good, walk.nodes, errors)
    if not good:
        verdict.error = outputs_failed(errors)
    return verdict


def outputs_failed(node_errors: Record) -> Record:
    lines = []
    for own, wrong in node_errors.items():
        lines.append(f"* {wrong['class_type']} {own}:")
        lines += [f"  - {each['message']}: {each['details']}" for each in wrong["errors"]]
    details = "\n".join(lines)
    return {
        "type": "prompt_outputs_failed_validation",
        "message": "Prompt outputs failed validation",
        "details": details,
        "extra_info": {},
    }


def _unreadable(prompt: Record, rules: Rules) -> Record | None:
    """The first entry that is no node of a known type."""
    for own, node in prompt.items():
        kind = node.get("class_type") if isinstance(node, dict) else None
        title = node.get("_meta", {}) if isinstance(node, dict) else {}
        extra = {"node_id": own, "class_type": kind, "node_title": title}
        if not own or not isinstance(kind, str):
            message = "Cannot execute because a node is missing the class_type property."
        elif kind not in rules.types:
            message = f"Cannot execute because node {kind[:100]} does not exist."
        elif not isinstance(node.get("inputs", {}), dict):
            message = f"Cannot execute because the inputs of node {kind} are no object."
        else:
            continue
        if isinstance(title, dict):
            extra["node_title"] = title.get("title", kind)
        return failure("invalid_prompt", message, f"Node ID '#{own[:100]}'", **extra)
    return None


class _Walk:
    """Goes from outputs to what they need, each node once, without recursion."""

    def __init__(self, prompt: Record, rules: Rules, outputs: Collection[str]) -> None:
        self._prompt, self._rules, self._outputs = prompt, rules, frozenset(outputs)
        self._valid: dict[str, bool] = {}
        self._sources: dict[str, list[str]] = {}
        self._errors: dict[str, list[Record]] = {}
        self.nodes: Record = dict(prompt)

    def is_valid(self, output: str) -> bool:
        waiting = [output]
        under_way: set[str] = set()
        while waiting:
            own = waiting[-1]
            if own in self._valid:
                waiting.pop()
            elif own not in under_way:
                under_way.add(own)
                self._check(own)
                waiting += [each for each in self._sources[own] if each not in self._valid]
                if any(each in under_way and each not in self._valid for each in self._sources[own]):
                    self._valid[own] = False  # a cycle
            else:
                waiting.pop()
                sound = all(self._valid.get(each, False) for each in self._sources[own])
                self._valid[own] = sound and not self._errors.get(own)
        return self._valid[output]

    def node_errors(self, failed: Collection[str]) -> Record:
        """By node, what is wrong and which outputs it keeps from running."""
        found: Record = {}
        for output in failed:
            waiting, seen = [output], {output}
            while waiting:
                own = waiting.pop()
                if own in self._errors:
                    kind = self._prompt[own]["class_type"]
                    entry = {"errors": self._errors[own], "dependent_outputs": [], "class_type": kind}
                    found.setdefault(own, entry)["dependent_outputs"].append(output)
                new = [each for each in self._sources.get(own, ()) if each not in seen]
                seen.update(new)
                waiting += new
        return found

    def _check(self, own: str) -> None:
        node = self._prompt[own]
        declared = self._rules.types[node["class_type"]]
        known = self._rules.info.get(declared.id)
        sources, errors, values = [], [], dict(node.get("inputs", {}))
        there, lacking = _chosen(declared, values)
        for given in declared.inputs:
            try:
                if given.name not in there:
                    values.pop(given.name, None)
                elif given.name not in values:
                    _require(given, known, lacking)
                elif isinstance(values[given.name], list):
                    sources.append(self._linked(own, given, values[given.name]))
                elif given.widget is not None:
                    values[given.name] = self._fitted(declared, given, values[given.name])
            except Unfit as unfit:
                config = None if unfit.bare else spec(given, known, self._rules.folders)
                extra = {"input_name": given.name, "input_config": config, **unfit.extra}
                errors.append(failure(unfit.kind, unfit.message, unfit.details, **extra))
        if not errors and (said := self._refused(declared, values)) is not None:
            message = "Custom validation failed for node"
            errors.append(failure("custom_validation_failed", message, said, input_name=None))
        if declared.more is not None:  # a node that takes inputs of any name takes links into them
            undeclared = values.keys() - declared.inputs_by_name.keys()
            links = [values[name] for name in undeclared if is_link(values[name])]
            sources += [source for source, _ in links if source in self._prompt]
        self._sources[own] = sources
        self.nodes[own] = {**node, "inputs": values}
        if errors:
            self._errors[own] = errors

    def _refused(self, declared: NodeType, values: Record) -> str | None:
        """What a pack has against literals for sockets; our document has nodes in their place."""
        inputs = {given.name: given for given in declared.inputs if given.name in values}
        literals = {name: values[name] for name in inputs if not isinstance(values[name], list)}
        if all(inputs[name].widget is not None for name in literals):
            return None  # the plan asks
        links = {name: values[name] for name in inputs if name not in literals}
        types = {}
        for name, (source, slot) in links.items():
            outputs = self._rules.types[self._prompt[source]["class_type"]].outputs
            types[name] = comfy_type(outputs[int(slot)].type_name)
        return refused(declared, {**dict.fromkeys(links), **literals}, types)

    def _fitted(self, declared: NodeType, given: Input, value: object) -> object:
        made = fitted(given, value, self._rules.folders)
        if not isinstance(made, str) or "embedding:" not in made or "clip" not in declared.inputs_by_name:
            return made
        return without_missing(made, self._rules.folders.names("embeddings"))

    def _linked(self, own: str, given: Input, link: list[object]) -> str:
        """The node that a link comes from."""
        if len(link) != 2 or not isinstance(link[0], str) or not _is_slot(link[1]):
            message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            raise Unfit("bad_linked_input", message, given.name, received_value=link)
        source, slot = link[0], int(link[1])  # type: ignore[call-overload]  # a number, as just checked
        if source not in self._prompt:
            raise self._exception(own, given, link, KeyError(source))
        outputs = self._rules.types[self._prompt[source]["class_type"]].outputs
        if not 0 <= slot < len(outputs):
            raise self._exception(own, given, link, IndexError(f"node {source} has no output {slot}"))
        theirs = declared_of(self._rules.types[self._prompt[own]["class_type"]]) is not None
        if not feeds(outputs[slot], given, {} if theirs else self._rules.conversions):  # as ComfyUI has it
            received, wanted = comfy_type(outputs[slot].type_name), comfy_type(given.type_name)
            raise Unfit(
                "return_type_mismatch",
                "Return type mismatch between linked nodes",
                f"{given.name}, received_type({received}) mismatch input_type({wanted})",
                received_type=received,
                linked_node=link,
            )
        return source

    def _exception(self, own: str, given: Input, link: list[object], error: Exception) -> Unfit:
        """What breaks ComfyUI's validation itself; it tells apart where that happens."""
        kind, told = type(error).__name__, str(error)
        said: Record = {"exception_message": told, "exception_type": kind, "traceback": []}
        if own in self._outputs:
            message = "Exception when validating node"
            return Unfit("exception_during_validation", message, told, bare=True, **said)
        message = "Exception when validating inner node"
        return Unfit("exception_during_inner_validation", message, told, linked_node=link, **said)


def _chosen(declared: NodeType, values: Record) -> tuple[Collection[str], Collection[str]]:
    """The inputs that there are after what is chosen, and those that a choice needs and does not have."""
    theirs = declared_of(declared)
    if theirs is None or not theirs.roots:
        return declared.inputs_by_name, ()
    there = {each.name for each in theirs.inputs if is_live(each.when, values)}
    return there, missing(theirs, values)


def _require(given: Input, known: NodeInfo | None, lacking: Collection[str]) -> None:
    needed = given.required if known is None else is_required(given, known)
    if needed or given.name in lacking:
        raise Unfit("required_input_missing", "Required input is missing", given.name, bare=True)


def _is_slot(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
