"""The registry: packages of decorated functions become node types; a broken one is a listed Problem."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from graph.collected import Contents, Known, declared_by
from graph.folders import Folders
from graph.infer import Infer
from graph.keys import code_digest
from graph.nodetype import NodeType, int_to_float
from graph.packs import (
    Loaded,
    Pack,
    Translator,
    forget_bytecode,
    import_own,
    module_name,
    packs_in,
    set_aside,
    stamp_of,
)
from graph.problems import Problem
from graph.sockets import Conversion

__all__ = ["Loaded", "Registry", "Translator"]

MOVE_OUT = "Repair it, or move it out of the folder; everything else works without it."
AS_BEFORE = "Repair it: it is read again when it is saved. Until then its nodes are those from before."


class Registry:
    """All node types, socket types and conversions that workflows may use.

    What packs of a folder bring is put together anew whenever one of them changes, and replaced at once:
    who holds `now` goes on with what was there.
    """

    def __init__(self, folders: Folders | None = None) -> None:
        self._folders = folders
        self._base = Known()
        self._packs: dict[Path, Pack] = {}
        self._watched: dict[Path, Translator | None] = {}
        self._reading = threading.Lock()
        self._base.take(declared_by([int_to_float]), __name__)
        self.now = self._base
        """What is known at this moment."""

    @property
    def types(self) -> Mapping[str, NodeType]:
        return self.now.types

    @property
    def conversions(self) -> Mapping[tuple[str, str], Conversion]:
        return self.now.conversions

    @property
    def infers(self) -> Mapping[str, Infer]:
        """What says the facts of node types, by their ids."""
        return self.now.infers

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(self.now.problems)

    @property
    def packs(self) -> Mapping[Path, Pack]:
        """Users' packs by where they lie."""
        return self._packs

    def get(self, type_id: str) -> NodeType | None:
        return self.now.types.get(type_id)

    def add(self, added: NodeType, origin: str = "") -> None:
        """Take a node type in; a second one of the same id is a Problem, and the first stays."""
        self._base.add(added, origin)
        self._settle()

    def take(self, functions: Iterable[object], origin: str) -> None:
        """Take in what our decorators have made of functions: node types, conversions and facts."""
        self._base.take(declared_by(functions), origin)
        self._settle()

    def load_package(self, name: str) -> None:
        """Collect the nodes of a package and of each module below it; one that fails leaves the others."""
        package = self._import(name)
        for found in pkgutil.iter_modules(getattr(package, "__path__", ())):
            if not found.name.startswith("_"):
                load = self.load_package if found.ispkg else self._import
                load(f"{name}.{found.name}")
        self._settle()

    def load_folder(self, folder: Path, translator: Translator | None = None) -> None:
        """Collect users' packs: every .py file and every package of a folder, each for itself."""
        self._watched[folder] = translator
        self.refresh()

    def list_folder(self, folder: Path) -> None:
        """Say which packs a folder holds, and import none."""
        remedy = "Start without --safe-mode to load it; move what does harm out of the folder first."
        for path in packs_in(folder):
            message = f"{path.parent.name}/{path.name} is not loaded: this is safe mode"
            listed = Problem("pack_not_loaded", message, remedy=remedy, severity="warning")
            self._base.problems.append(listed)
        self._settle()

    def refresh(self) -> bool:
        """Read the packs again whose files have changed since they were read; whether there were any.

        One that does not load any more is a Problem, and keeps the node types that it had.
        """
        with self._reading:
            found = {path: each for folder, each in self._watched.items() for path in packs_in(folder)}
            packs = {path: self._packs[path] for path in found if path in self._packs}
            gone = self._packs.keys() - packs.keys()
            for path in gone:
                self._forget(path)
            changed = bool(gone)
            for path, translator in found.items():
                stamp, known = stamp_of(path), packs.get(path)
                if known is None or known.stamp != stamp:
                    packs[path] = Pack(path, stamp, _read(path, translator, known))
                    changed = True
            self._packs = {path: packs[path] for path in found}
            if changed:
                self._settle()
        return changed

    def catalog(self) -> dict[str, object]:
        """The catalogue as JSON; files and other changing choices are looked up now."""
        now = self.now
        nodes, problems = [], list(now.problems)
        for declared in now.types.values():
            try:
                nodes.append(declared.to_json(self._folders))
            except Exception as error:  # a pack's own function of choices
                problems.append(_failure(f"the choices of {declared.id}", error))
        return {
            "nodes": nodes,
            "types": {name: socket.to_json() for name, socket in now.sockets.items()},
            "conversions": [list(pair) for pair in now.conversions],
            "renames": {name: rename.to_json() for name, rename in now.renames.items()},
            "problems": [problem.to_json() for problem in problems],
        }

    def _forget(self, path: Path) -> None:
        """Let go of a pack that is no longer there."""
        set_aside(module_name(path))
        translator = self._watched.get(path.parent)
        if translator is not None:
            translator.forget(path, module_name(path))

    def _settle(self) -> None:
        """Put together what the program and the packs bring."""
        if not self._packs:
            self.now = self._base
            return
        now = self._base.copy()
        for path, pack in self._packs.items():
            now.take(pack.contents, path.name)
        self.now = now

    def _import(self, name: str) -> ModuleType | None:
        try:
            module = importlib.import_module(name)
        except (Exception, SystemExit) as error:
            self._base.problems.append(_failure(name, error))
            return None
        self._base.take(declared_by(_own_routines(module)), name)
        return module


def _read(path: Path, translator: Translator | None, known: Pack | None) -> Contents:
    """A pack's contents; of one that does not load, those that it had, with a Problem."""
    name = module_name(path)
    if known is not None:
        forget_bytecode(path)
    before = set_aside(name)
    try:
        strange = translator is not None and translator.claims(path)
        loaded = translator.load(path, name) if translator and strange else import_own(path, name)
        contents = _contents(loaded)
    except (Exception, SystemExit) as error:
        contents = Contents(problems=(_failure(f"{path.parent.name}/{path.name}", error, path),))
    if contents.types or not contents.problems:
        return contents
    set_aside(name)
    if known is None or not known.contents.types:
        return contents
    sys.modules.update(before)
    problems = tuple(replace(problem, remedy=AS_BEFORE) for problem in contents.problems)
    return replace(known.contents, problems=problems)


def _contents(loaded: Loaded) -> Contents:
    """What a pack declares, with digests of its code as it is now that all of it is there."""
    declared = declared_by(_own_routines(loaded.module, below=True))
    own = (replace(each, code=code_digest(each.run)) for each in declared.types)
    renames = (*declared.renames, *loaded.renames)
    return replace(declared, types=(*loaded.types, *own), problems=tuple(loaded.problems), renames=renames)


def _own_routines(module: ModuleType, *, below: bool = False) -> Iterator[object]:
    """What the module itself defines; a pack also offers what its own modules define."""
    for value in list(vars(module).values()):
        home = getattr(value, "__module__", None)
        own = home == module.__name__ or (below and str(home).startswith(module.__name__ + "."))
        if own and inspect.isroutine(value):
            yield value


def _failure(what: str, error: BaseException, pack: Path | None = None) -> Problem:
    """That something does not load, with the traceback from the pack's own code on."""
    inside = trace = error.__traceback__
    while pack is not None and inside and not inside.tb_frame.f_code.co_filename.startswith(str(pack)):
        inside = inside.tb_next
    shown = inside if inside or isinstance(error, SyntaxError) else trace
    details = "".join(traceback.format_exception(type(error), error, shown))
    message = f"{what} does not load: {type(error).__name__}: {error}"
    return Problem("pack_failed", message, remedy=MOVE_OUT, details=details)
