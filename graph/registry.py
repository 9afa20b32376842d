"""The registry: packages of decorated functions become node types; a broken one is a listed Problem."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import sys
import traceback
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, Protocol

from graph.folders import Folders
from graph.infer import Infer
from graph.keys import PACKS
from graph.nodetype import NodeType, int_to_float
from graph.problems import Problem
from graph.sockets import BUILTIN, Conversion, SocketType


class Loaded(NamedTuple):
    """What a pack of another program becomes."""

    module: ModuleType
    types: Sequence[NodeType]
    problems: Sequence[Problem]


class Translator(Protocol):
    """Loads packs that are written for another program."""

    def claims(self, path: Path) -> bool:
        """Whether the pack at this path is one of those."""

    def load(self, path: Path, name: str) -> Loaded:
        """Import it under this name; what it raises is a Problem."""


class Registry:
    """All node types, socket types and conversions that workflows may use."""

    def __init__(self, folders: Folders | None = None) -> None:
        self._folders = folders
        self._types: dict[str, NodeType] = {}
        self._origins: dict[str, str] = {}
        self._sockets: dict[str, SocketType] = {each.name: each for each in BUILTIN}
        self._conversions: dict[tuple[str, str], Conversion] = {}
        self._infers: dict[str, Infer] = {}
        self._problems: list[Problem] = []
        self._collect_value(int_to_float, __name__)

    @property
    def types(self) -> Mapping[str, NodeType]:
        return self._types

    @property
    def conversions(self) -> Mapping[tuple[str, str], Conversion]:
        return self._conversions

    @property
    def infers(self) -> Mapping[str, Infer]:
        """What says the facts of node types, by their ids."""
        return self._infers

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems)

    def get(self, type_id: str) -> NodeType | None:
        return self._types.get(type_id)

    def add(self, added: NodeType, origin: str = "") -> None:
        """Take a node type in; a second one of the same id is a Problem, and the first stays."""
        if added.id in self._types:
            first, second = self._origins[added.id] or "the program", origin or "the program"
            message = f"{second} declares the node {added.id!r}, which {first} declared already"
            remedy = "Give one of them another id: @node(id=...)."
            self._problems.append(Problem("duplicate_node_type", message, remedy=remedy))
            return
        self._types[added.id] = added
        if added.infer is not None:
            self._infers[added.id] = added.infer
        self._origins[added.id] = origin
        unions = [given.types for given in added.inputs] + [output.types for output in added.outputs]
        for member in chain.from_iterable(unions):
            self._sockets.setdefault(member.name, member)

    def load_package(self, name: str) -> None:
        """Collect the nodes of a package and of each module below it; one that fails leaves the others."""
        package = self._import(name)
        for found in pkgutil.iter_modules(getattr(package, "__path__", ())):
            if not found.name.startswith("_"):
                load = self.load_package if found.ispkg else self._import
                load(f"{name}.{found.name}")

    def load_folder(self, folder: Path, translator: Translator | None = None) -> None:
        """Collect users' packs: every .py file and every package of a folder, each for itself."""
        if not folder.is_dir():
            return
        for path in sorted(folder.iterdir()):
            if path.name.startswith((".", "_")):
                continue
            if path.suffix == ".py" or (path / "__init__.py").is_file():
                self._load_pack(path, translator)

    def catalog(self) -> dict[str, object]:
        """The catalogue as JSON; files and other changing choices are looked up now."""
        nodes, problems = [], list(self._problems)
        for declared in self._types.values():
            try:
                nodes.append(declared.to_json(self._folders))
            except Exception as error:  # a pack's own function of choices
                problems.append(_failure(f"the choices of {declared.id}", error))
        return {
            "nodes": nodes,
            "types": {name: socket.to_json() for name, socket in self._sockets.items()},
            "conversions": [list(pair) for pair in self._conversions],
            "problems": [problem.to_json() for problem in problems],
        }

    def _import(self, name: str) -> ModuleType | None:
        try:
            module = importlib.import_module(name)
        except (Exception, SystemExit) as error:
            self._problems.append(_failure(name, error))
            return None
        self._collect(module, name)
        return module

    def _load_pack(self, path: Path, translator: Translator | None) -> None:
        name = f"{PACKS}.{path.stem}"
        for stale in [each for each in sys.modules if each == name or each.startswith(name + ".")]:
            del sys.modules[stale]
        try:
            strange = translator is not None and translator.claims(path)
            loaded = translator.load(path, name) if translator and strange else _load(path, name)
        except (Exception, SystemExit) as error:
            sys.modules.pop(name, None)
            self._problems.append(_failure(f"{path.parent.name}/{path.name}", error))
            return
        self._problems += loaded.problems
        for each in loaded.types:
            self.add(each, path.name)
        self._collect(loaded.module, path.name, below=True)

    def _collect(self, module: ModuleType, origin: str, *, below: bool = False) -> None:
        """Take what the module itself defines; a pack also offers what its own modules define."""
        for value in list(vars(module).values()):
            home = getattr(value, "__module__", None)
            own = home == module.__name__ or (below and str(home).startswith(module.__name__ + "."))
            if own and inspect.isroutine(value):
                self._collect_value(value, origin)

    def _collect_value(self, value: object, origin: str) -> None:
        declared = getattr(value, "__node_type__", None)
        if isinstance(declared, NodeType) and self._types.get(declared.id) is not declared:
            self.add(declared, origin)
        for type_id in getattr(value, "__infers__", ()):
            self._infers.setdefault(type_id, value)  # type: ignore[arg-type]  # @facts_of marks no other
        made = getattr(value, "__conversion__", None)
        if isinstance(made, Conversion):
            self._conversions[made.source.name, made.target.name] = made


def _load(path: Path, name: str) -> Loaded:
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


def _failure(what: str, error: BaseException) -> Problem:
    details = "".join(traceback.format_exception(error))
    kind = type(error).__name__
    message = f"{what} does not load: {kind}: {error}"
    remedy = "Repair it, or move it out of the folder; everything else works without it."
    return Problem("pack_failed", message, remedy=remedy, details=details)
