"""Trials of packs: each broken rule is found and named, and what keeps them passes."""

from pathlib import Path

import pytest

from graph.registry import Registry
from nodes.saving import Recipes
from tests.nodes.bench import Bench
from tests.nodes.conftest import bench, checkpoint  # noqa: F401  # fixtures
from tools.new_pack import Refused, write_pack
from tools.trial import run
from tools.trial.run import Verdict, table, try_pack

HEAD = """
from pathlib import Path
from typing import Annotated, Any, Literal
from graph import Artifact, Context, File, Lazy, NodeError, Range, Seed, SocketType, node
from nodes.types import Clip, Conditioning, Guider, Image, Latent, Mask, Model, Sampler, Vae
Box = Annotated[Any, SocketType("BOX")]
Nowhere = Annotated[Any, SocketType("NOWHERE")]
seen = []
"""
GOOD = '''
@node()
def open_box(box: Box) -> int:
    """Needs what the next one makes."""
    return len(box)

@node()
def make_box(image: Image, count: Annotated[int, Range(1, 100_000)] = 2) -> Box:
    return [image.mean().item()] * count

@node()
def gives_all(model: Model, clip: Clip, guider: Guider, sampler: Sampler) -> tuple[Model, Clip]:
    return model, clip.with_layer(-2)

@node()
def many(images: list[Image], mask: Lazy[Mask], picture: Annotated[Path, File("input")]) -> list[Image]:
    return [mask.get()[..., None].repeat(1, 1, 1, 3), *images] if picture.is_file() else []

@node()
def refusing(kind: Literal["soft", "hard"] = "soft") -> int:
    if kind == "hard":
        raise NodeError("not so hard", input="kind")
    return 1

@node(mutates=("image",))
def inverted(image: Image) -> Image:
    return image.neg_().add_(1)

@node(pure=False)
def clock() -> float:
    import time
    return time.perf_counter()

@node()
def scratching(value: int = 0) -> int:
    Path("scratch.tmp").write_text("gone soon")
    Path("scratch.tmp").unlink()
    return value

@node()
async def later(value: int = 0) -> int:
    return value

@node()
def stream(image: Image) -> Iterator[Image]:
    yield image
    yield image * 0.5

@node(sink=True)
def write(value: int, context: Context) -> list[Artifact]:
    (context.folder("output") / "v.txt").write_text(str(value))
    return [Artifact("text", "output", "v.txt")]
'''.replace("@node()\ndef stream", "from collections.abc import Iterator\n\n@node()\ndef stream")
BAD = """
@node()
def spoil(image: Image, amount: float = 0.0) -> Image:
    image += amount
    return image.clamp(0, 1)

@node()
def spoil_view(latent: Latent) -> Latent:
    latent.samples.numpy()[0] = 7
    return latent

@node()
def dice(image: Image) -> Image:
    import torch
    return torch.rand_like(image)

@node()
def counting(value: int = 0) -> int:
    seen.append(value)
    return len(seen)

@node()
def leave(value: int = 0) -> int:
    Path("left.txt").write_text("here")
    return value

@node()
def leave_by_rust(image: Image, context: Context) -> Image:
    from safetensors.torch import save_file
    save_file({"a": image.clone()}, context.folder("output") / "left.safetensors")
    return image

@node()
def remove(picture: Annotated[Path, File("input")]) -> int:
    picture.unlink()
    return 1

@node()
def bright(image: Image) -> Image:
    return image * 2

@node()
def flat(image: Image) -> Mask:
    return image

@node()
def worded(value: int = 0) -> int:
    return str(value)

@node()
def crash(kind: Literal["soft", "hard"] = "soft") -> int:
    return {"soft": 1}[kind]

@node(sink=True)
def promise(value: int = 0) -> list[Artifact]:
    return [Artifact("image", "output", "nothing.png")]
"""
UNTRIED = """
@node()
def needs(thing: Nowhere) -> int:
    return 1

@node()
def stubborn(value: int = 0) -> int:
    raise NodeError("never")
"""


def judged(bench: Bench, text: str, folder: Path) -> dict[str, Verdict]:  # noqa: F811
    (folder / "packs").mkdir()
    (folder / "packs/tried.py").write_text(HEAD + text)
    bench.registry.load_folder(folder / "packs")
    assert not bench.registry.problems
    (pack,) = bench.registry.packs.values()
    root = folder / "scratch"
    root.mkdir()
    verdicts = try_pack(pack.contents.types, bench.registry.types, bench.folders, root)
    assert [each.id for each in verdicts] == [each.id for each in pack.contents.types]
    return {each.id: each for each in verdicts}


def test_nodes_that_keep_the_rules_pass(bench: Bench, tmp_path: Path) -> None:  # noqa: F811
    verdicts = judged(bench, GOOD, tmp_path)
    assert {name: (each.failures, each.untried) for name, each in verdicts.items()} == {
        name: ({}, "") for name in verdicts
    }
    assert {name: each.calls for name, each in verdicts.items() if each.calls < 2} == {"Clock": 1}
    assert verdicts["Refusing"].calls == 2 and verdicts["MakeBox"].calls == 4
    assert not Path("scratch.tmp").exists()


def test_each_broken_rule_is_named(bench: Bench, tmp_path: Path) -> None:  # noqa: F811
    verdicts = judged(bench, BAD, tmp_path)
    said = {
        name: [f"{rule}: {reason}" for rule, reasons in each.failures.items() for reason in reasons]
        for name, each in verdicts.items()
    }
    expected = {
        "Spoil": ["inputs: Spoil.image: the node changed its input in place"],
        "SpoilView": ["inputs: SpoilView.latent: the node changed its input in place"],
        "Dice": ["same: IMAGE differs between two calls: take chance from a Seed"],
        "Counting": ["same: INT differs between two calls"],
        "Leave": ["effects: it writes left.txt: leave that to a sink"],
        "LeaveByRust": ["effects: it writes output/left.safetensors"],
        "Remove": ["effects: it removes input/sample"],
        "Bright": ["types: IMAGE: an IMAGE lies in 0..1, not in "],
        "Flat": ["types: MASK: a MASK is [B, H, W] of torch.float32 on cpu, not [1, 48, 64, 3]"],
        "Worded": ["types: INT: an INT is int, not '0'"],
        "Crash": ["runs: Crash: KeyError: 'hard' (with kind='hard')"],
        "Promise": ["types: it shows the file 'nothing.png' of 'output', which is not there"],
    }
    assert {name: len(each) for name, each in said.items()} == {
        **dict.fromkeys(expected, 1),
        "Remove": 2,  # and a second call finds nothing
    }
    for name, (start,) in expected.items():
        assert said[name][0].startswith(start), said[name]
    lines = list(table(list(verdicts.values())))
    assert lines[1].split() == ["Spoil", "1", "yes", "NO", "yes", "yes", "yes"]
    assert lines[-1].endswith("12 nodes: 0 passed, 12 failed, 0 not tried")


def test_what_cannot_be_tried_says_why(bench: Bench, tmp_path: Path) -> None:  # noqa: F811
    verdicts = judged(bench, UNTRIED, tmp_path)
    assert verdicts["Needs"].untried == "nothing makes a NOWHERE here"
    assert "refuses all generated inputs: Stubborn: never" in verdicts["Stubborn"].untried
    lines = list(table(list(verdicts.values())))
    assert lines[1].split() == ["Needs", "0", "-", "-", "-", "-", "-"]
    assert lines[-1].endswith("2 nodes: 0 passed, 0 failed, 2 not tried")


def test_a_new_pack_passes_and_is_never_written_over(bench: Bench, tmp_path: Path) -> None:  # noqa: F811
    path, ids = write_pack(tmp_path / "custom_nodes", "my_nodes")
    registry: Registry = bench.registry
    registry.load_folder(tmp_path / "custom_nodes")
    assert not registry.problems
    types = registry.packs[path].contents.types
    assert ids == ("MyNodesGrain", "MyNodesSplit") == tuple(each.id for each in types)
    root = tmp_path / "scratch"
    root.mkdir()
    verdicts = try_pack(types, registry.types, bench.folders, root)
    assert [(each.passed, each.untried) for each in verdicts] == [(True, "")] * 2
    path.write_text("mine")
    with pytest.raises(Refused, match="is there already"):
        write_pack(tmp_path / "custom_nodes", "my_nodes")
    assert path.read_text() == "mine"
    for name in ("../out", "My", "class", "a-b", ""):
        with pytest.raises(Refused, match="cannot name a pack"):
            write_pack(tmp_path / "custom_nodes", name)


BEYOND = {"InpaintPreprocessor": ["types"]}
"""A hint whose numbers below 0 say where to fill in: docs/data.md names it as the one such IMAGE."""
TRIED = ("image", "mask", "text", "conditioning")


def test_the_programs_own_nodes_keep_the_rules(
    bench: Bench,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "MOST_SECONDS", 0.1)
    types = bench.registry.types
    own = [each for each in types.values() if each.category.split("/")[0] in TRIED]
    root = tmp_path / "scratch"
    root.mkdir()
    services = {Recipes: Recipes(lambda document: {})}
    verdicts = try_pack(own, types, bench.folders, root, services=services)
    assert {each.id: list(each.failures) for each in verdicts if not each.passed} == BEYOND
    assert sum(not each.untried for each in verdicts) >= 65
