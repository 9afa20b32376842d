"""The narrator: tells our events as ComfyUI's messages, to the client that sent the prompt."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from compat.server.items import History, Item
from compat.server.story import Story, preview_frame
from graph.events import (
    Event,
    RunFinished,
    RunInterrupted,
    RunQueued,
    RunStarted,
    StepCached,
    StepFailed,
    StepFinished,
    StepPreview,
    StepProgress,
    StepSkipped,
    StepStarted,
)

INTERVAL = 0.05  # s between two messages of progress
Record = dict[str, Any]


class Audience(Protocol):
    """Who hears messages; without a client's name, everybody does."""

    def send(self, kind: str, data: object, client: str | None = None) -> None: ...
    def show(self, picture: StepPreview, frame: Callable[[bool], bytes], item: Item) -> None: ...


class Narrator:
    """Hears all events, on the loop, in their order.

    `find` gives the prompt of a run; `remaining`, how many wait or work, without one that has just ended.
    """

    def __init__(
        self,
        history: History,
        audience: Audience,
        find: Callable[[str], Item | None],
        remaining: Callable[[str | None], int],
    ) -> None:
        self._history, self._audience, self._find, self._remaining = history, audience, find, remaining
        self._stories: dict[str, Story] = {}
        self._due = 0.0

    def hear(self, events: Sequence[Event]) -> None:
        """Tell a batch; progress that another of the batch outdates is not told."""
        for event in events:
            run = getattr(event, "run", None)
            story = self._stories.get(run) if run is not None else None
            if story is None or story.knows(event):
                self._tell(event, story)
        for story in self._stories.values():
            if story.announced:
                self._flush(story)

    def status(self, ended: str | None = None) -> Record:
        """How many runs wait or work."""
        return {"status": {"exec_info": {"queue_remaining": self._remaining(ended)}}}

    def executing(self, client: str) -> str | None:
        """The node that a client's prompt is at."""
        stories = (story for story in self._stories.values() if story.item.client == client)
        return next((story.at for story in stories if story.at), None)

    def beat(self) -> None:
        """Say what was held back and nothing has followed."""
        for story in self._stories.values():
            self._progress(story, at_once=True, only_bar=True)
            self._state(story)

    def _tell(self, event: Event, story: Story | None) -> None:
        match event:
            case RunQueued():
                self._audience.send("status", self.status())
            case RunStarted(run):
                self._audience.send("status", self.status())
                self._begin(run)
            case RunInterrupted(run):
                self._stories.pop(run, None)  # it waits again, and begins anew
            case RunFinished():
                self._end(event, story)
            case StepCached() if story:
                story.cached(event)
                if story.announced:  # not known at the start: the same as what another node made
                    self._executed(story, event)
            case StepStarted() if story:
                self._start(story, event)
            case StepProgress() if story:
                story.progress(event)
                self._progress(story, at_once=event.done == event.total)
            case StepPreview() if story:
                self._flush(story)
                self._audience.show(event, lambda rich: preview_frame(story.item, event, rich), story.item)
            case StepFinished() if story:
                self._progress(story, at_once=True, only_bar=True)
                story.finished(event)
                self._executed(story, event)
            case StepFailed() if story:
                story.failed(event)
            case StepSkipped() if story:
                story.skipped(event)

    def _begin(self, run: str) -> None:
        item = self._find(run)
        if item is not None:
            self._stories[run] = story = Story(item)
            self._say(story, "execution_start", story.stamped())

    def _flush(self, story: Story) -> None:
        """Say what needs no work, before what happens next: at the start what is known, then what is skipped.

        ComfyUI has no word for skipping: clients count what is cached as done, and wait no more for it.
        """
        if story.known or not story.announced:
            story.announced = True
            self._say(story, "execution_cached", story.stamped(nodes=story.known))
            story.known = []
        shown, story.shown = story.shown, []
        for event in shown:
            self._executed(story, event)

    def _start(self, story: Story, event: StepStarted) -> None:
        self._flush(story)
        story.started(event)
        self._state(story)
        node = story.at
        self._say(
            story,
            "executing",
            {"node": node, "display_node": node, "prompt_id": story.item.prompt_id},
            log=False,
        )

    def _executed(self, story: Story, event: StepCached | StepFinished | StepSkipped) -> None:
        shown = story.show(event)
        if shown is not None:
            self._say(story, "executed", shown, log=False)
        self._state(story)

    def _progress(self, story: Story, *, at_once: bool, only_bar: bool = False) -> None:
        """At most twenty times a second, the bar and the state; what a step's end outdates is said first."""
        if story.bar is not None and (at_once or time.monotonic() >= self._due):
            self._say(story, "progress", story.bar, log=False)
            story.bar = None
            if not only_bar:
                self._state(story)
            self._due = time.monotonic() + INTERVAL

    def _state(self, story: Story, *, at_once: bool = False) -> None:
        """The state of all nodes, which grows with their number, not with every event."""
        now = time.monotonic()
        if story.changed and (at_once or now >= story.state_due):
            story.state_due = now + INTERVAL
            self._audience.send("progress_state", story.state(), story.item.client)

    def _end(self, event: RunFinished, story: Story | None) -> None:
        """The history is written before anyone hears of the end."""
        self._stories.pop(event.run, None)
        if story is None and event.status == "failed" and (item := self._find(event.run)) is not None:
            story = Story(item)  # it broke off before it began
            self._say(story, "execution_start", story.stamped())
        if story is not None:
            self._flush(story)
            self._state(story, at_once=True)
            kind, data = story.end(event)
            story.messages.append([kind, data])
            self._history.add(story.item, story.record())
            everybody = kind == "execution_interrupted"
            self._audience.send(kind, data, None if everybody else story.item.client or "")
        self._audience.send("status", self.status(event.run))
        if story is not None:
            over = {"node": None, "prompt_id": story.item.prompt_id}
            self._audience.send("executing", over, story.item.client or "")

    def _say(self, story: Story, kind: str, data: Record, *, log: bool = True) -> None:
        """To the client of a prompt only; to nobody where it has none."""
        if log:
            story.messages.append([kind, data])
        self._audience.send(kind, data, story.item.client or "")
