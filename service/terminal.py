"""The terminal: plans, problems, progress and the catalogue as lines of text."""

import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from graph.artifacts import Artifact
from graph.axes import Instance
from graph.events import (
    Event,
    RunFinished,
    StepCached,
    StepFailed,
    StepFinished,
    StepProgress,
    StepSkipped,
    StepStarted,
    StepWarned,
)
from graph.folders import Folders
from graph.nodetype import NodeType

MARKS = {"cached": "=", "will_run": ">", "blocked": "x"}
REDRAW = 0.1  # s between two drawings of the progress line
Record = Mapping[str, Any]
Coordinate = Mapping[str, object]


def print_problems(problems: Sequence[Record]) -> None:
    """Problems as the protocol has them, readable."""
    for problem in problems:
        where = ".".join(filter(None, (problem["node"], problem["input"])))
        print(f"{problem['severity']}: {f'{where}: ' if where else ''}{problem['message']}", file=sys.stderr)
        for field in ("expected", "remedy"):
            if problem.get(field):
                print(f"  {field}: {problem[field]}", file=sys.stderr)
        for fix in problem.get("fixes", ()):
            print(f"  the editor can: {fix['label']}", file=sys.stderr)


def print_plan(steps: Sequence[Record], facts: Mapping[str, Record]) -> None:
    """One line a step: = cached, > will run, x blocked; below it what is known of its outputs."""
    names = max((len(step["id"]) for step in steps), default=0)
    types = max((len(step["type"]) for step in steps), default=0)
    for step in steps:
        state, name, node_type = step["state"], step["id"], step["type"]
        each = "for each item: " if step.get("mapped") else ""
        reason = f"{each}{step['reason']}{_where(step.get('kept'))}"
        line = f"{MARKS[state]} {name:{names}}  {node_type:{types}}  {state:8}  {reason}"
        print(line.rstrip())
        for output, known in facts.get(step.get("node", name), {}).items():
            words = (f"{fact} {value}" for fact, value in known.items() if fact != "digest")
            print(f"    {output}: {', '.join(words)}")
    cached = sum(step["state"] == "cached" for step in steps)
    print(f"{len(steps)} steps: {cached} cached, {len(steps) - cached} to run")


def _where(kept: Record | None) -> str:
    """`: on disk, 3 min old, 1.2 MB, took 2.4 s`."""
    if not kept:
        return ""
    where = "on disk" if kept["where"] == "disk" else "in memory"
    return f": {where}, {_duration(kept['age'])} old, {_size(kept['bytes'])}, took {kept['seconds']:.3g} s"


def _duration(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _size(size: int) -> str:
    for unit, length in (("GB", 2**30), ("MB", 2**20), ("kB", 2**10)):
        if size >= length:
            return f"{size / length:.1f} {unit}"
    return f"{size} bytes"


def print_nodes(types: Mapping[str, NodeType]) -> None:
    for node_type in sorted(types.values(), key=lambda each: (each.category, each.id)):
        inputs = ", ".join(f"{given.name}: {given.type_name}" for given in node_type.inputs)
        outputs = ", ".join(output.name for output in node_type.outputs)
        print(f"{node_type.category}/{node_type.id}({inputs})" + (f" -> {outputs}" if outputs else ""))
        if node_type.help:
            print(f"    {node_type.help}")


class Teller:
    """Tells a run as it goes: one line a step, and on a terminal a moving line of progress."""

    def __init__(self, folders: Folders, out: TextIO = sys.stderr) -> None:
        self._folders, self._out = folders, out
        self._moving = out.isatty()
        self._drawn = 0.0
        self._lock = threading.Lock()
        self.saved: list[tuple[Coordinate, Path]] = []
        """Every file with the place on axes, and in the turns of zones, of the step that saved it."""

    def __call__(self, event: Event) -> None:
        with self._lock:
            match event:
                case StepStarted(_, step) if self._moving:
                    self._draw(f"> {step}")
                case StepProgress(_, step, done, total) if self._is_due(done, total):
                    of = f" of {total}" if total else ""
                    self._draw(f"> {step}  {done}{of}")
                case StepCached(_, step, artifacts, instance):
                    self._line(f"= {step}  cached")
                    self._take(artifacts, instance)
                case StepFinished(_, step, seconds, artifacts, instance, size, memory):
                    peaks = ", ".join(f"{tier} {_size(peak)}" for tier, peak in (memory or {}).items())
                    self._line(
                        f"✓ {step}  {seconds:.2f} s, {_size(size)}{f' (peak: {peaks})' if peaks else ''}"
                    )
                    self._take(artifacts, instance)
                case StepWarned(_, step, problem):
                    self._line(f"! {step}  {problem.message}")
                case StepSkipped(_, step):
                    self._line(f"- {step}  skipped")
                case StepFailed(_, step):
                    self._line(f"x {step}")
                case RunFinished(_, status, seconds):
                    self._line(f"{status} in {seconds:.2f} s")

    def _take(self, artifacts: Sequence[Artifact], instance: Instance | None) -> None:
        for artifact in artifacts:
            if artifact.folder and artifact.name:
                path = self._folders.resolve(artifact.folder, artifact.name)
                self.saved.append((dict(instance.coordinate) if instance else {}, path))
                self._line(f"  {path}")
            elif artifact.text:
                self._line(f"  {artifact.text}")

    def _is_due(self, done: int, total: int | None) -> bool:
        """Without a terminal, a line for each tenth is enough."""
        if self._moving:
            return time.monotonic() - self._drawn > REDRAW
        return bool(total) and done * 10 // (total or 1) > (done - 1) * 10 // (total or 1)

    def _draw(self, text: str) -> None:
        """A line that the next one replaces, where there is a terminal."""
        self._drawn = time.monotonic()
        print(f"\r\x1b[K{text}" if self._moving else text, end="" if self._moving else "\n", file=self._out)
        self._out.flush()

    def _line(self, text: str) -> None:
        print(f"\r\x1b[K{text}" if self._moving else text, file=self._out, flush=True)
