"""A long folder through a graph in bounded memory: `python -m benchmarks.stream [--quick] [--json FILE]`.

Pictures of 256 x 256 are read, inverted and saved: by a map, which lets each of them through before the next,
and, as the baseline, by mapped nodes, which hold all that they make. Each in a process of its own, with a
cache of 64 MB; memory is the peak of what the process held, beyond what it held before the run.
"""

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
MANY, QUICK = 10_000, 600
HELD = 600
"""Pictures of the baseline: more would not fit into a small machine's memory."""
SIZE, CACHE = 256, 2**26
THROUGH = {
    "id": "through",
    "kind": "map",
    "inputs": [{"name": "image", "type": "IMAGE", "each": True}],
    "outputs": [],
    "nodes": [
        {"id": "invert", "type": "ImageInvert", "inputs": {}},
        {"id": "save", "type": "SaveImage", "inputs": {}},
    ],
    "links": [
        {"from": ["@in", "image"], "to": ["invert", "image"]},
        {"from": ["invert", "IMAGE"], "to": ["save", "images"]},
    ],
}


def document(kind: str) -> dict[str, Any]:
    load = {"id": "load", "type": "LoadImagesFromFolder", "inputs": {}}
    made = {"format": "tessera.workflow", "version": 1}
    if kind == "map":
        nodes = [load, {"id": "map", "type": "@through", "inputs": {}}]
        links = [{"from": ["load", "IMAGE"], "to": ["map", "image"]}]
        return {**made, "nodes": nodes, "links": links, "subgraphs": [THROUGH]}
    nodes = [load, *(dict(node) for node in THROUGH["nodes"])]  # type: ignore[call-overload]
    ends = [("load", "IMAGE", "invert", "image"), ("invert", "IMAGE", "save", "images")]
    return {**made, "nodes": nodes, "links": [{"from": [a, b], "to": [c, d]} for a, b, c, d in ends]}


def measure(count: int, held: int) -> dict[str, float]:
    """Pictures a second and megabytes, of both ways."""
    numbers: dict[str, float] = {}
    for kind, pictures in (("map", count), ("mapped", held)):
        with tempfile.TemporaryDirectory() as root:
            command = [sys.executable, "-m", "benchmarks.stream", "--only", kind, "--pictures", str(pictures)]
            done = subprocess.run([*command, root], cwd=CHECKOUT, capture_output=True, text=True, check=True)
            made = json.loads(done.stdout.splitlines()[-1])
        numbers |= {f"{kind}_{name}": value for name, value in made.items()}
    return numbers


def run(kind: str, root: Path, count: int) -> dict[str, float]:
    """One way in this process."""
    import numpy as np
    from PIL import Image

    from graph.events import Event, StepFinished
    from server import make_engine, make_folders

    folder = root / "input"
    folder.mkdir(parents=True)
    chance = np.random.default_rng(1)
    for place in range(count + 1):
        noise = chance.integers(0, 256, (16, 16, 3), np.uint8)
        picture = Image.fromarray(noise).resize((SIZE, SIZE))
        picture.save(folder / f"{place:06}.jpg")
    engine = make_engine(make_folders(root), custom_nodes=False)
    engine.cache.budget_bytes = CACHE
    engine.load()
    saved = 0

    def heard(event: Event) -> None:
        nonlocal saved
        saved += len(event.artifacts) if isinstance(event, StepFinished) else 0

    first = engine.order(document(kind), values={"load.count": 1})  # imports torch
    engine.executor.run(first.plan, run_id="first", emit=lambda event: None, document=first.document)
    order = engine.order(document(kind), values={"load.start": 1})
    assert order.plan.ok, order.plan.problems
    before, started = peak(), time.perf_counter()
    finished = engine.executor.run(order.plan, run_id="run", emit=heard, document=order.document)
    seconds = time.perf_counter() - started
    engine.executor.close()
    assert (finished.status, saved) == ("succeeded", count), finished.problems
    return {
        "pictures": float(count),
        "pictures_per_s": round(count / seconds, 1),
        "growth_mb": round((peak() - before) / 2**20, 1),
    }


def peak() -> int:
    """The most bytes that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def table(numbers: Mapping[str, float]) -> str:
    machine = f"{platform.machine()} Python {platform.python_version()}"
    rows = [("what", "map", "mapped nodes", "machine")]
    for name in ("pictures", "pictures_per_s", "growth_mb"):
        rows.append((name, f"{numbers[f'map_{name}']:.1f}", f"{numbers[f'mapped_{name}']:.1f}", machine))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} pictures instead of {MANY}")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    parser.add_argument("--only", choices=["map", "mapped"], help="one way, in this process")
    parser.add_argument("--pictures", type=int, default=QUICK)
    parser.add_argument("root", type=Path, nargs="?", help="an empty folder, with --only")
    options = parser.parse_args()
    if options.only:
        print(json.dumps(run(options.only, options.root, options.pictures)))
        return
    numbers = measure(QUICK if options.quick else MANY, QUICK // 2 if options.quick else HELD)
    print(table(numbers))
    if options.json:
        options.json.write_text(json.dumps(numbers, indent=2) + "\n")


if __name__ == "__main__":
    main()
