"""Context: what a running node may ask. A parameter annotated with it is not a socket."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from graph.axes import Instance
from graph.events import FromNode, StepPreview, StepProgress, StepWarned
from graph.folders import Folders
from graph.problems import Problem
from graph.skip import AllSet, Flag
from graph.wanted import renewed

T = TypeVar("T")


class Cancelled(Exception):
    """The run was cancelled, or the step skipped; raised by check_cancelled, and let through by the node."""


class NodeError(Exception):
    """Raised by a node that knows what is wrong: its code and remedy reach the user."""

    def __init__(
        self, message: str, *, code: str = "node_failed", input: str | None = None, remedy: str = ""
    ):
        super().__init__(message)
        self.code, self.input, self.remedy = code, input, remedy


@dataclass(frozen=True)
class Many:
    """Files that one step opens, too many to be named one by one; `key` is that of the step."""

    key: str
    paths: Sequence[Path] = field(compare=False)


@dataclass(frozen=True)
class MadeBy:
    """By node type its version and the digest of its code; by name the files that were read."""

    types: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    many: Mapping[str, Many] = field(default_factory=dict)
    """By the node that opens them, and how many there are."""


class Context:
    """One step's view of its run."""

    __slots__ = (
        "_cancel",
        "_emit",
        "_folders",
        "_item",
        "_made_by",
        "_services",
        "document",
        "instance",
        "node_id",
        "run_id",
        "shown",
    )

    def __init__(
        self,
        *,
        node_id: str,
        run_id: str,
        emit: Callable[[FromNode], None],
        cancel: Flag,
        folders: Folders,
        document: Mapping[str, object] | None = None,
        services: Mapping[type, object] | None = None,
        instance: Instance | None = None,
        made_by: Callable[[], MadeBy] = MadeBy,
    ) -> None:
        self.node_id = node_id
        self.instance = instance
        self.run_id = run_id
        self.document: Mapping[str, object] = document if document is not None else {}
        self._made_by = made_by
        self._emit = emit
        self._cancel = cancel
        self._folders = folders
        self._services = services if services is not None else {}
        self._item: tuple[int, int] | None = None
        self.shown = 0
        """How many artifacts a mapped step has shown in its calls before this one."""

    def at_item(self, place: int, count: int, shown: int) -> Context:
        """The context of one call of a mapped step, which tells of the whole step."""
        made = copy.copy(self)
        made._item, made.shown = (place, count), shown
        return made

    def joined_by(self, others: Sequence[Context]) -> Context:
        """The context of a call that does the work of several steps: all tell of it, this one shows it."""
        made, everybody = copy.copy(self), (self, *others)
        made._cancel = AllSet(tuple(each._cancel for each in everybody))

        def emit(event: FromNode) -> None:
            for each in everybody if not isinstance(event, StepPreview) else (self,):
                each._emit(replace(event, step=each.node_id, instance=each.instance))

        made._emit = emit
        return made

    def progress(self, done: int, total: int | None) -> None:
        if self._item is not None:
            place, count = self._item
            done, total = (place, count) if total is None else (place * total + done, count * total)
        self._emit(StepProgress(self.run_id, self.node_id, done, total, self.instance))

    def preview(self, data: bytes, mime: str = "image/jpeg") -> None:
        self._emit(StepPreview(self.run_id, self.node_id, mime, data, self.instance))

    def warn(
        self, message: str, *, code: str = "warning", input: str | None = None, remedy: str = ""
    ) -> None:
        """Tell the user something that does not stop the node."""
        node = self.instance.node if self.instance else self.node_id
        if self._item is not None:
            message += f" (item {self._item[0] + 1} of {self._item[1]})"
        problem = Problem(code, message, node, input, remedy=remedy, severity="warning")
        self._emit(StepWarned(self.run_id, self.node_id, problem, self.instance))

    def made_by(self) -> MadeBy:
        """The node types and files of this step and of all that is above it."""
        return self._made_by()

    @property
    def cancelled(self) -> bool:
        return self._cancel.is_set()

    def check_cancelled(self) -> None:
        """Raise Cancelled if the run is cancelled, or the step skipped: call it wherever work can stop."""
        if self._cancel.is_set():
            raise Cancelled

    def folder(self, kind: str) -> Path:
        """The directory of a kind (output, input, temp, checkpoints, …); made if it is missing."""
        path = self._folders.folder(kind)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def resolve(self, kind: str, name: str) -> Path:
        """The absolute path of a name inside a folder; PathRefused if it leads outside."""
        return self._folders.resolve(kind, name)

    def digest(self, path: Path) -> str:
        """The digest of a file's content; it is computed once, and remembered by size and time."""
        return self._folders.digest(path)

    def record(self) -> Mapping[str, object]:
        """The run's document, with what has become known since of the model files that it names."""
        return renewed(self.document, self._folders)

    def names(self, kind: str) -> tuple[str, ...]:
        """The names of all files of a kind, sorted."""
        return self._folders.names(kind)

    def shared(self, kind: type[T]) -> T:
        """The one object of this type that the program gives to all nodes."""
        service = self._services.get(kind)
        if not isinstance(service, kind):
            raise LookupError(f"this program provides no {kind.__name__}")
        return service
