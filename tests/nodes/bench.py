"""Runs workflows of the built-in nodes with the real engine, below a folder of its own."""

import copy
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from compat.object_info import known_nodes
from compat.recipe import texts
from diffusion.fingerprint import fingerprint_of
from graph.cache import Cache
from graph.events import (
    Event,
    RunFinished,
    StepCached,
    StepFailed,
    StepFinished,
    StepPreview,
    StepProgress,
)
from graph.execute import Executor
from graph.folders import Folders
from graph.plan import plan
from graph.problems import Problem
from graph.registry import Registry
from graph.workflow import read_document
from nodes.saving import Recipes

ROOT = Path(__file__).parents[2]


def template(name: str) -> dict[str, Any]:
    """A workflow that ships."""
    return json.loads((ROOT / "workflows" / f"{name}.json").read_text("utf-8"))


def changed(document: Mapping[str, Any], **inputs: Mapping[str, object]) -> dict[str, Any]:
    """The document with literals replaced: `changed(d, sampler={"seed": 7})`."""
    document = copy.deepcopy(dict(document))
    for each in document["nodes"]:
        each["inputs"].update(inputs.get(each["id"], {}))
    return document


@dataclass
class Ran:
    """What a run told."""

    finished: RunFinished
    events: list[Event] = field(default_factory=list)

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def did_run(self) -> set[str]:
        return {event.step for event in self.of(StepFinished)}

    @property
    def names(self) -> list[str]:
        """The files that sinks made or had made."""
        done = [*self.of(StepFinished), *self.of(StepCached)]
        return [artifact.name for event in done for artifact in event.artifacts]

    @property
    def failed(self) -> Problem:
        """The one problem of a step that failed."""
        (event,) = self.of(StepFailed)
        return event.problem

    @property
    def progress(self) -> list[tuple[str, int, int | None]]:
        return [(event.step, event.done, event.total) for event in self.of(StepProgress)]

    @property
    def previews(self) -> list[bytes]:
        return [event.data for event in self.of(StepPreview)]


class Bench:
    """The built-in nodes, a cache and an executor over one folder; no node may change its inputs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders = Folders(root)
        self.registry = Registry(self.folders)
        self.registry.load_package("nodes")
        assert not self.registry.problems
        self.cache = Cache(2**28)
        recipes = Recipes(lambda document: texts(document, known_nodes(self.registry.types)))
        self.executor = Executor(
            self.cache, self.folders, services={Recipes: recipes}, fingerprint=fingerprint_of
        )

    def run(
        self,
        document: Mapping[str, Any],
        *,
        cancel: threading.Event | None = None,
        on_event: Callable[[Event], None] = lambda event: None,
    ) -> Ran:
        """Plan and run a document; problems of the plan fail the test."""
        workflow, problems = read_document(document)
        assert workflow is not None and not problems, problems
        planned = plan(workflow, self.registry, folders=self.folders, cache=self.cache)
        assert planned.ok, planned.problems
        events: list[Event] = []

        def emit(event: Event) -> None:
            events.append(event)
            on_event(event)

        finished = self.executor.run(planned, run_id="r", emit=emit, cancel=cancel, document=document)
        return Ran(finished, events)

    def picture(self, name: str, folder: str = "output") -> np.ndarray:
        """A saved picture as 8-bit numbers."""
        with Image.open(self.folders.resolve(folder, name)) as image:
            return np.asarray(image)

    def texts(self, name: str) -> dict[str, str]:
        """What a saved picture carries."""
        with Image.open(self.folders.resolve("output", name)) as image:
            return dict(image.text)
