"""The queue: what waits, the next one first, and where in it a new or a moved run belongs."""

import threading
from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graph.events import RunMoved, StepState
from graph.skip import Skips
from service.engine import Order

MANY_CLIENTS = 1000


@dataclass(frozen=True)
class Ticket:
    """One run as it waits: the document as it was sent, and what it was planned to do."""

    id: str
    document: Mapping[str, Any]
    targets: tuple[str, ...] | None
    title: str
    client: str
    steps: tuple[StepState, ...]
    place: float | None = None
    """What waits runs by falling priority, then by rising place. None for a fair share of its client."""
    priority: int = 0
    webhook: str | None = None
    keys: tuple[str, ...] = ()
    """Of its steps: what of them is known already should be kept until it has run."""
    order: Order | None = None
    """The plan by which it was taken, of a run that begins at once; one that waits is planned anew."""
    cancel: threading.Event = field(default_factory=threading.Event)
    skips: Skips = field(default_factory=Skips)


class Queue:
    """What waits, by falling priority, then by rising place, then in the order in which it came.

    Places are the start tags of start-time fair queueing (Goyal, Vin, Cheng 1996): a client's next run stands
    one behind its last one, or one behind what runs now. So clients take turns, however much each sends.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[int, float, int, Ticket]] = []
        self._latest: dict[str, float] = {}
        self._now = 0.0
        self._came = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def tickets(self) -> list[Ticket]:
        return [ticket for *_, ticket in self._waiting]

    def find(self, run: str) -> Ticket | None:
        return next((ticket for *_, ticket in self._waiting if ticket.id == run), None)

    def placed(self, ticket: Ticket) -> tuple[Ticket, float]:
        """The ticket and its place: its own, or the next of its client."""
        if ticket.place is not None:
            return ticket, ticket.place
        place = max(self._now, self._latest.get(ticket.client, 0.0)) + 1
        return replace(ticket, place=place), place

    def add(self, ticket: Ticket) -> None:
        ticket, place = self.placed(ticket)
        self._came += 1
        insort(self._waiting, (-ticket.priority, place, self._came, ticket))
        self._latest[ticket.client] = max(self._latest.get(ticket.client, 0.0), place)
        if len(self._latest) > MANY_CLIENTS:
            self._latest = {name: last for name, last in self._latest.items() if last > self._now}

    def take(self) -> Ticket:
        """The next one; time goes on to its place."""
        _, place, _, ticket = self._waiting.pop(0)
        self.pass_by(place)
        return ticket

    def pass_by(self, place: float) -> None:
        """A run of this place has begun: who comes now stands behind it."""
        self._now = max(self._now, place)

    def remove(self, run: str) -> bool:
        left = [entry for entry in self._waiting if entry[-1].id != run]
        removed, self._waiting = len(left) < len(self._waiting), left
        return removed

    def exchange(self, ticket: Ticket) -> None:
        """Another ticket of the same id, in the same place."""
        for position, (priority, place, came, old) in enumerate(self._waiting):
            if old.id == ticket.id:
                self._waiting[position] = (priority, place, came, ticket)

    def moves(self, run: str, *, priority: int, position: int) -> list[RunMoved]:
        """What brings a run to a position among the others of a priority."""
        others = [(ticket.id, place) for _, place, _, ticket in self._peers(priority) if ticket.id != run]
        place = _between([place for _, place in others], position)
        if place is not None:
            return [RunMoved(run, priority, place)]
        names = [name for name, _ in others]  # No number lies between the two: all are counted anew.
        names.insert(position, run)
        return [RunMoved(name, priority, others[0][1] + count) for count, name in enumerate(names)]

    def position(self, run: str, *, priority: int, without: str) -> int:
        """How many of a priority stand before a run, not counting one of them."""
        names = [ticket.id for *_, ticket in self._peers(priority) if ticket.id != without]
        return names.index(run) if run in names else len(names)

    def move(self, moved: Sequence[RunMoved]) -> None:
        to = {event.run: event for event in moved}
        for entry in [entry for entry in self._waiting if entry[-1].id in to]:
            self._waiting.remove(entry)
            event = to[entry[-1].id]
            ticket = replace(entry[-1], priority=event.priority, place=event.place)
            insort(self._waiting, (-event.priority, event.place, entry[2], ticket))

    def _peers(self, priority: int) -> list[tuple[int, float, int, Ticket]]:
        return [entry for entry in self._waiting if entry[0] == -priority]


def _between(places: Sequence[float], position: int) -> float | None:
    """A place before that of the given position; None where floating point has none left."""
    if not places:
        return 1.0
    if position <= 0:
        return places[0] - 1
    if position >= len(places):
        return places[-1] + 1
    before, behind = places[position - 1], places[position]
    middle = (before + behind) / 2
    return middle if before < middle < behind else None
