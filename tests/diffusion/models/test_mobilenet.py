"""The picture classifier that ships, against TensorFlow.js running the original file."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.checkpoint.files import open_weights
from diffusion.models.mobilenet import CLASSES, PictureClassifier, widened
from diffusion.safety import for_classifier
from tests.diffusion.golden import Golden, uniform

SHIPPED = Path(__file__).parents[3] / "models/safety/nsfwjs_mobilenet_v2.safetensors"


@pytest.fixture(scope="module")
def network() -> PictureClassifier:
    made = PictureClassifier().eval()
    made.load_state_dict(widened(dict(open_weights(SHIPPED))))
    return made


def soft(name: str, shape: tuple[int, ...], size: tuple[int, int]) -> Tensor:
    """A smooth picture [B, 3, H, W] that depends on `name` only."""
    return (F.interpolate(uniform(name, shape), size=size, mode="bicubic") * 0.5 + 0.5).clamp(0, 1)


@torch.inference_mode()
def test_probabilities_are_those_of_the_original_interpreter(network: PictureClassifier) -> None:
    x = soft("safety", (3, 3, 14, 14), (224, 224))
    x[2] = uniform("safety noise", (3, 224, 224)) * 0.5 + 0.5
    expected = Golden("nsfwjs_mobilenet")["out"]
    assert expected[2].max() < 0.9  # noise is no clear case: a constant answer would not pass
    torch.testing.assert_close(network(x), expected, atol=2e-5, rtol=0)


@torch.inference_mode()
def test_a_picture_of_another_size_is_scaled_as_the_original_does(network: PictureClassifier) -> None:
    (picture,) = soft("safety picture", (1, 3, 6, 9), (60, 90)).movedim(1, -1)
    expected = Golden("nsfwjs_mobilenet")["resized"]
    torch.testing.assert_close(network(for_classifier(picture)), expected, atol=2e-5, rtol=0)
    assert expected.shape == (1, len(CLASSES))
