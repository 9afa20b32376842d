"""HED against its definition in plain operations, and its two file layouts."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.checkpoint.errors import MismatchedWeights, UnknownArchitecture
from diffusion.models.hed import Hed
from diffusion.preprocess.edges import BSDS500_MEAN, load_hed, scribble, soft_edges

CPU = torch.device("cpu")
WIDTH = 4
LAYERS = {"One": 2, "Two": 2, "Thr": 3, "Fou": 3, "Fiv": 3}


def published(width: int = WIDTH) -> dict[str, Tensor]:
    """Random weights under the names of ControlNetHED.pth."""
    made = torch.Generator().manual_seed(3)
    tensors = {
        name: torch.randn(tensor.shape, generator=made) * (2 / max(tensor[0].numel(), 1)) ** 0.5
        for name, tensor in Hed(width).state_dict().items()
        if not name.startswith("combine")
    }
    return tensors | {"norm": torch.tensor([120.0, 110, 100])[None, :, None, None]}


def bsds500(prefix: str) -> dict[str, Tensor]:
    """The same convolutions under the names of network-bsds500.pth, which reads blue, green, red."""
    ours, made = published(), torch.Generator().manual_seed(4)
    tensors = {f"{prefix}Combine.0.weight": torch.randn(1, 5, 1, 1, generator=made)}
    tensors[f"{prefix}Combine.0.bias"] = torch.tensor([0.3])
    for block, (name, layers) in enumerate(LAYERS.items(), start=1):
        for kind in ("weight", "bias"):
            tensors[f"{prefix}Score{name}.{kind}"] = ours[f"block{block}.projection.{kind}"]
            for conv in range(layers):
                place = 2 * conv + (block > 1)
                tensors[f"{prefix}Vgg{name}.{place}.{kind}"] = ours[f"block{block}.convs.{conv}.{kind}"]
    tensors[f"{prefix}VggOne.0.weight"] = tensors[f"{prefix}VggOne.0.weight"].flip(1)
    return tensors


def answers(h: Tensor, tensors: dict[str, Tensor]) -> list[Tensor]:
    """The definition: what each of the five blocks answers, at the picture's size."""
    size, found = h.shape[-2:], []
    for block, layers in enumerate(LAYERS.values(), start=1):
        h = F.max_pool2d(h, 2, 2) if block > 1 else h
        for conv in range(layers):
            name = f"block{block}.convs.{conv}"
            h = F.relu(F.conv2d(h, tensors[name + ".weight"], tensors[name + ".bias"], padding=1))
        name = f"block{block}.projection"
        answer = F.conv2d(h, tensors[name + ".weight"], tensors[name + ".bias"])
        found.append(F.interpolate(answer, size=size, mode="bilinear", align_corners=False))
    return found


@pytest.mark.parametrize("size", [(32, 48), (35, 21), (16, 16)])
def test_controlnets_file_averages_the_answers(tmp_path: Path, size: tuple[int, int]) -> None:
    torch.save(published(), tmp_path / "ControlNetHED.pth")
    image = torch.rand(2, *size, 3)
    tensors = published()
    found = answers(image.movedim(-1, 1) * 255 - tensors["norm"], tensors)
    expected = (sum(found) / 5).sigmoid()[:, 0]
    assert expected.std() > 0.01
    made = soft_edges(load_hed(tmp_path / "ControlNetHED.pth", device=CPU), image)
    torch.testing.assert_close(made, expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("prefix", ["net", "module"])
def test_bsds500_file_weighs_the_answers_and_reads_blue_first(tmp_path: Path, prefix: str) -> None:
    given = bsds500(prefix)
    torch.save(given, tmp_path / "network-bsds500.pth")
    image = torch.rand(1, 32, 32, 3)
    bgr = image.flip(-1).movedim(-1, 1) * 255 - torch.tensor(BSDS500_MEAN).flip(0)[:, None, None]
    tensors = published() | {"block1.convs.0.weight": given[f"{prefix}VggOne.0.weight"]}
    weights = given[f"{prefix}Combine.0.weight"].flatten()
    expected = (sum(w * a for w, a in zip(weights, answers(bgr, tensors), strict=True)) + 0.3).sigmoid()[:, 0]
    made = soft_edges(load_hed(tmp_path / "network-bsds500.pth", device=CPU), image)
    torch.testing.assert_close(made, expected, atol=1e-4, rtol=0)


def test_published_shapes() -> None:
    """VGG-16's: 14.7 million weights, as the 58.9 MB of both files have."""
    with torch.device("meta"):
        shapes = {name: tuple(tensor.shape) for name, tensor in Hed().state_dict().items()}
    assert len(shapes) == 1 + 2 * 13 + 2 * 5 + 2
    assert shapes["block1.convs.0.weight"] == (64, 3, 3, 3) and shapes["block5.convs.2.weight"] == (
        512,
        512,
        3,
        3,
    )
    sizes = (torch.Size(shape).numel() for name, shape in shapes.items() if not name.startswith("combine"))
    assert sum(sizes) == 14_714_688 + 64 + 128 + 256 + 512 + 512 + 5 + 3


def test_other_and_incomplete_files_say_so(tmp_path: Path) -> None:
    torch.save({"control_model.zero_convs.0.0.weight": torch.ones(1)}, tmp_path / "a.pth")
    with pytest.raises(UnknownArchitecture, match="a ControlNet, expected a file with the tensors of a HED"):
        load_hed(tmp_path / "a.pth", device=CPU)
    tensors = published()
    del tensors["block3.convs.1.bias"]
    torch.save(tensors, tmp_path / "b.pth")
    with pytest.raises(MismatchedWeights, match=r"1 missing \(block3\.convs\.1\.bias\)"):
        load_hed(tmp_path / "b.pth", device=CPU)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(("size", "resolution"), [((1, 1), 0), ((9, 31), 0), ((40, 30), 64), ((40, 30), 16)])
def test_edges_have_the_pictures_size(channels: int, size: tuple[int, int], resolution: int) -> None:
    made = soft_edges(Hed(WIDTH).eval(), torch.rand(2, *size, channels), resolution)
    assert made.shape == (2, *size) and made.min() >= 0 and made.max() <= 1


def test_scribble_strokes_follow_the_edges() -> None:
    edges = torch.zeros(1, 60, 60)
    edges[0, :, 28:33] = torch.tensor([0.6, 0.9, 1.0, 0.9, 0.6])
    edges[0, :20, 10] = 0.2
    made = scribble(edges, 0.3, 2.0)[0]
    assert set(made.unique().tolist()) == {0.0, 1.0}
    inked = made[30].nonzero().flatten()
    assert inked.float().mean() == 30 and 5 <= len(inked) <= 13
    assert made[:, :20].sum() == 0  # too faint


@pytest.mark.parametrize("size", [(1, 1), (1, 8), (7, 3)])
def test_scribble_keeps_any_size(size: tuple[int, int]) -> None:
    assert scribble(torch.rand(2, *size), 0.2, 3.0).shape == (2, *size)
