"""What of ComfyUI a pack uses, read from its source without running it, and what of that is not there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from compat.nodes.importing import MissingModule, is_theirs, part, shim

GUARDS = ("hasattr", "find_spec", "getattr")


@dataclass(frozen=True, slots=True)
class Use:
    """A name of ComfyUI's in a pack: `comfy.utils.ProgressBar`, the line, and the definition around it."""

    name: str
    file: str
    line: int
    inside: str = ""
    """The function or class at the top of the file; nothing for what runs when the file is imported."""


@dataclass(slots=True)
class Source:
    """One file of a pack: its uses, and which names of its top each definition mentions."""

    uses: list[Use] = field(default_factory=list)
    mentions: dict[str, set[str]] = field(default_factory=dict)

    def needed_by(self, name: str) -> list[Use]:
        """The uses in a definition, and in those of its file that it mentions."""
        seen, waiting = {name}, [name]
        for current in waiting:  # grows while it is walked
            fresh = self.mentions.get(current, set()) & self.mentions.keys() - seen
            seen |= fresh
            waiting += sorted(fresh)
        return [use for use in self.uses if use.inside in seen]


def read_sources(path: Path) -> dict[str, Source]:
    """The files of a pack by their absolute paths; one that is no Python tells itself when it is run."""
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    found = {}
    for file in files:
        try:
            tree = ast.parse(file.read_text("utf-8-sig"))
        except (SyntaxError, ValueError, OSError):
            continue
        found[str(file.resolve())] = _Reader(file.name).read(tree)
    return found


def missing(uses: list[Use]) -> list[Use]:
    """Those that lead to nothing, each name once."""
    first: dict[str, Use] = {}
    for use in uses:
        if use.name not in first and not _is_there(use.name):
            first[use.name] = use
    return list(first.values())


def _is_there(name: str) -> bool:
    """Follow a dotted name through modules and classes; what values have nobody can tell from here."""
    first, *rest = name.split(".")
    try:
        value: object = shim(first)
        for each in rest:
            if not isinstance(value, ModuleType | type):
                return True
            value = part(value, each) if isinstance(value, ModuleType) else getattr(value, each)
    except (MissingModule, AttributeError):
        return False
    return True


class _Reader(ast.NodeVisitor):
    """Walks one file. What is tried, or asked for before, is none of our business."""

    def __init__(self, file: str) -> None:
        self.source = Source()
        self._file = file
        self._inside = ""
        self._names: dict[str, str] = {}
        """What names of the file stand for: `mm` for `comfy.model_management`."""

    def read(self, tree: ast.Module) -> Source:
        for node in _unguarded(tree):
            self._learn(node)
        for statement in tree.body:
            self._inside = ""
            if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                self._inside = statement.name
                self.source.mentions.setdefault(self._inside, set())
            self.visit(statement)
        return self.source

    def _learn(self, node: ast.AST) -> None:
        for alias, name in _bound(node):
            self._names[alias] = name

    def _use(self, name: str, node: ast.stmt | ast.expr) -> None:
        self.source.uses.append(Use(name, self._file, node.lineno, self._inside))

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if is_theirs(alias.name):
                self._use(alias.name, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if not node.level and node.module and is_theirs(node.module):
            for alias in node.names:
                self._use(node.module if alias.name == "*" else f"{node.module}.{alias.name}", node)

    def visit_Name(self, node: ast.Name) -> None:
        if self._inside:
            self.source.mentions[self._inside].add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        names: list[str] = []
        value: ast.expr = node
        while isinstance(value, ast.Attribute):
            names.append(value.attr)
            value = value.value
        if isinstance(value, ast.Name) and value.id in self._names and isinstance(node.ctx, ast.Load):
            self._use(".".join([self._names[value.id], *reversed(names)]), node)
        self.visit(value)

    def visit_Try(self, node: ast.Try) -> None:
        if not node.handlers:
            self._visit(node.body)
        self._visit([*node.handlers, *node.orelse, *node.finalbody])

    def _visit(self, nodes: Sequence[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def visit_If(self, node: ast.If) -> None:
        asked = {each.id for each in ast.walk(node.test) if isinstance(each, ast.Name)}
        if not asked & {*GUARDS, "TYPE_CHECKING"}:
            self.generic_visit(node)


def _unguarded(node: ast.AST) -> Iterator[ast.AST]:
    """A tree without what is tried: whoever does so can do without."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.Try) and node.handlers and child in node.body):
            yield from _unguarded(child)


def _bound(node: ast.AST) -> Iterator[tuple[str, str]]:
    """The names that an import binds, with what of ComfyUI each stands for."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if is_theirs(alias.name):
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
    elif isinstance(node, ast.ImportFrom) and not node.level and node.module and is_theirs(node.module):
        for alias in node.names:
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"
