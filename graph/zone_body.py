"""What is inside a zone, planned with the zone: every Problem is found before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from graph.body import body_of
from graph.checked import Body, Checked
from graph.flatten import Flat, flatten
from graph.infer import Facts, Inference, Outputs
from graph.instances import end_types
from graph.naming import Names
from graph.problems import Problem, words
from graph.records import IN, OUT, Node, Subgraph
from graph.sockets import FILE
from graph.workflow import Workflow

if TYPE_CHECKING:
    from graph.planning import Setting

DEEPEST = 16


class ZoneBody:
    """Plans what is inside one zone of a document, with symbols for what comes in."""

    def __init__(
        self,
        checked: Checked,
        subgraph: Subgraph,
        node: str,
        inference: Inference,
        setting: Setting,
        inside: tuple[str, ...],
    ) -> None:
        self.body: Body | None = None
        self.facts: dict[str, Outputs] = {}
        """Of the nodes inside, by their names from the document on, and of what comes out."""
        self._checked, self._subgraph, self._node = checked, subgraph, node
        self._inference, self._setting, self._inside = inference, setting, inside

    def plan(self) -> Sequence[Problem]:
        """Plan the body; what is wrong inside is told by the names that its nodes have in the document."""
        wrong = self._misplaced()
        if wrong is not None:
            return (wrong,)
        from graph.planning import Planning  # which plans zones in turn

        declared = self._checked.node_type
        assert declared is not None  # it has this sub-graph
        ends = end_types(self._subgraph, declared, self._setting.known.sockets)
        flat = flatten(self._workflow())
        setting = self._setting._replace(types={**self._setting.types, **ends}, cache=None)
        inside = (*self._inside, self._subgraph.id)
        planning = Planning(flat.workflow, setting, inside=inside, coming=self._coming())
        drafts = planning.drafts()
        found = [*flat.problems, *map(flat.restored, planning.problems), *self._returned(drafts)]
        if not any(problem.severity == "error" for problem in found) and OUT in drafts:
            shape = [self._subgraph.inputs, self._subgraph.outputs]
            self.body = body_of(self._subgraph.kind, shape, drafts, ends)
        self._note(planning.facts, flat, drafts)
        return [self._named(problem) for problem in found]

    def _misplaced(self) -> Problem | None:
        subgraph = self._subgraph
        code = "recursive_subgraph"
        if not subgraph.is_zone:
            return None if self._checked.errors else self._problem(code, "it holds an instance of itself")
        if subgraph.id in self._inside:
            way = " -> ".join((*self._inside, subgraph.id))
            return self._problem(code, f"the zone holds an instance of itself: {way}")
        if len(self._inside) >= DEEPEST:
            return self._problem(code, f"zones stand in one another deeper than {DEEPEST}")
        if self._checked.mapped:
            lists = ", ".join(link.input for link in self._checked.links if link.each)
            message = f"a list leads into {lists}, which takes one item"
            return self._problem("list_into_zone", message, "Mark the input as a list, or use a map.")
        return None

    def _problem(self, code: str, fault: str, remedy: str = "Remove one of the instances.") -> Problem:
        return Problem(code, f"{words(self._subgraph.title)}: {fault}", self._checked.id, remedy=remedy)

    def _workflow(self) -> Workflow:
        """The body as a document with nodes for its ends; files that the instance names stand in it."""
        files = {each.name for each in self._subgraph.inputs if each.type == FILE.name}
        given = self._given_files(files)
        links = [link for link in self._subgraph.links if link.source != IN or link.output not in files]
        nodes = [
            replace(node, inputs={**node.inputs, **given.get(node.id, {})}) for node in self._subgraph.nodes
        ]
        ends = [Node(end, end, {}, "active", {}) for end in (IN, OUT)]
        return Workflow((*ends, *nodes), tuple(links), {}, self._setting.subgraphs)

    def _given_files(self, files: set[str]) -> Mapping[str, Mapping[str, object]]:
        """By node and input, the names of files that the instance gives: a file is never linked."""
        given: dict[str, dict[str, object]] = {}
        named = self._checked.files or {}
        for link in self._subgraph.links:
            if link.source == IN and link.output in files and link.output in named:
                given.setdefault(link.target, {})[link.input] = named[link.output]
        return given

    def _coming(self) -> Outputs:
        """What is known of what comes in; of state, which changes from turn to turn, nothing."""
        state = self._subgraph.state if self._subgraph.kind in ("repeat", "while") else ()
        known: dict[str, Facts] = {}
        for signed in self._subgraph.inputs:
            name = signed.name
            if name in state:
                continue
            value = self._checked.arguments.get(name)
            if any(link.input == name for link in self._checked.links):
                arriving = self._inference.of_items if signed.each else self._inference.arriving
                facts = arriving(self._checked, name)
            else:
                facts = {"value": value} if isinstance(value, str | int | float) else {}
            if facts:
                known[name] = facts
        return known

    def _returned(self, drafts: Mapping[str, Checked]) -> Sequence[Problem]:
        """What comes out as a list must be declared as one."""
        out = drafts.get(OUT)
        names = {link.input for link in out.links if link.each} if out is not None else set()
        lists = [name for name in names if not self._is_list(name)]
        remedy = "Mark it as a list."
        return [
            self._problem("list_not_declared", f"a list leads to its output {words(name)}", remedy)
            for name in sorted(lists)
        ]

    def _is_list(self, name: str) -> bool:
        return any(each.name == name and each.list for each in self._subgraph.outputs)

    def _note(self, facts: Mapping[str, Outputs], flat: Flat, drafts: Mapping[str, Checked]) -> None:
        for node, outputs in {**facts, **flat.facts(facts)}.items():
            if node not in (IN, OUT) and outputs:
                self.facts[f"{self._node}/{node}"] = outputs
        out = drafts.get(OUT)
        if out is not None and self._subgraph.kind != "if":
            coming = {link.input: facts.get(link.source, {}).get(link.output, {}) for link in out.links}
            known = {name: each for name, each in coming.items() if each}
            if known:
                self.facts[self._checked.id] = known

    def _named(self, problem: Problem) -> Problem:
        own = self._checked.id
        if problem.node is None or problem.node == own:
            return replace(problem, node=own)
        return Names(lambda node: f"{self._node}/{node}").problem(problem)
