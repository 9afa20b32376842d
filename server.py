"""Tessera's command line and composition root: serve (default), run, plan, replay, import, export, nodes."""

import argparse
import asyncio
import gc
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from compat.formats import FORMATS, write_as
from compat.local_files import LocalFiles
from compat.nodes.packs import ComfyPacks
from compat.object_info import known_nodes
from compat.reading import read_path
from compat.recipe import texts
from diffusion import looking, storing
from diffusion.host import BUDGET, allowed_bytes
from diffusion.loaded import BackgroundTorch
from diffusion.metering import Metering
from diffusion.numerics import environment, library_digest, numerics_mode
from diffusion.prompt.counting import count
from graph.cache import Cache
from graph.devices import Devices
from graph.disk import Disk
from graph.execute import Executor
from graph.folders import Folders
from graph.registry import Registry
from graph.trace import Trace
from nodes.locking import Environment
from nodes.saving import Recipes
from service import VERSION
from service.command_line import Commands, Unusable, ask_server, make_parser, read_json, write_json
from service.engine import Engine, Order
from service.terminal import Coordinate, Teller, print_nodes, print_plan, print_problems

CHECKOUT = Path(__file__).resolve().parent
SMALLEST_CACHE = 2**29
COLLECT_AFTER = (10_000, 10, 10)
"""For gc.set_threshold: plans are small objects that stay; 10,000 nodes take 37 us each, not 62."""
DIFFERS = 3
"""The exit status of a replay that gave another picture."""
WRITING = 30.0
"""Seconds that `run` may take, after its end, to write results that it is asked to keep."""


class OutputTo(Folders):
    """Folders whose results go where the command line says."""

    def __init__(self, folders: Folders, output: Path, kinds: Sequence[str] = ("output",)) -> None:
        super().__init__(folders.root)
        self._folders, self._output, self._kinds = folders, output.resolve(), kinds

    def directories(self, kind: str) -> tuple[Path, ...]:
        return (self._output,) if kind in self._kinds else self._folders.directories(kind)


def make_folders(root: Path) -> Folders:
    """The folders below a root; the models that ship are found from everywhere."""
    shipped = [path for path in (CHECKOUT / "models").glob("*") if path.is_dir() and root != CHECKOUT]
    return Folders(root, {path.name: [path] for path in shipped})


def make_engine(
    folders: Folders,
    *,
    custom_nodes: bool,
    safe_mode: bool = False,
    check_nodes: bool = False,
    disk_gigabytes: float = 0.0,
    batch_seeds: int = 1,
    devices: Sequence[str] = (),
) -> Engine:
    registry = Registry(folders)
    packs = ComfyPacks(registry, folders)
    cache = Cache(cache_budget(), bytes_of, codec=storing)
    torch = BackgroundTorch()

    def load() -> None:
        registry.load_package("nodes")
        if safe_mode:
            registry.list_folder(folders.root / "custom_nodes")
        elif custom_nodes:
            registry.load_folder(folders.root / "custom_nodes", packs)
        if disk_gigabytes > 0 and not check_nodes:  # what is known is not called, and so not checked
            attach_disk(cache, folders.root / "user/cache", disk_gigabytes)

    def import_file(path: Path) -> Mapping[str, Any] | None:
        return read_path(path, known_nodes(registry.types), LocalFiles(folders)).document

    def recipe_texts(document: Mapping[str, Any]) -> Mapping[str, str]:
        return texts(document, known_nodes(registry.types))

    services = {
        Recipes: Recipes(recipe_texts),
        Environment: Environment(partial(environment, VERSION, batch_seeds)),
        ComfyPacks: packs,
    }
    executor = Executor(
        cache,
        folders,
        services=services,
        fingerprint=fingerprint_of if check_nodes else None,
        meter=Metering(),
        most_together=batch_seeds,
        devices=several(devices) if len(devices) > 1 else None,
    )
    packs.host.executor = executor
    return Engine(
        registry, folders, cache, executor, load, torch.warm, torch.describe, import_file,
        partial(numerics_mode, batch_seeds),
        looking,
        count_tokens=partial(count_tokens, folders),
    )  # fmt: skip


def count_tokens(folders: Folders, text: str, rules: Any, steps: int) -> Mapping[str, object]:
    """The windows of a prompt as they would be encoded, with the embeddings that lie here."""

    def vectors(file: str) -> int:
        from diffusion.adapters.embeddings import vector_count
        from diffusion.checkpoint.errors import CheckpointError
        from diffusion.errors import Unsuitable

        try:
            return vector_count(folders.resolve("embeddings", file))
        except (Unsuitable, CheckpointError, OSError):
            return 0  # the plan says what is wrong with the file

    return count(text, rules, names=folders.names("embeddings"), vectors=vectors, steps=steps)._asdict()


def several(names: Sequence[str]) -> Devices:
    """A lane for each device; a step goes to a free one that holds its models."""
    from diffusion.places import best_of, computing_at, places_named

    try:
        places = places_named(names)
    except (RuntimeError, ValueError, AssertionError) as error:  # the last where torch has no CUDA
        raise Unusable("unknown_device", f"--devices {','.join(names)}: {error}") from error

    def best(free: Sequence[int], values: Sequence[object]) -> int:
        return free[best_of([places[position] for position in free], values)]

    return Devices([place.name for place in places], lambda position: computing_at(places[position]), best)


def attach_disk(cache: Cache, folder: Path, gigabytes: float) -> None:
    """Keep results on disk, in up to so much and a quarter of what is free; where that fails, say so."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        disk = Disk(folder, int(gigabytes * 2**30), storing, generation=library_digest(CHECKOUT / "compat"))
        room = shutil.disk_usage(folder).free + disk.total_bytes
        disk.budget_bytes = min(disk.budget_bytes, room // 4)
        cache.attach(disk)
    except (OSError, sqlite3.Error) as error:
        print(f"warning: results are not kept on disk: {folder}: {error}", file=sys.stderr)


def fingerprint_of(value: object) -> object:
    """What differs after a node has changed a value in place."""
    if isinstance(value, str | int | float | None):
        return value
    from diffusion.fingerprint import fingerprint_of as fingerprint_of_tensors

    return fingerprint_of_tensors(value)


def bytes_of(value: object) -> int:
    """What a value keeps in memory; the simple ones must not wait for torch."""
    if isinstance(value, str | int | float | None):
        return sys.getsizeof(value)
    from diffusion.memory import bytes_of as bytes_of_tensors

    return max(sys.getsizeof(value), bytes_of_tensors(value))


def cache_budget() -> int:
    """A quarter of the memory that this process may use."""
    return max(SMALLEST_CACHE, allowed_bytes() // 4)


def serve(options: argparse.Namespace) -> int:
    """Serve the editor and the protocol until a signal ends it."""
    from compat.server.app import add_comfy
    from service.hosting import GOODBYE, host

    engine = make_engine(
        make_folders(options.root),
        custom_nodes=options.custom_nodes,
        safe_mode=options.safe_mode,
        check_nodes=options.check_nodes,
        disk_gigabytes=options.disk_cache,
        batch_seeds=options.batch_seeds,
        devices=options.devices,
    )
    code = asyncio.run(
        host(
            engine, CHECKOUT,
            listen=options.listen, port=options.port, open_browser=options.open, extend=add_comfy,
            token=options.token, open_to_all=options.no_token, log_json=options.log_json,
        )
    )  # fmt: skip
    engine.cache.close(GOODBYE)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads may still import torch or compute; they must not delay the end, nor be torn down inside it.
    os._exit(code)


def run(options: argparse.Namespace) -> int:
    """Run a workflow here, without a server."""
    folders = make_folders(options.root)
    if options.output:
        folders = OutputTo(folders, options.output)
    engine = make_engine(
        folders,
        custom_nodes=options.custom_nodes,
        check_nodes=options.check_nodes,
        disk_gigabytes=options.disk_cache,
        batch_seeds=options.batch_seeds,
        devices=options.devices,
    )
    engine.load()
    document = read_json(options.file)
    values = engine.typed_values(document, dict(options.set))
    values |= engine.swept_values(document, dict(options.sweep))
    order = engine.order(document, targets=options.targets, values=values)
    print_problems([problem.to_json() for problem in (*engine.registry.problems, *order.plan.problems)])
    if not order.plan.ok:
        return 1
    trace = Trace() if options.trace else None
    status, _ = carry_out(engine, order, folders, trace)
    if trace is not None:
        write_trace(trace, options.trace)
    engine.cache.close(WRITING)
    return status


def carry_out(
    engine: Engine, order: Order, folders: Folders, trace: Trace | None = None
) -> tuple[int, list[tuple[Coordinate, Path]]]:
    """Run an order, telling how it goes, until its end or a signal; the exit status and what was saved."""
    cancel = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: cancel.set())
    signal.signal(signal.SIGTERM, lambda *_: cancel.set())
    teller = Teller(folders)
    finished = engine.executor.run(
        order.plan, run_id="run", emit=teller, cancel=cancel, document=order.document, trace=trace
    )
    print_problems([problem.to_json() for problem in finished.problems])
    return {"succeeded": 0, "failed": 1, "cancelled": 130}[finished.status], teller.saved


def write_trace(trace: Trace, path: Path) -> None:
    try:
        trace.write(path)
    except OSError as error:
        raise Unusable("unwritable", f"{path} cannot be written: {error.strerror}") from error


def replay(options: argparse.Namespace) -> int:
    """Make a saved picture again from the picture alone; --verify says whether it is the same."""
    from diffusion.pixels import difference, pixel_digest
    from service.protocol import Refusal
    from service.replay import judge, read_saved

    try:
        saved = read_saved(options.file)
    except Refusal as refusal:
        print_problems([problem.to_json() for problem in refusal.problems])
        return 1
    except OSError as error:
        raise Unusable("file_not_found", f"{options.file} cannot be read: {error.strerror}") from error
    folders = make_folders(options.root)
    with tempfile.TemporaryDirectory() as scratch:
        if options.verify or options.output:
            folders = OutputTo(folders, options.output or Path(scratch), ("output", "temp"))
        engine = make_engine(folders, custom_nodes=options.custom_nodes)  # no disk: all of it is made again
        engine.load()
        node = saved.lock.get("node")
        order = engine.order(saved.document, targets=[node] if isinstance(node, str) else None)
        print_problems([problem.to_json() for problem in order.plan.problems])
        if not order.plan.ok:
            return 1
        status, made = carry_out(engine, order, folders)
        if status or not options.verify:
            return status
        verdict = judge(options.file, saved.among(made), compare=difference, digest=pixel_digest)
    print("\n".join(verdict.lines))
    return 0 if verdict.is_exact else DIFFERS


def plan(options: argparse.Namespace) -> int:
    """Print what a run would do, and what is cached: here, or in a server that runs."""
    document = read_json(options.file)
    if options.server:
        planned = ask_server(options.server, document)
    else:
        engine = make_engine(
            make_folders(options.root),
            custom_nodes=options.custom_nodes,
            disk_gigabytes=options.disk_cache,
            batch_seeds=options.batch_seeds,
        )
        engine.load()
        planned = engine.order(document, targets=options.targets).plan.to_json()
    print_plan(planned["steps"], planned.get("facts", {}))
    print_problems(planned["problems"])
    return 1 if any(problem["severity"] == "error" for problem in planned["problems"]) else 0


def nodes(options: argparse.Namespace) -> int:
    """List the catalogue; or list, test, document and start packs of your own."""
    if options.action != "list":
        from tools.pack_commands import about_pack

        return about_pack(options, lambda: make_engine(make_folders(options.root), custom_nodes=True))
    engine = make_engine(make_folders(options.root), custom_nodes=options.custom_nodes)
    engine.load()
    print_nodes(engine.registry.types)
    print_problems([problem.to_json() for problem in engine.registry.problems])
    return 0


def import_(options: argparse.Namespace) -> int:
    """Make a workflow of another program's file: ComfyUI's JSON, or a picture with a recipe."""
    document, _ = read_workflow(options)
    if document is None:
        return 1
    write_json(document, options.output)
    return 0


def export(options: argparse.Namespace) -> int:
    """Write a workflow as ComfyUI's graph or prompt, or as A1111's infotext."""
    document, engine = read_workflow(options)
    if document is None:
        return 1
    workflow, _ = engine.read(document) if options.format == "infotext" else (None, ())
    document = engine.recorded(workflow) if workflow else document  # it tells hashes
    made = write_as(options.format, document, known_nodes(engine.registry.types))
    if made == "":
        remedy = "Export it as ui or api."
        raise Unusable("too_much_to_say", f"{options.file} does more than {options.format} can say", remedy)
    write_json(made, options.output)
    return 0


def read_workflow(options: argparse.Namespace) -> tuple[Mapping[str, Any] | None, Engine]:
    """The workflow in a file of any program that we know, and the engine that knows node types and files."""
    engine = make_engine(make_folders(options.root), custom_nodes=options.custom_nodes)
    engine.load()
    info, local = known_nodes(engine.registry.types), LocalFiles(engine.folders)
    document, problems = read_path(options.file, info, local)
    print_problems([problem.to_json() for problem in problems])
    return document, engine


COMMANDS: Commands = {
    **{"serve": serve, "run": run, "plan": plan, "nodes": nodes},
    **{"replay": replay, "import": import_, "export": export},
}


def main(arguments: Sequence[str]) -> int:
    gc.set_threshold(*COLLECT_AFTER)
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        arguments = ["serve", *arguments]
    parser = make_parser(COMMANDS, root=CHECKOUT, about=__doc__, formats=tuple(FORMATS))
    options = parser.parse_args(arguments)
    if getattr(options, "memory", None):
        os.environ[BUDGET] = str(options.memory)
    try:
        code: int = options.command(options)
    except Unusable as error:
        print_problems([error.problem.to_json()])
        return 1
    except BrokenPipeError:
        # Whoever read the output has left, like `nodes | head`; closing stdout must not fail for it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
