"""CLIP's picture encoder and the safety checker against transformers' and diffusers' numbers."""

import pytest
import torch

from diffusion.checkpoint.keymaps import apply
from diffusion.models.clip_vision import ClipVisionConfig, SafetyChecker, SafetyConfig
from diffusion.safety import CHECKER, detect_checker
from tests.diffusion.golden import Golden, manifest

TINY = SafetyConfig(ClipVisionConfig(width=32, layers=3, heads=4, mlp=128, side=42, projection=24))


@pytest.fixture(scope="module")
def golden() -> Golden:
    return Golden("tiny_safety_checker")


@pytest.fixture(scope="module")
def checker(golden: Golden) -> SafetyChecker:
    network = SafetyChecker(TINY).eval()
    network.load_state_dict(apply(CHECKER, golden.weights))
    return network


@torch.inference_mode()
def test_what_a_picture_shows_matches_the_original(checker: SafetyChecker, golden: Golden) -> None:
    x, vision = golden["x"], checker.vision_model
    torch.testing.assert_close(vision.hidden(x), golden["last_hidden_state"], atol=2e-5, rtol=0)
    torch.testing.assert_close(vision(x), golden["pooled"], atol=2e-5, rtol=0)
    torch.testing.assert_close(
        checker.visual_projection(vision(x)), golden["image_embeds"], atol=2e-5, rtol=0
    )


@torch.inference_mode()
def test_scores_are_the_originals_cosines_minus_the_thresholds(
    checker: SafetyChecker, golden: Golden
) -> None:
    special, concepts = checker(golden["x"])
    weights = golden.weights
    expected = golden["special_cos"] - weights["special_care_embeds_weights"]
    torch.testing.assert_close(special, expected, atol=2e-5, rtol=0)
    expected = golden["concept_cos"] - weights["concept_embeds_weights"]
    torch.testing.assert_close(concepts, expected, atol=2e-5, rtol=0)
    assert torch.equal((concepts > 0).any(dim=1), golden["has_nsfw"])


def test_published_file_is_accounted_for() -> None:
    shapes = manifest("safety-checker")
    tensors = apply(CHECKER, {name: torch.empty(shape, device="meta") for name, shape in shapes.items()})
    assert detect_checker(tensors) == SafetyConfig()
    with torch.device("meta"):
        network = SafetyChecker(SafetyConfig())
    ours = {name: tensor.shape for name, tensor in network.state_dict().items()}
    assert {name: tensor.shape for name, tensor in tensors.items()} == ours
    assert len(shapes) - len(ours) == 1  # the list of positions
