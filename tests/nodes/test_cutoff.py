"""Early cut-off with real values: what changes no value reruns nothing below it."""

from pathlib import Path

import pytest

from diffusion import storing
from graph.disk import Disk
from graph.events import StepCached
from tests.nodes.bench import Bench, changed, template
from tests.nodes.tiny import write_checkpoint


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    write_checkpoint(tmp_path / "models/checkpoints/tiny.safetensors")
    bench = Bench(tmp_path)
    bench.cache.codec = storing
    bench.cache.attach(Disk(tmp_path / "cache", 2**26, storing))
    return bench


@pytest.mark.parametrize("forget", [False, True], ids=["in memory", "on disk"])
def test_a_prompt_with_the_same_tokens_samples_nothing_again(bench: Bench, forget: bool) -> None:
    def picture(text: str, seed: int = 1) -> dict[str, object]:
        return changed(
            template("text_to_image"),
            loader={"ckpt_name": "tiny.safetensors"},
            prompt={"text": text},
            sampler={"steps": 1, "seed": seed},
            size={"width": 64, "height": 64},
        )

    assert bench.run(picture("a cat")).finished.status == "succeeded"
    if forget:
        assert bench.cache.disk is not None
        assert bench.cache.disk.flush(10)
        bench.cache.clear()
    ran = bench.run(picture("  a CAT "))
    quick = {"size"}  # made faster than it is read, so it may not be on disk
    assert ran.did_run - quick == ({"prompt", "loader"} if forget else {"prompt"})
    cached = {event.step for event in ran.of(StepCached)}
    assert {"sampler", "decode", "save"} <= cached
    assert {"sampler", "decode", "save"} <= bench.run(picture("a dog")).did_run
