"""Seeds that are sampled as one batch give the pictures that they give one by one."""

from typing import Any

import numpy as np
import pytest
import torch

from graph.execute import Executor
from nodes.sampling import is_one_picture
from tests.nodes.bench import Bench, changed, template

SEEDS = [3, 9, 2**63 + 5]


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks in float32, as the bits of a batch and of one picture are compared."""
    for name in ("compute_dtype", "wide_dtype"):
        monkeypatch.setattr(f"diffusion.checkpoint.load.{name}", lambda device: torch.float32)


@pytest.fixture
def count_samplings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pictures each sampling had."""
    from diffusion.sampling import run

    counted: list[int] = []
    sample_custom = run.sample_custom

    def counting(model: Any, guider: Any, latent: Any, *given: Any, **more: Any) -> Any:
        counted.append(len(latent.samples))
        return sample_custom(model, guider, latent, *given, **more)

    monkeypatch.setattr(run, "sample_custom", counting)
    return counted


def together(bench: Bench, most: int) -> Bench:
    old = bench.executor
    bench.executor = Executor(bench.cache, bench.folders, services=old.services, most_together=most)
    old.close()
    return bench


def swept(pictures: int = 1, **sampler: Any) -> dict[str, Any]:
    seeds = {"sweep": SEEDS, "axis": "seed"}
    size = {"width": 64, "height": 64, "batch_size": pictures}
    return changed(template("text_to_image"), size=size, sampler={"seed": seeds, "steps": 3, **sampler})


def pictures(bench: Bench, document: dict[str, Any]) -> list[np.ndarray]:
    bench.cache.clear()
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    finished = {event.step: event.artifacts for event in [*ran.events] if getattr(event, "artifacts", ())}
    names = [artifact.name for step in sorted(finished) for artifact in finished[step]]
    return [bench.picture(name).astype(int) for name in names]


SAMPLERS = ["euler_ancestral", "dpmpp_2m_sde", "uni_pc"]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_batch_of_seeds_gives_the_pictures_of_each_alone(
    bench: Bench, sampler: str, count_samplings: list[int]
) -> None:
    document = swept(sampler_name=sampler)
    alone = pictures(bench, document)
    assert count_samplings == [1, 1, 1]
    batch = pictures(together(bench, 8), document)
    assert count_samplings == [1, 1, 1, 3]
    assert len(alone) == len(batch) == len(SEEDS)
    assert max(np.abs(one - other).max() for one, other in zip(alone, batch, strict=True)) <= 1
    assert min(np.abs(alone[0] - other).max() for other in alone[1:]) > 1  # they differ from each other


def test_a_sampler_that_looks_at_the_whole_batch_does_not_fit() -> None:
    from diffusion.values import Latent

    single = Latent(torch.zeros(1, 4, 8, 8))
    assert is_one_picture({"latent_image": single, "sampler_name": "euler"})
    assert not is_one_picture({"latent_image": single, "sampler_name": "dpm_adaptive"})


def test_a_latent_of_several_pictures_is_sampled_by_itself(bench: Bench, count_samplings: list[int]) -> None:
    pictures(together(bench, 8), swept(2))
    assert count_samplings == [2, 2, 2]


def test_a_mask_goes_with_each_seed(bench: Bench, count_samplings: list[int]) -> None:
    document = changed(template("inpaint"), sampler={"seed": {"sweep": SEEDS, "axis": "seed"}, "steps": 2})
    alone = pictures(bench, document)
    batch = pictures(together(bench, 8), document)
    assert count_samplings == [1, 1, 1, 3]
    assert max(np.abs(one - other).max() for one, other in zip(alone, batch, strict=True)) <= 1


def test_the_advanced_sampler(bench: Bench, count_samplings: list[int]) -> None:
    document = swept()
    for node in document["nodes"]:
        if node["id"] == "sampler":
            inputs = node["inputs"]
            inputs["noise_seed"] = inputs.pop("seed")
            inputs.pop("denoise", None)
            node["type"] = "KSamplerAdvanced"
    alone = pictures(bench, document)
    batch = pictures(together(bench, 2), document)
    assert count_samplings == [1, 1, 1, 2, 1]
    assert max(np.abs(one - other).max() for one, other in zip(alone, batch, strict=True)) <= 1


def test_what_is_known_of_seeds_says_where_the_noise_comes_from() -> None:
    from diffusion.batches import apart, with_seeds
    from diffusion.sampling.noise import noise_source
    from diffusion.values import Latent

    single = Latent(torch.zeros(1, 4, 8, 8), batch_index=(2,))
    seed, batch = with_seeds(single, [10, 3])
    assert (seed, batch.batch_index) == (3, (9, 2))
    both = noise_source("native", seed, batch.samples, batch.batch_index).start()
    each = [noise_source("native", own, single.samples, (2,)).start() for own in (10, 3)]
    assert torch.equal(both, torch.cat(each))
    assert [made.batch_index for made in apart(batch, single)] == [(2,), (2,)]
