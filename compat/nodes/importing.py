"""Imports of packs: ComfyUI's modules are ours below `compat.shims`, seen by the code of packs alone.

Our own packages are called `nodes` and `server`, too, so nothing of theirs may enter `sys.modules`. A module
of a pack gets builtins of its own, whose `__import__` knows the other names: Python looks it up in the code
that imports, at load or at any later time, in any thread. docs/decisions/009 tells why not otherwise.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

SHIMS = "compat.shims"
TOPS = frozenset({
    *("app", "comfy", "comfy_api", "comfy_api_nodes", "comfy_config", "comfy_execution", "comfy_extras"),
    *("comfyui_version", "cuda_malloc", "execution", "folder_paths", "latent_preview", "main"),
    *("node_helpers", "nodes", "protocol", "server"),
})  # fmt: skip
"""The modules at the top of ComfyUI that packs import."""
OUR_OWN = "nodes."
"""ComfyUI's `nodes` is one file: what lies below that name is ours."""


class MissingModule(ModuleNotFoundError):
    """An import of what there is of ComfyUI, but not here."""

    def __init__(self, name: str) -> None:
        super().__init__(f"ComfyUI's {name} is not there in Tessera", name=name)


class MissingPart(AttributeError):
    """A use of what there is of ComfyUI, but not here."""

    def __init__(self, name: str) -> None:
        super().__init__(f"ComfyUI's {name} is not there in Tessera", name=name)


def is_theirs(name: str) -> bool:
    """Whether code of a pack means a module of ComfyUI."""
    return name.partition(".")[0] in TOPS and not name.startswith(OUR_OWN)


def shim(name: str) -> ModuleType:
    """Our module in the place of one of ComfyUI's."""
    full = f"{SHIMS}.{name}"
    try:
        return importlib.import_module(full)
    except ModuleNotFoundError as error:
        if error.name is None or not full.startswith(error.name):
            raise
        raise MissingModule(name) from error


def part(module: ModuleType, name: str) -> Any:
    """What a module of ComfyUI's has by a name, or MissingModule."""
    theirs = f"{module.__name__.removeprefix(f'{SHIMS}.')}.{name}"
    try:
        return getattr(module, name)
    except AttributeError as error:
        if hasattr(module, "__path__"):
            return shim(theirs)
        raise MissingModule(theirs) from error


def lacking(module: str) -> Callable[[str], Any]:
    """A `__getattr__` for a shim: its modules are found, and what it lacks is told by ComfyUI's name."""
    theirs = module.removeprefix(f"{SHIMS}.")

    def find(name: str) -> Any:
        if name.startswith("__") or not hasattr(sys.modules[module], "__path__"):
            raise MissingPart(f"{theirs}.{name}")
        try:
            return shim(f"{theirs}.{name}")
        except MissingModule as error:
            raise MissingPart(f"{theirs}.{name}") from error

    return find


def _import(
    name: str,
    globals: Mapping[str, Any] | None = None,
    locals: Mapping[str, Any] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """The statement `import` of a pack."""
    if level or not is_theirs(name):
        module = builtins.__import__(name, globals, locals, fromlist or (), level)
        return STANDARD.get(module.__name__, module)
    module = shim(name)
    for each in fromlist or ():
        if each != "*":
            part(module, each)
    return module if fromlist else shim(name.partition(".")[0])


BUILTINS = {**vars(builtins), "__import__": _import}


class PackLoader(SourceFileLoader):
    """Runs a module with the builtins of packs."""

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = BUILTINS
        super().exec_module(module)


class Standing(ModuleType):
    """A module of the standard library as packs see it: some functions are others."""

    def __init__(self, module: ModuleType, **others: Any) -> None:
        super().__init__(module.__name__, module.__doc__)
        self.__dict__.update(others)
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def import_module(name: str, package: str | None = None) -> ModuleType:
    """`importlib.import_module` of packs."""
    return shim(name) if is_theirs(name) else importlib.import_module(name, package)


def spec_from_file_location(name: str, location: Any = None, **more: Any) -> ModuleSpec | None:
    """`importlib.util.spec_from_file_location` of packs, which so load files of their own."""
    spec = importlib.util.spec_from_file_location(name, location, **more)
    if spec is not None and type(spec.loader) is SourceFileLoader:
        spec.loader = PackLoader(spec.loader.name, spec.loader.path)
    return spec


_UTIL = Standing(importlib.util, spec_from_file_location=spec_from_file_location)
_IMPORTLIB = Standing(importlib, import_module=import_module, util=_UTIL)
STANDARD: Mapping[str, ModuleType] = {"importlib": _IMPORTLIB, "importlib.util": _UTIL}


class PackFinder:
    """Finds the further modules of packs, below their names or where packs have put folders on the path."""

    folders: tuple[Path, ...] = ()

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not any(map(cls.holds, sys.path if path is None else path)):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or not isinstance(spec.loader, SourceFileLoader) or not cls.holds(spec.origin or ""):
            return None
        spec.loader = PackLoader(name, spec.loader.path)
        return spec

    @classmethod
    def holds(cls, path: str) -> bool:
        return any(Path(path).is_relative_to(folder) for folder in cls.folders)

    @classmethod
    def watch(cls, folder: Path) -> None:
        """Know a folder as a pack's from now on."""
        if folder not in cls.folders:
            cls.folders = (*cls.folders, folder)
        if cls not in sys.meta_path:
            place = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else 0
            sys.meta_path.insert(place, cls)


def import_pack(path: Path, name: str) -> ModuleType:
    """Import a pack, a file or a folder, under a name. What it puts on the path comes behind all else."""
    source = path if path.is_file() else path / "__init__.py"
    inside = [str(path)] if path.is_dir() else None
    loader = PackLoader(name, str(source))
    spec = importlib.util.spec_from_file_location(
        name, source, loader=loader, submodule_search_locations=inside
    )
    if spec is None:
        raise ImportError(f"{source} is no module")
    if path.is_dir():
        PackFinder.watch(path.resolve())
        PackFinder.watch(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    before = list(sys.path)
    try:
        loader.exec_module(module)
    finally:
        sys.path.sort(key=lambda entry: entry not in before)
    return module
