"""What the command line does with packs: `server.py nodes packs`, `test`, `doc` and `new`."""

from __future__ import annotations

import argparse
import inspect
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from graph.doc import page_of_pack
from graph.nodetype import NodeType
from graph.packs import Pack, module_name, packs_in
from graph.problems import Problem, nearest
from graph.registry import Registry
from service.command_line import Unusable
from service.engine import Engine
from service.terminal import print_problems
from tools.new_pack import Refused, write_pack


def about_pack(options: argparse.Namespace, make_engine: Callable[[], Engine]) -> int:
    """Do what the options say; the exit status is 1 where a pack does not load or does not pass."""
    folder = options.root / "custom_nodes"
    if options.action == "packs":
        print("\n".join(path.name for path in packs_in(folder)) or f"there are no packs in {folder}")
        return 0
    if options.pack is None:
        raise Unusable("no_pack_named", f"`nodes {options.action}` needs the name of a pack")
    if options.action == "new":
        return new(folder, options.pack)
    find(folder, options.pack)
    engine = make_engine()
    engine.load()
    pack = engine.registry.packs[find(folder, options.pack)]
    own = [each for each in pack.contents.types if engine.registry.get(each.id) is each]
    told = [*pack.contents.problems, *_shadowed(pack, engine.registry)]
    print_problems([problem.to_json() for problem in told])
    if not own:
        print(f"{pack.path.name} declares no nodes", file=sys.stderr)
        return 1
    status = test(engine, own) if options.action == "test" else doc(pack, own, options.output)
    return status or int(bool(told))


def find(folder: Path, name: str) -> Path:
    """Where a pack lies: by the name of its file or folder, with or without `.py`."""
    packs = packs_in(folder)
    wanted = Path(name).name
    for path in packs:
        if wanted in (path.name, path.stem):
            return path
    like = nearest(wanted, [path.stem for path in packs])
    remedy = f"Did you mean {' or '.join(like)}?" if like else "`nodes packs` lists those that there are."
    raise Unusable("unknown_pack", f"there is no pack {wanted!r} in {folder}", remedy)


def _shadowed(pack: Pack, registry: Registry) -> list[Problem]:
    """The Problems of nodes whose ids others have declared before."""
    start = f"{pack.path.name} declares the node "
    return [each for each in registry.problems if each.message.startswith(start)]


def test(engine: Engine, own: list[NodeType]) -> int:
    """Try every node and print what was found."""
    from nodes.saving import Recipes
    from tools.trial.run import table, try_pack

    services: dict[type, object] = {Recipes: Recipes(lambda document: {})}
    with tempfile.TemporaryDirectory() as root:
        verdicts = try_pack(
            own, engine.registry.types, engine.folders, Path(root).resolve(), services=services
        )
    print("\n".join(table(verdicts)))
    return int(not all(each.passed for each in verdicts))


def doc(pack: Pack, own: list[NodeType], output: Path | None) -> int:
    """Print, or write, a page that says what each node takes and gives."""
    module = sys.modules.get(module_name(pack.path))
    page = page_of_pack(pack.path.stem, inspect.getdoc(module) or "" if module else "", own)
    if output is None:
        print(page)
        return 0
    try:
        output.write_text(page, "utf-8")
    except OSError as error:
        raise Unusable("unwritable", f"{output} cannot be written: {error.strerror}") from error
    return 0


def new(folder: Path, name: str) -> int:
    """Write a pack to start from."""
    try:
        path, ids = write_pack(folder, name)
    except Refused as refused:
        raise Unusable(refused.code, str(refused), refused.remedy) from refused
    except OSError as error:
        raise Unusable("unwritable", f"{folder / name}.py cannot be written: {error.strerror}") from error
    print(f"{path}: {', '.join(ids)}")
    print(f"Edit it while the server runs; `python server.py nodes test {name}` tries its nodes.")
    return 0
