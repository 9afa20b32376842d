"""Where code of a pack runs: in which program, and in which step. Modules of packs are never told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from graph.context import Context
from graph.execute import Executor
from graph.folders import Folders
from graph.nodetype import NodeType
from graph.registry import Registry

if TYPE_CHECKING:
    from compat.nodes.replacing import NodeReplace


@dataclass(eq=False)
class Host:
    """The program that a pack is loaded into."""

    registry: Registry
    folders: Folders
    executor: Executor | None = None
    """Runs what nodes put in their own place."""
    given: dict[str, NodeType] = field(default_factory=dict)
    """Types of nodes that stand for values, while what a node has put in its place runs."""
    model_folders: dict[str, tuple[list[str], set[str]]] = field(default_factory=dict)
    """Kinds of files that packs have added: where they lie, and their extensions."""
    routes: list[tuple[str, str, Any]] = field(default_factory=list)
    """Routes that packs have declared: method, path and handler."""
    prompt_handlers: list[Callable[[Any], Any]] = field(default_factory=list)
    """What packs do to every prompt that a client sends, before it is read."""
    replacements: dict[str, NodeReplace] = field(default_factory=dict)
    """By the old node's id, what packs have replaced."""
    listeners: list[Callable[[str, Any, str | None], None]] = field(default_factory=list)
    """Who hears what packs send to ComfyUI's interface: type, data and client."""


HOST: ContextVar[Host] = ContextVar("the program that a pack's code runs in")
STEP: ContextVar[Context | None] = ContextVar("the step that a pack's code runs in", default=None)
GRAPHS: ContextVar[Iterator[int]] = ContextVar("numbers for the graphs that a call builds")
_newest: list[Host] = []


def host() -> Host:
    """The program: in threads that a pack has started itself, the one that loaded packs last."""
    try:
        return HOST.get()
    except LookupError:
        if _newest:
            return _newest[-1]
    raise RuntimeError("this is a part of ComfyUI as packs see it: it works in code of a pack only")


@contextmanager
def inside(program: Host, step: Context | None = None) -> Iterator[None]:
    """Let code that is called here know where it is."""
    _newest[:] = [program]
    program_before, step_before, graphs_before = HOST.set(program), STEP.set(step), GRAPHS.set(count())
    try:
        yield
    finally:
        HOST.reset(program_before)
        STEP.reset(step_before)
        GRAPHS.reset(graphs_before)
