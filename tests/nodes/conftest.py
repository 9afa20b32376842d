"""The nodes' fixtures: a bench whose folder holds a tiny checkpoint and a picture."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nodes.bench import ROOT, Bench
from tests.nodes.published import Planned, fill, planner
from tests.nodes.tiny import write_checkpoint

CHECKPOINT = "tessera-emoji-v1.safetensors"


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny checkpoint, named as the embedded one, so that the templates run with it."""
    path = tmp_path_factory.mktemp("models") / CHECKPOINT
    write_checkpoint(path)
    return path


@pytest.fixture
def bench(tmp_path: Path, checkpoint: Path) -> Iterator[Bench]:
    """The real engine over a fresh folder."""
    for kind in ("checkpoints", "upscale_models"):
        (tmp_path / "models" / kind).mkdir(parents=True)
    (tmp_path / "models/checkpoints" / CHECKPOINT).hardlink_to(checkpoint)
    (tmp_path / "input").mkdir()
    shutil.copy(ROOT / "input/example.png", tmp_path / "input")
    made = Bench(tmp_path)
    yield made
    made.executor.close()


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planned]:
    """Plans over files with the published shapes; nothing can run on them."""
    root = tmp_path_factory.mktemp("published")
    fill(root)
    made = Bench(root)
    yield planner(made)
    made.executor.close()
