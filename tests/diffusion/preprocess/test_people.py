"""Segmentation against LiteRT's numbers, and on a photograph.

The photograph is NASA's portrait of Eileen Collins, which is in the public domain.
"""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from diffusion.checkpoint.errors import UnknownArchitecture
from diffusion.images import read_image
from diffusion.models.selfie import SelfieSegmentation
from diffusion.preprocess.people import load_segmentation, person_mask
from tests.diffusion.golden import Golden, uniform

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "models/segmentation/selfie_segmentation.safetensors"


@pytest.fixture(scope="module")
def network() -> SelfieSegmentation:
    return load_segmentation(SHIPPED, device=torch.device("cpu"))


@torch.inference_mode()
def test_matches_the_original_interpreter(network: SelfieSegmentation) -> None:
    x = (F.interpolate(uniform("selfie", (1, 3, 8, 8)), size=(256, 256), mode="bicubic") * 0.5 + 0.5).clamp(
        0, 1
    )
    expected = Golden("selfie_segmentation")["out"]
    assert expected.max() > 0.3
    torch.testing.assert_close(network(x)[:, 0, ::4, ::4], expected, atol=1e-4, rtol=0)


def test_finds_the_person_in_a_photograph(network: SelfieSegmentation) -> None:
    """Rough places by eye: face and suit; not the flag's far corner nor the shuttle model's sky."""
    image, _ = read_image(ROOT / "tests/data/astronaut.jpg")
    mask = person_mask(network, image)[0]
    assert mask.shape == image.shape[1:3]
    face, suit, flag, sky = mask[30:60, 70:95], mask[75:110, 45:100], mask[10:60, 2:20], mask[5:40, 140:190]
    assert face.mean() > 0.95 and suit.mean() > 0.95
    assert flag.mean() < 0.1 and sky.mean() < 0.1


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (33, 301)])
def test_any_size_and_channels(network: SelfieSegmentation, channels: int, size: tuple[int, int]) -> None:
    mask = person_mask(network, torch.rand(2, *size, channels))
    assert mask.shape == (2, *size) and mask.min() >= 0 and mask.max() <= 1


def test_other_files_say_what_they_are(tmp_path: Path) -> None:
    torch.save({"emb_params": torch.ones(1)}, tmp_path / "x.pt")
    with pytest.raises(UnknownArchitecture, match="a textual inversion"):
        load_segmentation(tmp_path / "x.pt")
