"""Packs that are written for ComfyUI: recognised, imported and taken in, each for itself."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from compat.nodes.adapter import adapt
from compat.nodes.declared import Declared, Unfit, read_class
from compat.nodes.here import Host, inside
from compat.nodes.importing import MissingModule, MissingPart, import_pack
from compat.nodes.internals import Source, Use, missing, read_sources
from compat.nodes.replacing import rename_of
from compat.nodes.schema import schema_nodes
from graph.folders import Folders
from graph.nodetype import NodeType
from graph.problems import Problem
from graph.registry import Loaded, Registry

MARKS = ("NODE_CLASS_MAPPINGS", "comfy_entrypoint")
Found = tuple[Any, Callable[[], Declared]]
REMEDY = "Look for a version of the pack, or another pack, that does without; all else works."


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that is loaded."""

    name: str
    path: Path
    web: Path | None
    """The folder of its scripts for ComfyUI's interface."""
    nodes: tuple[str, ...]


class ComfyPacks:
    """Loads packs that are written for ComfyUI into a registry, and knows them."""

    def __init__(self, registry: Registry, folders: Folders) -> None:
        self.host = Host(registry, folders)
        self.packs: dict[str, Pack] = {}

    def claims(self, path: Path) -> bool:
        """Whether some file of a pack declares nodes as ComfyUI's do."""
        files = [path] if path.is_file() else sorted(path.rglob("*.py"))
        return any(mark in text for text in map(_text, files) for mark in MARKS)

    def load(self, path: Path, name: str) -> Loaded:
        """Import a pack and make node types of its classes; those that lack something are Problems.

        One that was there before and now gives no node at all stays as it was.
        """
        host, before = self.host, self.packs.get(path.stem)
        routes, handlers, loaded = list(host.routes), list(host.prompt_handlers), None
        self.forget(path, name)
        try:
            loaded = self._load(path, name)
        finally:
            if before is not None and (loaded is None or (loaded.problems and not loaded.types)):
                self.packs[path.stem] = before
                host.routes[:], host.prompt_handlers[:] = routes, handlers
        return loaded

    def _load(self, path: Path, name: str) -> Loaded:
        sources, before = read_sources(path), dict(self.host.replacements)
        with inside(self.host):
            try:
                module = import_pack(path, name)
                classes = {**dict(_declared_nodes(module)), **dict(schema_nodes(module))}
            except (Exception, SystemExit) as error:
                lacking = missing([use for source in sources.values() for use in source.uses])
                if not lacking and not isinstance(error, MissingModule | MissingPart):
                    raise
                sys.modules.pop(name, None)
                return Loaded(ModuleType(name), (), (_needs(path.name, lacking, error),))
            types, problems = self._types(path, sources, classes)
        web = getattr(module, "WEB_DIRECTORY", None)
        folder = (path / web).resolve() if isinstance(web, str) and path.is_dir() else None
        inside_it = folder is not None and folder.is_relative_to(path.resolve()) and folder.is_dir()
        own = tuple(each.id for each in types)
        self.packs[path.stem] = Pack(path.stem, path, folder if inside_it else None, own)
        known = {**self.host.registry.types, **{each.id: each for each in types}}
        replaced = [by for old, by in self.host.replacements.items() if before.get(old) is not by]
        renames = [rename_of(by, known.get(by.new_node_id)) for by in replaced]
        return Loaded(module, types, problems, renames)

    def forget(self, path: Path, name: str) -> None:
        """Forget what a pack declared when it was loaded."""
        self.packs.pop(path.stem, None)
        host = self.host
        host.routes[:] = [route for route in host.routes if not _is_of(route[2], name)]
        host.prompt_handlers[:] = [each for each in host.prompt_handlers if not _is_of(each, name)]

    def _types(
        self, path: Path, sources: Mapping[str, Source], classes: Mapping[str, Found]
    ) -> tuple[list[NodeType], list[Problem]]:
        code = _digest(path)
        types: list[NodeType] = []
        problems: list[Problem] = []
        for id, (source, read) in classes.items():
            try:
                lacking = _needed(source, sources)
                if lacking:
                    problems.append(_needs(f"{path.name}: the node {id!r}", lacking, None))
                    continue
                types.append(adapt(read(), self.host, f"{code} {id}"))
            except Unfit as error:
                problems.append(_unfit(path.name, id, str(error)))
            except Exception as error:  # the pack's own functions
                problems.append(_unfit(path.name, id, f"{type(error).__name__}: {error}"))
        return types, problems


def _declared_nodes(module: ModuleType) -> Iterator[tuple[str, Found]]:
    """By id, each class that a module declares, and what reads it."""
    classes = getattr(module, "NODE_CLASS_MAPPINGS", None) or {}
    titles = getattr(module, "NODE_DISPLAY_NAME_MAPPINGS", None) or {}
    if not isinstance(classes, Mapping):
        raise TypeError(f"NODE_CLASS_MAPPINGS is {type(classes).__name__}, not a dictionary")
    for id, source in classes.items():
        title = str(titles.get(id) or id) if isinstance(titles, Mapping) else str(id)

        def read(id: str = str(id), source: Any = source, title: str = title) -> Declared:
            return read_class(id, source, title)

        yield str(id), (source, read)


def _needed(source: Any, sources: Mapping[str, Source]) -> list[Use]:
    """What a node's class lacks of ComfyUI."""
    uses: list[Use] = []
    for kind in getattr(source, "__mro__", ()):
        file = getattr(sys.modules.get(kind.__module__), "__file__", None)
        text = sources.get(str(Path(file).resolve())) if file else None
        if text is not None:
            uses += text.needed_by(kind.__qualname__.partition(".")[0])
    return missing(uses)


def _needs(what: str, lacking: Sequence[Use], error: BaseException | None) -> Problem:
    told = ", ".join(f"{use.name} ({use.file}:{use.line})" for use in lacking) or getattr(error, "name", "")
    details = f"{type(error).__name__}: {error}" if error is not None else ""
    message = f"{what} needs parts of ComfyUI that are not there: {told}"
    return Problem("pack_needs_internals", message, remedy=REMEDY, details=details)


def _is_of(function: Any, module: str) -> bool:
    """Whether a module, or one below it, has defined a function."""
    home = str(getattr(function, "__module__", ""))
    return home == module or home.startswith(f"{module}.")


def _unfit(pack: str, id: str, reason: str) -> Problem:
    message = f"{pack}: the node {id!r} cannot be taken in: {reason}"
    return Problem("node_not_taken_in", message, remedy=REMEDY)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig", errors="replace")
    except OSError:
        return ""


def _digest(path: Path) -> str:
    """Changes with any Python file of a pack."""
    digest = hashlib.blake2b(digest_size=16)
    for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
        digest.update(f"{file.relative_to(path.parent)}\0{_text(file)}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
