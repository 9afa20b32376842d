"""Planning: the walk from the targets upwards that checks every node and gives it its key."""

from __future__ import annotations

import traceback
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from graph.axes import Axes
from graph.body import BODY
from graph.cache import Cache
from graph.check import Checker
from graph.checked import Checked, StepLink
from graph.collected import Known
from graph.entry import Found, kept
from graph.expand import Expansion
from graph.fate import Fate, decide
from graph.folders import Folders
from graph.infer import Inference, Outputs
from graph.keys import step_key
from graph.lists import follow_lists, mark
from graph.nodetype import NodeType
from graph.problems import Fix, Problem, remove_link, words
from graph.records import IN, Node, Subgraph
from graph.step import State, Step
from graph.wanted import Named, Wanted
from graph.wiring import Wiring
from graph.workflow import Workflow
from graph.zone_body import ZoneBody

MOST_CYCLES = 20
"""Each cycle is told with its path, which costs its length; beyond these, only that it blocks."""


class Setting(NamedTuple):
    """What a document is planned with."""

    known: Known
    types: Mapping[str, NodeType]
    """All node types, with those of the document's own sub-graphs."""
    subgraphs: Mapping[str, Subgraph]
    folders: Folders | None = None
    cache: Cache | None = None
    numerics: Callable[[], str] | None = None
    explain: bool = True
    """Whether each step says why it misses the cache."""
    recorded: Mapping[Named, Wanted] = MappingProxyType({})
    """What the document says of the model files that it names."""


class Planning:
    """One walk over a document without plain instances and sweeps."""

    def __init__(
        self,
        workflow: Workflow,
        setting: Setting,
        expansion: Expansion | None = None,
        *,
        inside: tuple[str, ...] = (),
        coming: Outputs | None = None,
    ) -> None:
        """`inside` names the zones around what is planned, `coming` the facts of what comes into it."""
        known, types, folders, cache = setting.known, setting.types, setting.folders, setting.cache
        self._setting, self._types, self._folders, self._cache = setting, types, folders, cache
        self._expansion = expansion
        self._inside = inside
        self._wiring = Wiring(workflow, types)
        self._numerics = setting.numerics
        self._same = cache.same if cache is not None else {}
        self._drafts: dict[str, Checked] = {}
        self._order: list[Checked] = []
        self._inference = Inference(known.infers, types, self._drafts, self._wiring.nodes)
        if coming:
            self._inference.outputs[IN] = coming
        family = self._inference.family
        self._checker = Checker(self._wiring, types, known.conversions, folders, setting.recorded, family)
        self._cycles = 0
        self.problems = self._checker.problems

    @property
    def facts(self) -> Mapping[str, Outputs]:
        """By node and output, what is known of the values before anything runs."""
        return self._inference.outputs

    def steps(self, targets: Sequence[str] | None) -> tuple[tuple[Step, ...], list[str]]:
        """The steps in an order that can run, and the targets that can be named."""
        wanted = self._sinks() if targets is None else self._named(targets)
        self._walk(wanted if self._expansion is None else [*self._expansion.order, *wanted])
        self._order = list(self._drafts.values())
        places = {name: place for place, name in enumerate(self._drafts)}
        fates = decide(self._order, places, [places[target] for target in wanted], self._known)
        return tuple(map(self._step, self._order, fates)), wanted

    def drafts(self) -> Mapping[str, Checked]:
        """All nodes of what is inside a zone that it runs, by their ids, in an order that can run."""
        self._walk([node.id for node in self._wiring.nodes.values() if self._is_sink(node)])
        return self._drafts

    def _is_sink(self, node: Node) -> bool:
        node_type = self._types.get(node.type)
        return node.mode == "active" and node_type is not None and node_type.sink

    # Targets

    def _sinks(self) -> list[str]:
        sinks, unknown = [], []
        for node in self._wiring.nodes.values():
            if node.mode == "active":
                node_type = self._types.get(node.type)
                if node_type is None:
                    unknown.append(node)
                elif node_type.sink:
                    sinks.append(node.id)
        if not sinks:
            message = "there is nothing to run: no active node of this workflow is a sink"
            remedy = "Add a node that saves or shows something, or name the nodes to run."
            self.problems.append(Problem("no_targets", message, remedy=remedy))
            for node in unknown:  # one of them may be the sink that is missed
                self._checker.check(node)
        return sinks

    def _named(self, targets: Sequence[str]) -> list[str]:
        found: dict[str, None] = {}
        for target in targets if isinstance(targets, list | tuple) else ():
            node = self._wiring.nodes.get(target) if isinstance(target, str) else None
            if node is not None and node.mode == "active":
                found[target] = None
                continue
            message = f"the target {words(target)} " + ("is not active" if node else "does not exist")
            shown = target if isinstance(target, str) else None
            remedy = "Name the id of an active node."
            self.problems.append(Problem("unknown_target", message, shown, remedy=remedy))
        if not found and not self.problems:
            self.problems.append(Problem("no_targets", "there is nothing to run: no target is named"))
        return list(found)

    # The walk: depth first from the targets, so that one branch ends before the next begins

    def _walk(self, targets: Sequence[str]) -> None:
        opened: dict[str, Checked] = {}
        trail: dict[str, None] = {}
        for target in targets:
            waiting = [target]
            while waiting:
                current = waiting[-1]
                if current not in opened:
                    opened[current] = checked = self._checker.check(self._wiring.nodes[current])
                    trail[current] = None
                    for link in reversed(checked.links):
                        if link.source in trail:
                            self._cycle(checked, link, trail)
                        elif link.source not in opened:
                            waiting.append(link.source)
                else:
                    waiting.pop()
                    if current in trail:
                        del trail[current]
                        self._finish(opened[current])

    def _cycle(self, checked: Checked, link: StepLink, trail: Iterable[str]) -> None:
        checked.errors += 1
        self._cycles += 1
        if self._cycles > MOST_CYCLES:
            return
        steps = list(trail)
        path = [*steps[steps.index(link.source) :], link.source]
        path.reverse()
        shown = " -> ".join(path if len(path) <= 12 else [*path[:6], "…", *path[-5:]])
        self.problems.append(
            Problem(
                "cycle",
                f"a cycle: {shown}",
                checked.id,
                link.input,
                expected="a result that does not need itself",
                remedy="Remove one of these links.",
                fixes=(Fix("Remove the link", (remove_link(checked.id, link.input),)),),
            )
        )

    def _finish(self, checked: Checked) -> None:
        """Give a node whose sources are finished its key, or the reason why it is blocked."""
        self._drafts[checked.id] = checked
        follow_lists(checked, self._drafts)
        if checked.type in self._inference.functions:
            self._infer(checked)
        if checked.node_type is not None and checked.node_type.subgraph is not None:
            self._enter(checked, checked.node_type.subgraph)
        above = []
        for link in checked.links:
            source = self._drafts.get(link.source)
            if source is not None:
                source.uses += 1
            if source is None or not source.key:
                checked.reason = f"{link.source} is blocked"
            else:
                converted = link.conversion.code if link.conversion else ""
                key = self._same.get(source.key, source.key)
                above.append(f"{link.input}<{key}.{link.output!r}{converted}{mark(link)}")
        if not checked.errors and not checked.reason and checked.node_type is not None:
            if checked.node_type.axes is not None:
                self._give_axes(checked, checked.node_type.axes)
            certain = checked.node_type.pure and checked.node_type.fingerprint is None
            salt = "" if certain else self._salt(checked, checked.node_type)
            if salt is not None:
                if checked.node_type.by_node:
                    salt += repr(checked.id)
                if self._numerics is not None and checked.node_type.lane == "gpu":
                    salt += self._numerics()
                checked.above = above
                if salt:
                    checked.salt = salt
                values = "".join(checked.values)
                checked.prefix = checked.node_type.key_prefix
                checked.key = step_key(checked.prefix, values, above, salt)
        if checked.errors:
            checked.reason = "it has a problem"

    def _give_axes(self, checked: Checked, name: str) -> None:
        axes = self._expansion.axes.get(checked.id, Axes()) if self._expansion else Axes()
        checked.arguments[name] = axes
        checked.values = [*checked.values, f"{name}={axes!r};"]

    def _enter(self, checked: Checked, subgraph: Subgraph) -> None:
        """Plan what is inside a zone."""
        node = self._expansion.node_of(checked.id) if self._expansion else checked.id
        zone = ZoneBody(checked, subgraph, node, self._inference, self._setting, self._inside)
        found = zone.plan()
        self.problems += found
        checked.errors += sum(problem.severity == "error" for problem in found)
        if zone.body is not None:
            checked.body = zone.body
            checked.values = [*checked.values, f"{BODY}={zone.body.key};"]
        self._inference.outputs |= zone.facts

    def _infer(self, checked: Checked) -> None:
        found = self._inference.infer(checked)
        self.problems += found
        checked.errors += sum(problem.severity == "error" for problem in found)

    def _salt(self, checked: Checked, node_type: NodeType) -> str | None:
        """What makes an impure node's key its own; None where its fingerprint fails."""
        if node_type.fingerprint is None:
            return "" if node_type.pure else uuid.uuid4().hex
        try:
            return repr(node_type.fingerprint(**checked.arguments))
        except Exception as error:  # the pack's own function
            message = f"{checked.type}: its fingerprint fails: {type(error).__name__}: {error}"
            details = "".join(traceback.format_exception(error))
            checked.errors += 1
            self.problems.append(Problem("fingerprint_failed", message, checked.id, details=details))
            return None

    # States

    def _known(self, place: int) -> Found | None:
        if self._cache is None:
            return None
        entry = self._cache.find(self._order[place].key)
        return usable(entry, self._folders) if entry is not None and entry.artifacts else entry

    def _step(self, draft: Checked, fate: Fate) -> Step:
        expansion = self._expansion
        state: State = "blocked" if not draft.key else "will_run" if fate.runs else "cached"
        return Step(
            draft.id,
            draft.type,
            draft.node_type,
            draft.arguments,
            draft.links,
            draft.key,
            draft.uses,
            state,
            draft.reason or self._reason(draft, fate),
            draft if draft.key else None,
            expansion.instances.get(draft.id) if expansion else None,
            expansion.stages.get(draft.id, 0) if expansion else 0,
            kept(fate.entry) if fate.entry is not None else None,
            draft.mapped,
        )

    def _reason(self, draft: Checked, fate: Fate) -> str:
        if fate.entry is not None:
            return "in the cache"
        if fate.same_as is not None:
            return f"the same as {self._order[fate.same_as].id}"
        if not fate.runs:
            return "not needed: what uses it is in the cache"
        miss = self._miss(draft) if self._setting.explain else ""
        return miss if fate.asker is None else f"if {self._order[fate.asker].id} asks for it: {miss}"

    def _miss(self, draft: Checked) -> str:
        node_type = draft.node_type
        if node_type is not None and not node_type.pure and node_type.fingerprint is None:
            return "runs every time"
        if self._cache is not None and self._cache.find(draft.key) is not None:
            return "its files are gone"
        return self._cache.history.reason(draft) if self._cache is not None else "not in the cache"


def usable(entry: Found | None, folders: Folders | None) -> Found | None:
    """What the cache knows, if the files it speaks of still exist."""
    if entry is None or not entry.artifacts or folders is None:
        return entry
    return entry if all(map(folders.has, entry.artifacts)) else None
