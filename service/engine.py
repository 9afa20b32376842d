"""The engine as the service and the command line use it: one document's way from JSON to a run."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from graph.cache import Cache
from graph.execute import Executor
from graph.folders import Folders
from graph.instances import types_of
from graph.migrate import read_current
from graph.model_files import with_models
from graph.plan import Plan, plan
from graph.problems import Problem, nearest
from graph.registry import Registry
from graph.widgets import FileWidget, TextWidget
from graph.workflow import Node, Workflow, name_in, with_values
from service.bounds import too_large

LARGEST_WORKFLOW = 250_000  # nodes and links; reading and planning them takes some seconds


@dataclass(frozen=True)
class Order:
    """A document with its values set, and the plan of running it."""

    plan: Plan
    title: str = ""
    document: Mapping[str, Any] | None = None


class Looking(Protocol):
    """How values are looked at: bounded plain data, and pictures."""

    def describe(self, value: object) -> dict[str, Any]: ...

    def picture(self, value: object, index: int, longest: int | None = None) -> tuple[str, bytes] | None:
        """Media type and bytes; None where there is no such picture."""


@dataclass(frozen=True)
class Engine:
    """What runs workflows, and the functions that keep torch out of the service."""

    registry: Registry
    folders: Folders
    cache: Cache
    executor: Executor
    load: Callable[[], None]
    """Fills the registry; called once, in a thread."""
    warm: Callable[[], None]
    """Imports what the first run will need; called after `load`, in the same thread."""
    describe: Callable[[], Mapping[str, object]]
    """Device, memory and versions, as far as they are known yet."""
    import_file: Callable[[Path], Mapping[str, Any] | None] = lambda path: None
    """The workflow that a file of another program holds; None where it holds none."""
    numerics: Callable[[], str] | None = None
    """How networks compute here; enters the keys of what they make."""
    looking: Looking | None = None
    """How values that lie on wires are looked at."""
    count_tokens: Callable[[str, str, int], Mapping[str, object]] | None = None
    """The windows of a prompt, by whose rules and in how many steps."""

    def read(self, document: object) -> tuple[Workflow | None, tuple[Problem, ...]]:
        """A document of any age, with the names that node types have today."""
        return read_current(document, self.registry.now.renames)

    def order(
        self,
        document: object,
        *,
        targets: Sequence[str] | None = None,
        values: Mapping[str, object] | None = None,
        explain: bool = True,
    ) -> Order:
        """Read a document, set values by name and plan it. Never raises. One to be run need not explain."""
        workflow, problems = self.read(document)
        if workflow is None:
            return Order(Plan(problems=problems))
        if (wrong := too_large(workflow, LARGEST_WORKFLOW)) is not None:
            return Order(Plan(problems=(wrong,)))
        if values:
            changed, unknown = with_values(workflow, values)
            problems += unknown + tuple(_unheard(workflow, changed, self.registry))
            workflow = changed
        planned = plan(
            workflow, self.registry,
            targets=targets, folders=self.folders, cache=self.cache, numerics=self.numerics, explain=explain,
        )  # fmt: skip
        planned = replace(planned, problems=problems + planned.problems)
        types = types_of(workflow, self.registry.now)
        document = with_models(workflow, types, self.folders, planned.facts, planned.steps)
        return Order(planned, workflow.title, document)

    def recorded(self, workflow: Workflow) -> dict[str, Any]:
        """A workflow's document, with what is known now of the model files that it names."""
        return with_models(workflow, types_of(workflow, self.registry.now), self.folders)

    def typed_values(self, document: object, texts: Mapping[str, str]) -> dict[str, object]:
        """Values as a command line gives them: text where the input takes text, JSON where it does not."""
        workflow, _ = self.read(document)
        values: dict[str, object] = dict(texts)
        for name, text in texts.items() if workflow else ():
            changed, _ = with_values(workflow, {name: text})  # type: ignore[arg-type]  # the loop is empty for None
            for _, node, given in _changes(workflow, changed):  # type: ignore[arg-type]
                node_type = types_of(changed, self.registry.now).get(node.type)
                socket = node_type.inputs_by_name.get(given) if node_type else None
                if socket and not isinstance(socket.widget, TextWidget | FileWidget):
                    values[name] = _json_or_text(text)
        return values

    def swept_values(self, document: object, texts: Mapping[str, str]) -> dict[str, object]:
        """Sweeps as a command line gives them: values between commas, or a list in JSON."""
        swept: dict[str, object] = {}
        for name, text in texts.items():
            given = _json_or_text(text)
            each = given if isinstance(given, list) else [part.strip() for part in text.split(",")]
            values = [
                self.typed_values(document, {name: value})[name] if isinstance(value, str) else value
                for value in each
            ]
            swept[name] = {"sweep": values} | ({} if "." in name else {"axis": name})
        return swept


def _json_or_text(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _changes(before: Workflow, after: Workflow) -> Iterator[tuple[str, Node, str]]:
    """The inputs whose literals differ, each with the sub-graph that its node is in."""
    for own in ("", *before.subgraphs):
        old_nodes = before.subgraphs[own].nodes if own else before.nodes
        new_nodes = after.subgraphs[own].nodes if own else after.nodes
        for old, new in zip(old_nodes, new_nodes, strict=True):
            for name, value in new.inputs.items() if new is not old else ():
                if name not in old.inputs or old.inputs[name] is not value:
                    yield own, new, name


def _unheard(before: Workflow, after: Workflow, registry: Registry) -> Iterator[Problem]:
    """Values that were set where nothing reads them."""
    for own, node, name in _changes(before, after):
        node_type = registry.get(node.type)
        links = after.subgraphs[own].links if own else after.links
        if any((link.target, link.input) == (node.id, name) for link in links):
            message = f"{node.type}.{name} is fed by a link: a value that is set there is never read"
            yield Problem("value_not_read", message, name_in(own, node.id), name, remedy="Remove the link.")
        elif node_type and name not in node_type.inputs_by_name:
            like = nearest(name, node_type.inputs_by_name)
            remedy = f"Did you mean {' or '.join(like)}?" if like else ""
            message = f"{node.type} has no input {name!r} to set"
            expected = f"one of {', '.join(node_type.inputs_by_name)}"
            yield Problem("unknown_input", message, name_in(own, node.id), expected=expected, remedy=remedy)
