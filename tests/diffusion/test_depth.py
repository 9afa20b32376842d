"""Loading depth models of every layout, the sizes at which they look, and the maps that come out."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from diffusion.checkpoint.errors import MismatchedWeights, UnknownArchitecture
from diffusion.checkpoint.keymaps import apply
from diffusion.depth import DEPTH, depth_map, detect_depth, estimate, load_depth, network_size
from diffusion.models.dpt import DPT_HYBRID, DPT_LARGE, Dpt, DptConfig, StemConfig
from diffusion.models.midas_small import MidasSmall, MidasSmallConfig
from tests.diffusion.golden import manifest

CPU = torch.device("cpu")
TINY = DptConfig(
    width=16, layers=4, heads=1, mlp=8, grid=3, stem=None, features=(4, 6, 8, 10), fused=8, head=(6, 4)
)
TINY_HYBRID = DptConfig(
    width=16,
    layers=4,
    heads=1,
    mlp=8,
    grid=3,
    stem=StemConfig(8, (16, 24, 32), (1, 2, 1)),
    features=(16, 24, 8, 10),
    fused=8,
    head=(6, 4),
)
Save = Callable[[Mapping[str, Tensor], str], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def to_file(tensors: Mapping[str, Tensor], name: str = "depth.safetensors") -> Path:
        write = save_file if name.endswith(".safetensors") else torch.save
        write(dict(tensors), tmp_path / name)
        return tmp_path / name

    return to_file


def tiny(config: DptConfig = TINY_HYBRID, bias: float = 3.0) -> Dpt:
    """A network of almost no size, the same at every call, whose depth is not all zero."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = Dpt(config).eval()
    network.scratch.output_conv[4].bias.data.fill_(bias)
    return network


def of_meta(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    return {name: torch.empty(shape, device="meta") for name, shape in shapes.items()}


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("midas-dpt-hybrid", DPT_HYBRID),
        ("midas-dpt-large", DPT_LARGE),
        ("midas-v21-small-256", MidasSmallConfig()),
        ("sd-v2-depth", DPT_HYBRID),
    ],
)
def test_published_files_are_told_apart(name: str, config: object) -> None:
    file = of_meta(manifest(name))
    tensors = apply(DEPTH, file)
    assert detect_depth(tensors, file) == config
    with torch.device("meta"):
        network = Dpt(config) if isinstance(config, DptConfig) else MidasSmall(config)
    assert {key: tensor.shape for key, tensor in network.state_dict().items()} == {
        key: tensor.shape for key, tensor in tensors.items()
    }


@pytest.mark.parametrize("config", [TINY, TINY_HYBRID])
@pytest.mark.parametrize(
    ("prefix", "name"), [("", "a.pt"), ("", "a.safetensors"), ("depth_model.model.", "a.ckpt")]
)
def test_file_gives_back_the_network(save: Save, config: DptConfig, prefix: str, name: str) -> None:
    network = tiny(config)
    tensors = {prefix + key: tensor for key, tensor in network.state_dict().items()}
    tensors |= {prefix + "pretrained.model.head.weight": torch.ones(10, 16), "model.other": torch.ones(1)}
    loaded = load_depth(save(tensors, name), device=CPU)
    assert loaded.config == config
    image = torch.rand(1, 40, 50, 3)
    assert torch.equal(estimate(loaded, image, 64), estimate(network, image, 64))


def test_small_file_loads_although_it_counts_batches(save: Save) -> None:
    network = MidasSmall(MidasSmallConfig()).eval()
    tensors = network.state_dict()
    counters = {
        name.replace("running_mean", "num_batches_tracked"): torch.tensor(7)
        for name in tensors
        if name.endswith("running_mean")
    }
    loaded = load_depth(save({**tensors, **counters}, "small.pt"), device=CPU)
    image = torch.rand(1, 20, 33, 3)
    assert torch.equal(estimate(loaded, image, 64), estimate(network, image, 64))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["lora_unet_x.lora_up.weight"], r"a LoRA.*tensors of a depth model"),
        (["control_model.zero_convs.0.0.weight"], "a ControlNet"),
        (["scratch.output_conv.0.weight", "pretrained.layer1.0.weight"], "MiDaS network of another kind"),
        (["pretrained.model.pos_embed", "scratch.layer4_rn.weight"], "depth model with"),
    ],
)
def test_other_files_say_what_they_are(save: Save, names: list[str], message: str) -> None:
    with pytest.raises(UnknownArchitecture, match=message):
        load_depth(save({name: torch.ones(2, 2) for name in names}, "x.safetensors"), device=CPU)


def test_incomplete_file_says_what_is_missing(save: Save) -> None:
    tensors = tiny().state_dict()
    del tensors["scratch.refinenet2.out_conv.bias"]
    with pytest.raises(MismatchedWeights, match=r"1 missing \(scratch\.refinenet2\.out_conv\.bias\)"):
        load_depth(save(tensors, "x.safetensors"), device=CPU)


# MiDaS's own rule by hand: a DPT changes the size as little as brings one side to 384 (256 for the small
# network, which fits both sides); sides are rounded to multiples of 32.
@pytest.mark.parametrize(
    ("height", "width", "dpt", "small"),
    [
        (512, 512, (384, 384), (256, 256)),
        (512, 768, (384, 576), (160, 256)),  # 256 * 2/3 = 170.7 -> 160
        (768, 512, (576, 384), (256, 160)),
        (100, 200, (192, 384), (128, 256)),  # both sides smaller: the longer one becomes 384
        (300, 600, (384, 768), (128, 256)),
        (1080, 1920, (384, 672), (128, 256)),  # 682.7 -> 672; 144 -> 4.5 * 32, to even -> 128
        (256, 240, (384, 352), (256, 256)),  # 240 -> 7.5 * 32, to even -> 256
        (1, 1, (384, 384), (256, 256)),
        (1000, 10, (384, 32), (256, 32)),
    ],
)
def test_network_looks_at_midas_sizes(
    height: int, width: int, dpt: tuple[int, int], small: tuple[int, int]
) -> None:
    assert network_size(tiny(), height, width, 384) == dpt
    with torch.device("meta"):
        assert network_size(MidasSmall(MidasSmallConfig()), height, width, 256) == small


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_estimate_takes_any_channels_and_each_picture_by_itself(channels: int) -> None:
    network, image = tiny(), torch.rand(3, 40, 61, channels)
    heard = []
    depth = estimate(network, image, 64, on_picture=lambda done, total: heard.append((done, total)))
    assert depth.shape == (3, 32, 64) and depth.dtype == torch.float32
    assert heard == [(1, 3), (2, 3), (3, 3)]
    torch.testing.assert_close(depth[1:2], estimate(network, image[1:2], 64))


def test_estimate_feeds_the_network_centred_pictures() -> None:
    """Grey 0.5 is 0 for a DPT, and the small network sees ImageNet's statistics."""
    dpt, small = tiny(), MidasSmall(MidasSmallConfig()).eval()
    with torch.no_grad():
        assert torch.equal(estimate(dpt, torch.full((1, 64, 64, 3), 0.5), 64), dpt(torch.zeros(1, 3, 64, 64)))
        mean = torch.tensor([0.485, 0.456, 0.406]).expand(1, 64, 64, 3)
        expected = small(torch.zeros(1, 3, 64, 64))
        torch.testing.assert_close(estimate(small, mean, 64), expected, atol=1e-5, rtol=0)


def test_map_spans_black_to_white_near_being_bright() -> None:
    depth = torch.tensor([[[1.0, 2.0], [3.0, 5.0]], [[7.0, 7.0], [7.0, 7.0]]])
    made = depth_map(depth, 2, 2)
    torch.testing.assert_close(made, torch.tensor([[[0, 0.25], [0.5, 1]], [[0, 0], [0, 0.0]]]))
    assert depth_map(depth, 5, 9).shape == (2, 5, 9)
    assert depth_map(depth, 5, 9).amax() == 1
