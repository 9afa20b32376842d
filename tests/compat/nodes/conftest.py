"""Packs as users have them, loaded beside the built-in nodes into the real engine."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from compat.nodes.packs import ComfyPacks
from tests.nodes.bench import Bench
from tests.nodes.tiny import write_checkpoint

HERE = Path(__file__).parent
CHECKPOINT = "tessera-emoji-v1.safetensors"


class PackBench(Bench):
    """The engine with a folder of packs; every call is checked to leave its inputs as they are."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.packs = ComfyPacks(self.registry, self.folders)
        self.packs.host.executor = self.executor

    def load(self) -> None:
        self.registry.load_folder(self.root / "custom_nodes", self.packs)

    def add(self, name: str, text: str) -> None:
        """Write a pack of one file."""
        (self.root / "custom_nodes" / name).write_text(text)

    def texts_of(self, ran: Any) -> dict[str, list[str]]:
        """What the nodes of a run have shown as text."""
        from graph.events import StepFinished

        shown = {event.step: [each.text for each in event.artifacts] for event in ran.of(StepFinished)}
        return {step: texts for step, texts in shown.items() if any(text is not None for text in texts)}


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / CHECKPOINT
    write_checkpoint(path)
    return path


@pytest.fixture
def empty(tmp_path: Path, checkpoint: Path) -> Iterator[PackBench]:
    """The engine over a fresh folder, with a tiny checkpoint and a small picture, but without packs."""
    for kind in ("models/checkpoints", "input", "custom_nodes"):
        (tmp_path / kind).mkdir(parents=True)
    (tmp_path / "models/checkpoints" / CHECKPOINT).hardlink_to(checkpoint)
    pixels = bytes(range(0, 8 * 8 * 3))
    Image.frombytes("RGB", (8, 8), pixels).save(tmp_path / "input/small.png")
    made = PackBench(tmp_path)
    yield made
    made.executor.close()


@pytest.fixture
def bench(empty: PackBench) -> PackBench:
    """The same, with all packs of this folder loaded."""
    shutil.copytree(HERE / "packs", empty.root / "custom_nodes", dirs_exist_ok=True)
    empty.load()
    return empty


def saved(name: str) -> dict[str, Any]:
    """A workflow of this folder."""
    return json.loads((HERE / "workflows" / f"{name}.json").read_text("utf-8"))
