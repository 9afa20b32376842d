"""Nodes and documents that the tests of sweeps share; `grid` is a fixture of the folder."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from graph import Artifact, Axes, Context, File, Lazy, Range, Seed, node
from graph.events import StepFinished
from graph.plan import Plan
from tests.graph.sample import Bench, Ran, document

calls: list[tuple[Any, ...]] = []


@node(lane="io")
def load(name: Annotated[Path, File("models")]) -> str:
    calls.append(("load", name.name))
    return name.stem


@node()
def blank(size: int = 8) -> int:
    calls.append(("blank", size))
    return size


@node(lane="gpu")
def sample(
    model: str, latent: int, context: Context, seed: Seed = 0, cfg: Annotated[float, Range(0, 100)] = 7.0
) -> str:
    calls.append(("sample", model, seed, cfg))
    context.progress(1, 1)
    return f"{model} {latent} {seed} {cfg:g}"


@node()
def tile(pictures: list[str], axes: Axes, title: str = "") -> str:
    calls.append(("tile", *pictures))
    return json.dumps([title, pictures, [[axis.name, *axis.values] for axis in axes]])


@node(sink=True)
def store(text: str, context: Context) -> tuple[Artifact, ...]:
    calls.append(("store", text))
    (context.folder("output") / "a.json").write_text(json.dumps(context.document))
    return (Artifact("text", text=text),)


@node()
def several(count: int = 2, text: str = "") -> list[str]:
    return [f"{text}{place}" for place in range(count)]


@node()
def choose(which: bool, first: Lazy[str], second: Lazy[str]) -> str:
    return (second if which else first).get()


@node()
def echo(text: str) -> str:
    return text


FUNCTIONS = (echo, load, blank, sample, tile, store, several, choose)


def grid_of(make_bench: Callable[..., Bench], tmp_path: Path) -> Bench:
    """A bench with these nodes and three models."""
    calls.clear()
    (tmp_path / "models/models").mkdir(parents=True)
    bench = make_bench(*FUNCTIONS)
    folder = bench.folders.folder("models")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("a", "b", "c"):
        (folder / name).write_text(name)
    return bench


def swept(*values: object, axis: str | None = None) -> dict[str, object]:
    return {"sweep": list(values)} | ({} if axis is None else {"axis": axis})


def comparison(gathers: bool = True, **inputs: Mapping[str, object]) -> dict[str, Any]:
    """loader -> sampler -> (tile ->) store, with the literals that are given by node."""
    plain: dict[str, dict[str, object]] = {"loader": {"name": "a"}, "sampler": {"seed": 1}}
    given = {name: {**plain.get(name, {}), **inputs.get(name, {})} for name in (*plain, *inputs)}
    kinds = {"blank": "Blank", "loader": "Load", "sampler": "Sample", "store": "Store"}
    links = ["loader.STRING > sampler.model", "blank.INT > sampler.latent"]
    if gathers:
        kinds["tile"] = "Tile"
        links += ["sampler.STRING > tile.pictures", "tile.STRING > store.text"]
    else:
        links.append("sampler.STRING > store.text")
    return document({name: (kind, given.get(name, {})) for name, kind in kinds.items()}, *links)


def counted() -> Counter[str]:
    return Counter(str(call[0]) for call in calls)


def told(ran: Ran) -> list[Any]:
    """What the one sink got of the tile."""
    (event,) = [event for event in ran.of(StepFinished) if event.artifacts]
    return json.loads(event.artifacts[0].text)


def problems(planned: Plan) -> list[tuple[str, str | None, str | None, str]]:
    return [(each.code, each.node, each.input, each.message) for each in planned.problems]
