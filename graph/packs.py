"""Users' packs: which there are, when their files change, and how one is imported."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, Protocol

from graph.collected import Contents
from graph.keys import PACKS
from graph.migrate import Rename
from graph.nodetype import NodeType
from graph.problems import Problem

NOT_CODE = ("__pycache__", "node_modules")
Stamp = Mapping[str, tuple[int, int, int]]
"""By file, what another content changes: time, size and inode."""


class Loaded(NamedTuple):
    """What a pack of another program becomes."""

    module: ModuleType
    types: Sequence[NodeType]
    problems: Sequence[Problem]
    renames: Sequence[Rename] = ()


class Translator(Protocol):
    """Loads packs that are written for another program."""

    def claims(self, path: Path) -> bool:
        """Whether the pack at this path is one of those."""

    def load(self, path: Path, name: str) -> Loaded:
        """Import it under this name; what it raises is a Problem."""

    def forget(self, path: Path, name: str) -> None:
        """Forget a pack that is no longer there."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as it was read: its contents are those of the last version that loaded."""

    path: Path
    stamp: Stamp
    contents: Contents


def packs_in(folder: Path) -> list[Path]:
    """Every .py file and every package of a folder, sorted; nothing is imported."""
    if not folder.is_dir():
        return []
    return [
        path
        for path in sorted(folder.iterdir())
        if not path.name.startswith((".", "_")) and (path.suffix == ".py" or (path / "__init__.py").is_file())
    ]


def stamp_of(pack: Path) -> Stamp:
    """The state of a pack's Python files; of those that vanish meanwhile, none."""
    stamp = {}
    for file in sources_of(pack):
        with suppress(OSError):
            status = file.stat()
            stamp[str(file)] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return stamp


def sources_of(pack: Path) -> Iterator[Path]:
    if pack.suffix == ".py" and pack.is_file():
        yield pack
        return
    for parent, folders, files in os.walk(pack):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in NOT_CODE]
        yield from (Path(parent, name) for name in files if name.endswith(".py"))


def module_name(pack: Path) -> str:
    return f"{PACKS}.{pack.stem}"


def set_aside(name: str) -> dict[str, ModuleType]:
    """Take a pack's modules out of Python's, so that they are imported anew."""
    own = [each for each in sys.modules if each == name or each.startswith(name + ".")]
    return {each: sys.modules.pop(each) for each in own}


def forget_bytecode(pack: Path) -> None:
    """Python takes bytecode for current where second and size of its source agree: two quick saves do."""
    for file in sources_of(pack):
        with suppress(OSError, NotImplementedError):
            Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)
    importlib.invalidate_caches()


def import_own(path: Path, name: str) -> Loaded:
    """Import a pack of ours."""
    source = path if path.is_file() else path / "__init__.py"
    inside = [str(path)] if path.is_dir() else None
    spec = importlib.util.spec_from_file_location(name, source, submodule_search_locations=inside)
    if spec is None or spec.loader is None:
        raise ImportError(f"{source} is no module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return Loaded(module, (), ())
