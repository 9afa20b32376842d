"""Grids of a sweep: every picture in its place is the one that its settings alone give."""

import copy
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from benchmarks.coverage.row import Measured, Run
from benchmarks.coverage.workflows import ROOT
from tests.nodes.bench import Bench, changed, template
from tests.nodes.tiny import write_checkpoint

NAME = "tessera-emoji-v1.safetensors"
AXES = {"cfg": (1.5, 6.0), "seed": (1, 2, 3)}


def grids(run: Run) -> Iterator[Measured]:
    """The shipped comparison of CFG and seeds, and one of five axes, on tiny weights."""
    bench = tiny_bench(run)
    document = changed(
        template("compare_cfg_and_seed"), size={"width": 64, "height": 64}, sampler={"steps": 2}
    )
    sweeps = {name: {"sweep": list(values), "axis": name} for name, values in AXES.items()}
    sheet = picture(bench, changed(document, sampler=sweeps))
    wrong, last = 0, (-1, -1)
    for cfg in AXES["cfg"]:
        for seed in AXES["seed"]:
            place = found(sheet, picture(bench, alone(document, sampler={"cfg": cfg, "seed": seed})))
            wrong += place is None or place <= last  # the rows are CFG, the columns seeds
            last = place or last
    yield Measured("pictures of 6 not in their place of the grid", "each run alone, to the bit", wrong, 0)
    axes = {
        "cfg": sweeps["cfg"],
        "seed": sweeps["seed"],
        "steps": {"sweep": [1, 2], "axis": "steps"},
        "sampler_name": {"sweep": ["euler", "dpmpp_2m"], "axis": "sampler"},
    }
    prompts = {"text": {"sweep": ["a cat", "a dog"], "axis": "prompt"}}
    many = picture(bench, changed(document, sampler=axes, prompt=prompts))
    given = {"cfg": 6.0, "seed": 3, "steps": 1, "sampler_name": "dpmpp_2m"}
    one = picture(bench, alone(changed(document, prompt={"text": "a dog"}), sampler=given))
    bench.executor.close()
    lost = found(many, one) is None
    yield Measured(
        "prompt x CFG x seed x steps x sampler: a picture lost", "run alone, to the bit", int(lost), 0
    )


def tiny_bench(run: Run) -> Bench:
    """The real engine over a folder with a tiny checkpoint under the embedded one's name."""
    root = run.path("comparisons/x").parent
    write_checkpoint(root / "models/checkpoints" / NAME)
    (root / "input").mkdir()
    shutil.copy(ROOT / "input/example.png", root / "input")
    return Bench(root)


def alone(document: Mapping[str, Any], **inputs: Mapping[str, object]) -> dict[str, Any]:
    """The document with settings of its own, and its picture saved without a grid."""
    made = changed(copy.deepcopy(dict(document)), **inputs)
    (grid,) = (each["id"] for each in made["nodes"] if each["type"] == "ImageGrid")
    made["nodes"] = [each for each in made["nodes"] if each["id"] != grid]
    (source,) = (link["from"] for link in made["links"] if link["to"][0] == grid)
    made["links"] = [link for link in made["links"] if link["to"][0] != grid]
    for link in made["links"]:
        if link["from"][0] == grid:
            link["from"] = source
    return made


def picture(bench: Bench, document: Mapping[str, Any]) -> np.ndarray:
    """The one picture that a document saves."""
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    (name,) = ran.names
    return bench.picture(name)


def found(sheet: np.ndarray, part: np.ndarray) -> tuple[int, int] | None:
    """Row and column where a picture lies in another, every pixel equal; None if it does not."""
    height, width = part.shape[:2]
    corners = np.argwhere((sheet[: -height or None, : -width or None] == part[0, 0]).all(-1))
    for top, left in corners:
        if np.array_equal(sheet[top : top + height, left : left + width], part):
            return int(top), int(left)
    return None
