"""LoRAs of differences: the nearest of a rank, under names that are read again."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from diffusion.adapters.extract import extracted, low_rank
from diffusion.adapters.lora import merged_model, merged_text, patch_model, patch_text, read_lora, unmatched
from diffusion.merge import combine_models, combine_text_encoders, subtract, with_weights
from diffusion.models.tokenizer import Tokenizer
from diffusion.values import Model, TextEncoder
from tests.nodes.tiny import networks

DRAWN = torch.Generator().manual_seed(3)


@pytest.mark.parametrize("shape", [(20, 50), (50, 20), (1, 9)])
@pytest.mark.parametrize("rank", [1, 4, 99])
def test_a_product_of_a_rank_is_the_nearest_there_is(shape: tuple[int, int], rank: int) -> None:
    matrix = torch.randn(shape, generator=DRAWN)
    up, down = low_rank(matrix, rank)
    u, s, v = torch.linalg.svd(matrix.double(), full_matrices=False)
    nearest = (u[:, :rank] * s[:rank]) @ v[:rank]
    torch.testing.assert_close(up @ down, nearest, rtol=0, atol=1e-9)
    kept = min(rank, *shape)
    assert up.shape == (shape[0], kept) and down.shape == (kept, shape[1])
    torch.testing.assert_close(up.norm(dim=0), down.norm(dim=1))


def test_what_has_a_lower_rank_loses_nothing_and_nothing_stays_nothing() -> None:
    matrix = torch.outer(torch.ones(6), torch.arange(8.0))
    up, down = low_rank(matrix, 4)
    torch.testing.assert_close((up @ down).float(), matrix)
    assert up.isfinite().all() and down.isfinite().all()


@pytest.fixture(scope="module")
def pair() -> tuple[Model, TextEncoder, Model, TextEncoder]:
    """A model and its text encoder, and both with weights, biases and norms changed here and there."""
    made = networks()
    model = Model(made["model.diffusion_model."].eval().requires_grad_(False))
    clip = TextEncoder(made["cond_stage_model.transformer."].eval().requires_grad_(False), Tokenizer())
    changed = []
    for network in (model.network, clip.network):
        weights = {
            name: parameter + 0.1 * torch.randn(parameter.shape, generator=DRAWN)
            for number, (name, parameter) in enumerate(network.named_parameters())
            if number % 3 == 0
        }
        changed.append(with_weights(network, weights))
    return model, clip, Model(changed[0]), TextEncoder(changed[1], Tokenizer())


def difference(pair: tuple[Model, TextEncoder, Model, TextEncoder]) -> tuple[Model, TextEncoder]:
    model, clip, other, other_clip = pair
    return combine_models(other, model, subtract(1.0)), combine_text_encoders(other_clip, clip, subtract(1.0))


@pytest.mark.parametrize(("kind", "rank"), [("full_diff", 1), ("standard", 4096)])
def test_base_and_extract_are_the_other_model(
    tmp_path: Path, pair: tuple[Model, TextEncoder, Model, TextEncoder], kind: str, rank: int
) -> None:
    """Full ranks and whole differences lose only what float16 does: 5e-4 of differences of 0.1."""
    model, clip, other, other_clip = pair
    told: list[tuple[int, int]] = []
    tensors = extracted(
        *difference(pair), rank, kind, biases=True, on_weight=lambda *counts: told.append(counts)
    )
    assert told[-1][0] == told[-1][1] == len(told) > 100
    save_file(tensors, tmp_path / "made.safetensors")
    lora = read_lora(tmp_path / "made.safetensors")
    assert unmatched(lora, model, clip) == ()
    pairs = (
        (merged_model(patch_model(model, lora, 1.0)).network, other.network),
        (merged_text(patch_text(clip, lora, 1.0)).network, other_clip.network),
    )
    for made, wanted in pairs:
        for name, parameter in wanted.named_parameters():
            torch.testing.assert_close(made.get_parameter(name), parameter, rtol=0, atol=2e-3)


def test_what_is_not_wanted_or_the_same_is_left_out(
    pair: tuple[Model, TextEncoder, Model, TextEncoder],
) -> None:
    some = extracted(*difference(pair), 2, "standard", biases=False)
    assert all(name.endswith((".lora_up.weight", ".lora_down.weight")) for name in some)
    convolution = next(
        name for name, tensor in some.items() if name.endswith("down.weight") and tensor.ndim == 4
    )
    up = some[convolution.replace("lora_down", "lora_up")]
    assert up.shape[1:] == (2, 1, 1) and some[convolution].shape[0] == 2
    assert {name.partition(".")[0] for name in some} == {"diffusion_model", "text_encoders"}
    assert all(tensor.dtype == torch.float16 for tensor in some.values())
    assert extracted(combine_models(pair[0], pair[0], subtract(1.0)), None, 2, "standard", biases=True) == {}
