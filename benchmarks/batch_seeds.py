"""Seeds of a sweep sampled as one batch, beside one by one: `python -m benchmarks.batch_seeds [--quick]`.

The embedded model's default workflow over several seeds, through the whole engine, both ways in turn: CPU
time, or the clock where a GPU does the work.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from graph.cache import Cache
from graph.execute import Executor
from graph.folders import Folders
from graph.plan import plan
from graph.registry import Registry
from graph.workflow import read_document, with_values
from server import CHECKOUT, bytes_of, make_folders

WORKFLOW = CHECKOUT / "workflows/text_to_image.json"
SEEDS = 8


class Bench:
    """The built-in nodes over a folder of its own; the model stays loaded."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders: Folders = make_folders(root)
        self.registry = Registry(self.folders)
        self.registry.load_package("nodes")
        self.cache = Cache(2**31, bytes_of)
        self._seed = 0

    def pictures(self, most: int, first: int) -> list[np.ndarray]:
        """The pictures of so many seeds, of which up to `most` are sampled at once."""
        workflow, _ = read_document(json.loads(WORKFLOW.read_text()))
        assert workflow is not None
        seeds = {"sweep": list(range(first, first + SEEDS)), "axis": "seed"}
        workflow, _ = with_values(
            workflow, {"sampler.seed": seeds, "save.filename_prefix": f"{most}_{first}"}
        )
        planned = plan(
            workflow, self.registry, folders=self.folders, cache=self.cache, numerics=lambda: f"{most}"
        )
        assert planned.ok, planned.problems
        with Executor(self.cache, self.folders, most_together=most) as executor:
            finished = executor.run(planned, run_id="run", emit=lambda event: None)
        assert finished.status == "succeeded", finished.problems
        files = sorted((self.root / "output").glob(f"{most}_{first}_*.png"))
        return [np.asarray(Image.open(file)).astype(int) for file in files]


def measure(quick: bool, most: int, clock: Callable[[], float]) -> dict[str, float]:
    """Seconds for each picture both ways, and the largest difference of any of 255 levels."""
    spent: dict[int, list[float]] = {1: [], most: []}
    difference = 0
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for way in (1, most):  # the model is loaded, and the kernels are chosen
            bench.pictures(way, 10_000)
        for turn in range(2 if quick else 6):
            made = {}
            for way in (1, most) if turn % 2 else (most, 1):
                started = clock()
                made[way] = bench.pictures(way, turn * SEEDS)
                spent[way].append((clock() - started) / SEEDS)
            pairs = zip(made[1], made[most], strict=True)
            difference = max(difference, *(int(np.abs(one - other).max()) for one, other in pairs))
    alone, together = (statistics.median(spent[way]) for way in (1, most))
    return {
        "batch_seeds_alone_s": round(alone, 4),
        "batch_seeds_together_s": round(together, 4),
        "batch_seeds_gain": round(alone / together, 3),
        "batch_seeds_largest_difference": difference,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two turns instead of six")
    parser.add_argument("--most", type=int, default=SEEDS, help="pictures at once (default %(default)d)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    on_gpu = torch.cuda.is_available()
    numbers = measure(options.quick, options.most, time.perf_counter if on_gpu else time.process_time)
    machine = torch.cuda.get_device_name() if on_gpu else platform.machine()
    print(f"{SEEDS} seeds of the default workflow, {options.most} at once, {machine}")
    for name, value in numbers.items():
        print(f"{name:34} {value:8.3f}")
    if options.json:
        options.json.write_text(json.dumps(numbers, indent=2) + "\n")


if __name__ == "__main__":
    main()
