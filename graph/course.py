"""A run's course: who waits for whom, what is held until its last use, and what turns out to be known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from graph.artifacts import Artifact
from graph.checked import Checked
from graph.cutoff import renamed
from graph.entry import Entry, Found, Stored
from graph.fate import decide
from graph.holding import Holding
from graph.nodetype import NodeType
from graph.plan import Plan, Step

NONE: Mapping[int, int] = {}


class Course:
    """Everything goes by the step's place in the plan; only the scheduling thread uses it, but for `holding`.

    `known` finds results by key, `equal` the keys of earlier results with the same content; `ready` hears of
    steps that can run, `cached` of those that need not.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        known: Callable[[str], Found | None],
        equal: Mapping[str, str],
        ready: Callable[[int], None],
        cached: Callable[[int, Sequence[Artifact]], None],
    ) -> None:
        self.plan, self._known, self._equal, self._ready, self._cached = plan, known, equal, ready, cached
        self.steps: dict[int, Step] = dict(enumerate(plan.steps))
        self.places: dict[str, int] = {step.id: place for place, step in self.steps.items()}
        self.holding = Holding()
        self._next = len(plan.steps)
        self.leaders: dict[int, int] = {}
        """Whose result a step takes, of two that are the same."""
        self.loading: dict[int, Stored] = {}
        """Results on disk that something needs."""
        self.found: dict[int, Found] = {}
        """Results that turned out to be known, by the content above them."""
        self.same: dict[int, str] = {}
        """The keys by whose content what follows is known, where these are not the steps' own."""
        self.consumers: dict[int, list[int]] = {}
        self._sources: dict[int, Sequence[int]] = {}
        self._lacking: dict[int, int] = {}
        self._artifacts: dict[int, tuple[Artifact, ...]] = {}
        self._last_sinks: dict[tuple[int, int], int] = {}
        """By zone and sink, the place of the latest turn's."""
        self._targets: set[int] = set()
        self._unmade: set[int] = set()
        self._skipped: set[int] = set()
        """Of what is not made, what somebody skipped; it can be made after all."""
        self._dormant: set[int] = set()
        self._begun: set[int] = set()
        """Steps that wait for what they asked for."""

    @property
    def is_left(self) -> bool:
        """Whether there are steps that have not run."""
        return bool(self._sources)

    def type_of(self, place: int) -> NodeType:
        node_type = self.steps[place].node_type
        assert node_type is not None  # else the step is blocked and never ready
        return node_type

    def begin(self) -> None:
        """Decide what runs, and have ready what waits for nothing."""
        steps, places = self.plan.steps, self.places
        self._enter(0, steps, [places[name] for name in self.plan.targets if steps[places[name]].key])

    def room_for(self, steps: Sequence[Step]) -> int:
        """Find places for the steps of a turn; returns the last one."""
        base, self._next = self._next, self._next + len(steps)
        for place, step in enumerate(steps, base):
            self.steps[place], self.places[step.id] = step, place
        return self._next - 1

    def graft(self, parent: int, last: int, steps: Sequence[Step], sinks: Sequence[int]) -> None:
        """Take in the steps of a turn: the first gives what comes in, the last takes what goes out.

        The last one is ready when all of the turn is done. `sinks` are places among the steps; each waits for
        that of the turn before, so that what turns save is in their order however they overlap.
        """
        base = last + 1 - len(steps)
        earlier = {base + sink: self._last_sinks.get((parent, sink), -1) for sink in sinks}
        self._last_sinks.update(((parent, sink), base + sink) for sink in sinks)
        self.consumers.setdefault(last, []).append(parent)
        self._enter(base, steps, [len(steps) - 1, *sinks], earlier)

    def is_grafted(self, place: int) -> bool:
        """Whether a step is part of a turn, and not of the plan."""
        return place >= len(self.plan.steps)

    def waits(self, place: int) -> bool:
        """Whether a step is still to be made."""
        return place in self._sources

    def dissolve(self, last: int, count: int) -> None:
        """Let go of a turn's steps: all of them are done."""
        self._release(last)
        for place in range(last + 1 - count, last + 1):
            del self.places[self.steps.pop(place).id]
            for by_place in (self.consumers, self._lacking, self._artifacts, self.leaders, self.same):
                by_place.pop(place, None)
            for places in (self._unmade, self._skipped, self._targets):
                places.discard(place)

    def _enter(
        self, base: int, steps: Sequence[Step], targets: Sequence[int], earlier: Mapping[int, int] = NONE
    ) -> None:
        """Decide which of some steps run, and have ready what waits for nothing.

        `targets` are places among these steps; they stand from `base` on, in an order that can run. `earlier`
        says for which other place one of them has to wait.
        """
        here = self.places if not base else {step.id: place for place, step in enumerate(steps)}
        fates = decide(steps, here, targets, lambda place: self._known(steps[place].key))
        self._targets.update(base + place for place in targets)
        entered: list[int] = []
        for place, (step, fate) in enumerate(zip(steps, fates, strict=True), base):
            if fate.asker is not None:
                self._dormant.add(place)
            if fate.same_as is not None:
                self.leaders[place] = fate.same_as + base
                self._sources[place] = (fate.same_as + base,)
                entered.append(place)
            elif fate.runs and step.key:
                self._sources[place] = [self.places[link.source] for link in step.links]
                entered.append(place)
            elif step.key:
                self._cached(place, fate.entry.artifacts if fate.entry is not None else ())
        for place, before in earlier.items():
            if place in self._sources and before in self._sources:
                self._sources[place] = [*self._sources[place], before]
        if base:  # the end of a turn waits for its sinks
            sinks = [base + place for place in targets[1:]]
            self._sources[base + targets[0]] = [*self._sources[base + targets[0]], *sinks]
        found = {place: fate.entry for place, fate in enumerate(fates, base) if fate.entry is not None}
        stored = {place: entry for place, entry in found.items() if isinstance(entry, Stored)}
        entered += self._recall(stored, entered)
        for place in entered:
            self._depend(place, self._sources[place])
        for place, entry in found.items():
            if isinstance(entry, Entry):
                self.holding.keep(place, entry.outputs)
        if base and not steps[0].key:
            self.holding.keep(base, steps[0].literals[""])  # type: ignore[arg-type]  # what comes in
        for place in entered:
            if not self._lacking[place] and place not in self._dormant:
                self._make_ready(place)

    def _depend(self, place: int, sources: Sequence[int]) -> None:
        """Announce all uses, and wait for what is not lazy."""
        for source in sources:
            self.holding.expect(source)
        self._lacking[place] = self._await(place, self._eager(place))

    def _eager(self, place: int) -> Sequence[int]:
        """The sources without which a step cannot be called."""
        sources = self._sources[place]
        if place in self.leaders or place in self.loading or not self.type_of(place).has_lazy:
            return sources
        links = self.steps[place].links
        asked = [source for source, link in zip(sources, links, strict=False) if not link.lazy]
        return [*asked, *sources[len(links) :]]

    def _await(self, place: int, sources: Iterable[int]) -> int:
        """Have a step wait for those of its sources that are not made; returns how many these are."""
        lacking = 0
        for source in sources:
            if source in self._sources:
                self.consumers.setdefault(source, []).append(place)
                lacking += 1
        return lacking

    def _make_ready(self, place: int) -> None:
        if (
            self.same
            and not self.is_grafted(place)
            and place not in self.loading
            and place not in self.leaders
        ):
            self._rename(place)
        self._ready(place)

    def taken_over(self, place: int) -> tuple[tuple[object, ...], tuple[Artifact, ...]] | None:
        """What a step takes from another that is the same, or from the cache; None where it must run."""
        leader, found = self.leaders.get(place), self.found.pop(place, None)
        if leader is not None:
            if leader in self.same:
                self.same[place] = self.same[leader]
            return self.holding.outputs(leader), self._artifacts.get(leader, ())
        if found is not None:
            return found.outputs if isinstance(found, Entry) else (), found.artifacts
        return None

    def complete(self, place: int, outputs: tuple[object, ...], artifacts: tuple[Artifact, ...]) -> None:
        self.holding.keep(place, outputs)
        if artifacts:
            self._artifacts[place] = artifacts
        for consumer in self.consumers.get(place, ()):
            self._lacking[consumer] -= 1
            if not self._lacking[consumer] and consumer in self._sources and consumer not in self._dormant:
                self._make_ready(consumer)
        self._release(place)

    def bring(self, place: int, name: str) -> int | None:
        """Have the sources of a lazy input made, then call the step that asked for it again.

        Where one of them is skipped, nothing is done but telling which.
        """
        self._begun.add(place)
        sources = [self.places[link.source] for link in self.steps[place].links if link.input == name]
        unmade = self._unmade.intersection(sources)
        if unmade:
            if unmade <= self._skipped:
                return min(unmade)
            self.abandon(place)
            return None
        self._lacking[place] = self._await(place, sources)
        if not self._lacking[place]:
            self._make_ready(place)
        self._wake(sources)
        return None

    def _wake(self, sources: list[int]) -> None:
        """Have sources made that slept, and what they need."""
        while sources:
            current = sources.pop()
            if current in self._dormant:
                self._dormant.remove(current)
                if not self._lacking[current]:
                    self._make_ready(current)
                sources += self._eager(current)

    def _rename(self, place: int) -> None:
        """Let a step go by the content above it: it may be known by that."""
        if place in self._begun:  # under its old key
            return
        self.steps[place] = step = renamed(self.steps[place], self.plan.steps, self.same, self.places)
        if step.key == self.plan.steps[place].key:
            return
        self.same[place] = self._equal.get(step.key, step.key)
        found = self._known(step.key)
        if isinstance(found, Stored) and self.holding.is_expected(place):
            self._cached(place, found.artifacts)
            self.loading[place] = found
        elif found is not None:
            self.found[place] = found

    def _recall(self, stored: dict[int, Stored], entered: Sequence[int]) -> list[int]:
        """Have what lies on disk loaded, where a step that runs needs it, or when one asks for it."""
        recalled: dict[int, None] = {}
        for place in entered if stored else ():
            eager = self._eager(place) if place not in self._dormant else ()
            for source in self._sources[place]:
                if source not in stored:
                    continue
                if source in eager:
                    self._dormant.discard(source)
                elif source not in self.loading:
                    self._dormant.add(source)
                self.loading[source] = stored[source]
                recalled[source] = None
        self._sources.update((place, ()) for place in recalled)
        return list(recalled)

    def revive(self, place: int) -> None:
        """Have a step run whose result was on disk and is not: it needs what was thought not to be needed."""
        revived, waiting = [place], [place]
        while waiting:
            current = waiting.pop()
            if self._sources.get(current):  # its sources are still held for it
                continue
            sources = [self.places[link.source] for link in self.steps[current].links]
            self._sources[current] = sources
            for source in sources:
                self.holding.expect(source)
                if source in self._skipped and source not in self._sources:  # needed after all
                    self._skipped.remove(source)
                    self._unmade.remove(source)
                if source in self._sources or source in self._unmade or self.holding.has(source):
                    continue
                found = self._known(self.steps[source].key)
                if isinstance(found, Entry):
                    self.holding.keep(source, found.outputs)
                    continue
                self._sources[source] = ()
                revived.append(source)
                if found is None:
                    waiting.append(source)
                else:
                    self.loading[source] = found
        for current in revived:
            sources = list(self._sources[current])
            self._lacking[current] = self._await(current, sources)
            if not self._unmade.isdisjoint(sources):
                self.abandon(current)
            elif not self._lacking[current]:
                self._make_ready(current)
            self._wake([source for source in sources if source in self._dormant])

    def made(self) -> list[Checked]:
        """What was known or made: the rest has failed, or still waits."""
        left = self._sources.keys() | self._unmade
        return [
            step.made_of
            for place, step in self.steps.items()
            if step.made_of is not None and place not in left and not self.is_grafted(place)
        ]

    def abandon(self, place: int) -> None:
        """Give up a step and all that needs it, and let go what only they would have used."""
        waiting = [place]
        while waiting:
            current = waiting.pop()
            if current in self._sources:
                self._unmade.add(current)
                self._dormant.discard(current)
                self._release(current)
                waiting += self.consumers.get(current, ())

    def _release(self, place: int) -> list[int]:
        """Count its uses done; what slept for it alone will not be asked for. Returns what is unused now."""
        waiting, idle = [place], []
        while waiting:
            for source in self._sources.pop(waiting.pop()):
                if self.holding.used(source):
                    continue
                idle.append(source)
                if source in self._dormant:
                    self._dormant.remove(source)
                    self._unmade.add(source)
                    waiting.append(source)
        return idle
