"""Refinements: what is known of a value before anything runs, carried along the links as named facts.

A node type may come with a function that says, from its literals and from the facts of what is linked to it,
what is known of its outputs and what does not fit: `@node(infer=…)`, or `@facts_of("KSampler")` beside it.
Nothing is guessed: what is not known is absent.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from graph.checked import Checked, StepLink
from graph.nodetype import NodeType
from graph.problems import Fix, Problem, Scalar, Severity
from graph.sockets import Fact

Facts = Mapping[str, Fact]
Outputs = Mapping[str, Facts]
UNKNOWN: Facts = {}
NOTHING: Outputs = {}

WALKS, WALK = 50, 200
"""How often a plan looks upstream for a fix, and at how many nodes each time."""


class Inferred(NamedTuple):
    """What is known of a node's outputs by name, and what does not fit."""

    outputs: Outputs = NOTHING
    problems: Sequence[Problem] = ()


Infer = Callable[["Seen"], Inferred]
Function = TypeVar("Function", bound=Infer)


def facts_of(*type_ids: str) -> Callable[[Function], Function]:
    """Let a function say the facts of these node types."""

    def declare(function: Function) -> Function:
        function.__infers__ = type_ids  # type: ignore[attr-defined]  # where the registry looks
        return function

    return declare


def known(**facts: Fact | None) -> dict[str, Fact]:
    """The facts that are not None."""
    return {name: fact for name, fact in facts.items() if fact is not None}


class Seen:
    """A node as a function of facts sees it: its literals, what is linked to it, and what lies upstream."""

    __slots__ = ("_checked", "_inference", "id", "type_id")

    def __init__(self, checked: Checked, inference: Inference) -> None:
        self._checked, self._inference = checked, inference
        self.id, self.type_id = checked.id, checked.type

    def facts(self, name: str) -> Facts:
        """What is known of the value that is linked to an input."""
        return self._inference.arriving(self._checked, name)

    def items(self, name: str) -> Facts:
        """What is known of every item that a list input takes."""
        return self._inference.of_items(self._checked, name)

    def value(self, name: str) -> object:
        """An input's literal, or the value of what is linked to it where that is known; else None."""
        if self.link(name) is None:
            return self._checked.arguments.get(name)
        return self.facts(name).get("value")

    def whole(self, name: str) -> int | None:
        """`value` where it is a whole number."""
        value = self.value(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def file(self, name: str) -> Path | None:
        """The file that an input names."""
        value = self._checked.arguments.get(name)
        return value if isinstance(value, Path) else None

    def file_name(self, name: str) -> str:
        """How the document names the file of an input."""
        return (self._checked.files or {}).get(name, "")

    @property
    def opened(self) -> Sequence[Path]:
        """The files that the node's code will open by itself, as its type says: of a linked text, all."""
        return self._checked.opened

    def digest(self, name: str) -> str | None:
        """The digest of the file that an input names, as keys hold it."""
        start = f"{name}="
        texts = (text for text in self._checked.values if text.startswith(start))
        return next((text[len(start) : -1] for text in texts), None) if self.file(name) else None

    def link(self, name: str) -> StepLink | None:
        """What leads into an input."""
        return next((link for link in self._checked.links if link.input == name), None)

    def source(self, name: str) -> tuple[str, str] | None:
        """The node and output that lead into an input."""
        link = self.link(name)
        return (link.source, link.output) if link else None

    def type_of(self, name: str) -> str:
        """The type of the output that leads into an input, or nothing."""
        link = self.link(name)
        return self._inference.type_of(link) if link else ""

    # For fixes

    def has(self, type_id: str) -> bool:
        """Whether there is a node type to put in."""
        return type_id in self._inference.types

    def free_id(self, wanted: str) -> str:
        """An id that no node of the document has."""
        return self._inference.free_id(wanted)

    def output_above(self, name: str, type_name: str, **facts: Fact) -> tuple[str, str] | None:
        """The nearest output upstream of an input that is of a type and has these facts."""
        for node in self._inference.above(self._checked, name):
            said = self._inference.outputs.get(node.id, {})
            for output in node.node_type.outputs if node.node_type else ():
                if output.type_name == type_name and facts.items() <= said.get(output.name, UNKNOWN).items():
                    return node.id, output.name
        return None

    def inputs_above(self, name: str, type_name: str, *, giving: str) -> Iterator[tuple[str, str, Facts]]:
        """Every linked input of a type of the nodes upstream that give another: node, name, what arrives."""
        for node in self._inference.above(self._checked, name):
            outputs = node.node_type.outputs if node.node_type else ()
            if node.node_type is None or giving not in (output.type_name for output in outputs):
                continue
            inputs = node.node_type.inputs_by_name
            for link in node.links:
                if link.input in inputs and inputs[link.input].type_name == type_name:
                    yield node.id, link.input, self._inference.arriving(node, link.input)

    def problem(
        self,
        code: str,
        name: str,
        fault: str,
        *,
        given: Scalar = None,
        expected: str = "",
        remedy: str,
        fixes: Sequence[Fix] = (),
        warning: bool = False,
    ) -> Problem:
        """A Problem of one input."""
        message = f"{self.type_id}.{name}: {fault}"
        severity: Severity = "warning" if warning else "error"
        return Problem(code, message, self.id, name, given, expected, remedy, tuple(fixes), severity)


class Inference:
    """The facts of every output so far; nodes come after what they depend on."""

    def __init__(
        self,
        functions: Mapping[str, Infer],
        types: Mapping[str, NodeType],
        drafts: Mapping[str, Checked],
        ids: Mapping[str, object],
    ) -> None:
        self.outputs: dict[str, Outputs] = {}
        self.functions = functions
        self.types = types
        self._drafts, self._ids = drafts, ids
        self._failed: set[str] = set()
        self._walks = WALKS

    def infer(self, checked: Checked) -> Sequence[Problem]:
        """Note what is known of a node's outputs; what does not fit is returned."""
        if checked.type in self._failed:
            return ()
        try:
            found = self.functions[checked.type](Seen(checked, self))
            if outputs := _checked(found):
                self.outputs[checked.id] = outputs
            return tuple(found.problems)
        except Exception as error:  # the pack's own function
            self._failed.add(checked.type)
            message = f"what {checked.type} says of its outputs fails: {type(error).__name__}: {error}"
            details = "".join(traceback.format_exception(error))
            remedy = "Repair the function of facts in the node's pack; the node itself runs without it."
            return (
                Problem(
                    "facts_failed",
                    message,
                    checked.id,
                    remedy=remedy,
                    severity="warning",
                    details=details,
                ),
            )

    def family(self, checked: Checked, given: str, name: str, path: Path) -> str:
        """The family of models of what a node would make of another file."""
        if checked.type not in self.functions or checked.type in self._failed:
            return ""
        other = Checked(checked.id, checked.type, checked.node_type)
        other.arguments, other.files = {given: path}, {given: name}
        try:
            found = self.functions[checked.type](Seen(other, self))
            return family_of(_checked(found))
        except Exception:  # the pack's own function; it is told of where it counts
            return ""

    def arriving(self, checked: Checked, name: str) -> Facts:
        """What is known of the one value that is linked to an input."""
        links = [link for link in checked.links if link.input == name]
        return UNKNOWN if len(links) != 1 or links[0].spread else self._along(links[0])

    def of_items(self, checked: Checked, name: str) -> Facts:
        """What all that arrives at a list input has in common."""
        arriving = [self._along(link) for link in checked.links if link.input == name]
        if not arriving:
            return UNKNOWN
        first, *others = arriving
        return {fact: said for fact, said in first.items() if all(each.get(fact) == said for each in others)}

    def _along(self, link: StepLink) -> Facts:
        """What is known of what a link brings; of a list, what is known of each of its items."""
        if link.source not in self._drafts:
            return UNKNOWN
        facts = self.outputs.get(link.source, {}).get(link.output, UNKNOWN)
        if link.conversion is None or not facts:
            return facts
        return link.conversion.carry(facts) if link.conversion.carry else UNKNOWN

    def type_of(self, link: StepLink) -> str:
        """The type of the output that a link comes from."""
        source = self._drafts.get(link.source)
        declared = source.node_type if source is not None else None
        return declared.outputs[link.position].type_name if declared is not None else ""

    def above(self, checked: Checked, name: str) -> Iterator[Checked]:
        """The nodes upstream of an input, nearest first, as far as the budget goes."""
        if not self._walks:
            return
        self._walks -= 1
        waiting = [link.source for link in checked.links if link.input == name]
        seen = set(waiting)
        for current in waiting:  # grows while it is walked
            node = self._drafts.get(current)
            if node is None:
                continue
            yield node
            further = [link.source for link in node.links if link.source not in seen]
            seen.update(further)
            waiting += further[: WALK - len(waiting)] if len(waiting) < WALK else []

    def free_id(self, wanted: str) -> str:
        number, candidate = 1, wanted
        while candidate in self._ids:
            number += 1
            candidate = f"{wanted}_{number}"
        return candidate


def family_of(outputs: Outputs) -> str:
    """The family of models that facts tell of; nothing where they tell of none."""
    found = (facts.get("family") for facts in outputs.values())
    return next((each for each in found if isinstance(each, str)), "")


def _checked(found: object) -> Outputs:
    """Facts are short scalars by name, or the function that said them is at fault."""
    if not isinstance(found, Inferred):
        raise TypeError(f"it returns {type(found).__name__}, expected Inferred")
    for output, facts in found.outputs.items():
        for name, fact in facts.items():
            if not isinstance(fact, str | int | float):
                raise TypeError(
                    f"{output}.{name} is {type(fact).__name__}, expected text, a number or a bool"
                )
    return {output: facts for output, facts in found.outputs.items() if facts}


def shared(outputs: Mapping[str, Outputs], node_of: Callable[[str], str]) -> dict[str, Outputs]:
    """What all instances of a node have in common, by the node's id."""
    merged: dict[str, dict[str, Facts]] = {}
    for step, said in outputs.items():
        name = node_of(step)
        if name not in merged:
            merged[name] = dict(said)
            continue
        merged[name] = {
            output: {
                name: fact for name, fact in facts.items() if said.get(output, UNKNOWN).get(name) == fact
            }
            for output, facts in merged[name].items()
        }
    kept = {name: {output: facts for output, facts in said.items() if facts} for name, said in merged.items()}
    return {name: said for name, said in kept.items() if said}
