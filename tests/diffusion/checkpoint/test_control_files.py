"""Loading ControlNets and T2I-adapters in every layout of their files."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from diffusion.checkpoint.control_files import (
    controlnet_recipe,
    detect_controlnet,
    load_control,
    read_adapter,
)
from diffusion.checkpoint.digest import sampled_digest
from diffusion.checkpoint.errors import CheckpointError, MismatchedWeights, UnknownArchitecture
from diffusion.checkpoint.keymaps import apply
from diffusion.control import ControlModel
from diffusion.models.controlnet import ControlNet, ControlNetConfig
from diffusion.models.t2i_adapter import AdapterConfig, build_adapter
from diffusion.models.unet import UNet, UNetConfig
from diffusion.values import Model
from tests.diffusion.checkpoint import small
from tests.diffusion.golden import manifest, manifest_json

Save = Callable[..., Path]
TINY = ControlNetConfig(small.UNET)
TINY_SD2 = ControlNetConfig(small.UNET_SD2)


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def to_file(tensors: dict[str, Tensor], name: str = "control.safetensors") -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
        return path

    return to_file


def load(path: Path, **options: object) -> ControlModel:
    return load_control(path, device=torch.device("cpu"), dtype=torch.float32, **options)


def tiny(config: ControlNetConfig = TINY) -> dict[str, Tensor]:
    return small.random_weights(ControlNet(config), 3)


def below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def same(model: ControlModel, tensors: dict[str, Tensor]) -> bool:
    weights = model.network.state_dict()
    return weights.keys() == tensors.keys() and all(torch.equal(weights[k], tensors[k]) for k in weights)


@pytest.mark.parametrize("prefix", ["control_model.", ""])
@pytest.mark.parametrize("config", [TINY, TINY_SD2], ids=["sd1", "sd2"])
def test_original_files_load_with_and_without_their_prefix(
    save: Save, prefix: str, config: ControlNetConfig
) -> None:
    path = save(below(prefix, tiny(config)))
    model = load(path)
    assert model.network.config == config and model.digest == sampled_digest(path)
    assert same(model, tiny(config))
    assert (model.name, model.pooled, model.decay) == ("control.safetensors", False, 1.0)


def test_controlnet_inside_a_checkpoint_is_found(save: Save) -> None:
    tensors = small.sd1_checkpoint() | below("control_model.", tiny())
    assert same(load(save(tensors)), tiny())


def test_16_bit_files_load(save: Save) -> None:
    halves = {name: tensor.half() for name, tensor in tiny().items()}
    assert same(load(save(halves)), {name: tensor.float() for name, tensor in halves.items()})


@pytest.mark.parametrize("family", ["sd15", "sd21"])
def test_names_of_diffusers_become_the_originals(family: str) -> None:
    theirs = {
        name: torch.empty(shape, device="meta")
        for name, shape in manifest(f"diffusers-controlnet-{family}").items()
    }
    found = apply(controlnet_recipe(theirs), theirs)
    ours = {"control_model." + name: tuple(tensor.shape) for name, tensor in found.items()}
    assert ours == manifest(f"controlnet-{family}")
    expected = UNetConfig(
        context_dim=768 if family == "sd15" else 1024,
        linear_projections=family == "sd21",
        head_dim=64 if family == "sd21" else None,
    )
    assert detect_controlnet(found) == ControlNetConfig(expected)


@pytest.mark.parametrize("family", ["sd15", "sd21"])
def test_names_of_diffusers_are_mapped_as_its_own_conversion_does(family: str) -> None:
    conversion = manifest_json("map-controlnet-diffusers-to-ldm")[family]
    theirs = {name: torch.tensor(float(number)) for number, name in enumerate(conversion)}
    found = apply(controlnet_recipe(theirs), theirs)
    ours = {theirs[name].item(): target for name, target in conversion.items()}
    assert {tensor.item(): "control_model." + name for name, tensor in found.items()} == ours


def test_differences_are_added_to_the_weights_of_the_unet(save: Save) -> None:
    base, expected = UNet(small.UNET), tiny()
    weights = small.random_weights(base, 4)
    base.load_state_dict(weights)
    stored = {name: tensor - weights.get(name, 0.0) for name, tensor in expected.items()}
    path = save(below("control_model.", stored) | {"difference": torch.zeros(0)})
    loaded = load(path, base=Model(base)).network.state_dict()
    for name, tensor in expected.items():
        torch.testing.assert_close(loaded[name], tensor, atol=1e-6, rtol=0)
    with pytest.raises(UnknownArchitecture, match="DiffControlNetLoader"):
        load(path)
    with pytest.raises(UnknownArchitecture, match=r"differences of shape .* same family"):
        load(path, base=Model(UNet(small.UNET_SD2)))


@pytest.mark.parametrize(
    "name",
    [
        "control_v11e_sd15_shuffle.safetensors",
        "control_v11e_sd15_shuffle_fp16.safetensors",
        "control_v11e_sd15_shuffle/diffusion_pytorch_model.safetensors",
    ],
)
def test_files_for_shuffled_pictures_are_pooled(save: Save, name: str) -> None:
    assert load(save(tiny(), name)).pooled


@pytest.mark.parametrize(
    "config",
    [
        AdapterConfig(hint_channels=1, widths=(16, 32)),
        AdapterConfig(widths=(16, 32, 32, 32), kernel=3, strided=True),
        AdapterConfig(widths=(16, 32), light=True, blocks=4),
    ],
    ids=["lines", "strided", "light"],
)
def test_adapters_load(save: Save, config: AdapterConfig) -> None:
    tensors = small.random_weights(build_adapter(config), 5)
    model = load(save(tensors))
    assert model.network.config == config
    assert same(model, tensors)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("canny", AdapterConfig(hint_channels=1)),
        ("depth", AdapterConfig()),
        ("color", AdapterConfig(light=True, blocks=4)),
    ],
)
def test_published_adapters_are_told_apart(name: str, config: AdapterConfig) -> None:
    shapes = manifest(f"t2iadapter-sd15-{name}")
    found, tensors = read_adapter({key: torch.empty(shape, device="meta") for key, shape in shapes.items()})
    assert found == config and tensors.keys() == shapes.keys()


@torch.inference_mode()
@pytest.mark.parametrize("kind", ["full_adapter", "light_adapter"])
@pytest.mark.parametrize("size", [(64, 64), (72, 40)])
def test_adapters_of_diffusers_answer_as_there(save: Save, kind: str, size: tuple[int, int]) -> None:
    from diffusers import T2IAdapter

    torch.manual_seed(0)
    theirs = T2IAdapter(3, [16, 32, 64, 64], num_res_blocks=2, downscale_factor=8, adapter_type=kind).eval()
    model = load(save(dict(theirs.state_dict())))
    hint = torch.rand(2, 3, *size)
    for ours, expected in zip(model.network(hint), theirs(hint), strict=True):
        torch.testing.assert_close(ours, expected, atol=1e-6, rtol=0)


LORA = {"lora_unet_mid_block_attentions_0_proj_in.lora_down.weight": torch.zeros(4, 32)}
WRONG: dict[str, tuple[dict[str, Tensor], type[CheckpointError], str]] = {
    "lora": (LORA, UnknownArchitecture, "given a LoRA, expected a file with the tensors of a ControlNet"),
    "checkpoint": (
        small.sd1_checkpoint(),
        UnknownArchitecture,
        "given a VAE with a UNet",
    ),
    "control lora": (
        {"lora_controlnet": torch.zeros(0), "input_hint_block.0.weight": torch.zeros(1)},
        UnknownArchitecture,
        "Control-LoRA",
    ),
    "missing": (
        {name: tensor for name, tensor in tiny().items() if name != "zero_convs.1.0.bias"},
        MismatchedWeights,
        r"1 missing \(zero_convs.1.0.bias\)",
    ),
    "no middle": (
        {name: tensor for name, tensor in tiny().items() if not name.startswith("middle_block.")},
        UnknownArchitecture,
        "a UNet without 'middle_block.1.proj_in.weight'",
    ),
    "hint channels": (
        tiny() | {"input_hint_block.0.weight": torch.zeros(16, 6, 3, 3)},
        UnknownArchitecture,
        "a hint of 6 channels",
    ),
    "adapter of SDXL": (
        {
            name: torch.zeros(16, 256, 3, 3) if name == "conv_in.weight" else tensor
            for name, tensor in build_adapter(AdapterConfig(1, (16, 32))).state_dict().items()
        },
        UnknownArchitecture,
        "256 channels of folded pixels, as in SDXL's",
    ),
    "adapter without a block": (
        {
            name: tensor
            for name, tensor in build_adapter(AdapterConfig(1, (16, 32))).state_dict().items()
            if not name.startswith("body.1.")
        },
        UnknownArchitecture,
        "no 'body.1.block1.weight'",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_files_that_do_not_fit_say_why(save: Save, case: str) -> None:
    tensors, error, message = WRONG[case]
    with pytest.raises(error, match=message):
        load(save(tensors))
