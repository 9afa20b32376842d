"""The configurations that ComfyUI's old loader offers."""

import pytest
import torch

from diffusion.checkpoint.configs import CONFIGS, as_configured
from diffusion.checkpoint.load import Checkpoint, load_checkpoint
from diffusion.errors import Unsuitable
from diffusion.models.unet import UNet
from tests.diffusion.checkpoint import small
from tests.diffusion.checkpoint.test_parts import written


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checkpoint]:
    made = {"sd1": small.sd1_checkpoint(), "sd2": small.sd2_checkpoint()}
    made["inpaint"] = small.sd1_checkpoint()
    inpaint = UNet(type(small.UNET)(**(vars(small.UNET) | {"in_channels": 9})))
    for name, tensor in small.random_weights(inpaint, 0).items():
        made["inpaint"][f"model.diffusion_model.{name}"] = tensor
    cpu = torch.device("cpu")
    return {
        name: load_checkpoint(written(tmp_path_factory.mktemp(name), tensors), device=cpu)
        for name, tensors in made.items()
    }


@pytest.mark.parametrize(
    ("checkpoint", "name", "prediction", "layer"),
    [
        ("sd1", "v1-inference.yaml", "eps", None),
        ("sd1", "v1-inference_fp16.yaml", "eps", None),
        ("sd1", "anything_v3.yaml", "eps", -2),
        ("sd1", "v1-inference_clip_skip_2.yaml", "eps", -2),
        ("inpaint", "v1-inpainting-inference.yaml", "eps", None),
        ("sd2", "v2-inference.yaml", "eps", None),
        ("sd2", "v2-inference-v.yaml", "v", None),
    ],
)
def test_configuration_decides_what_shapes_do_not_tell(
    checkpoints: dict[str, Checkpoint], checkpoint: str, name: str, prediction: str, layer: int | None
) -> None:
    configured = as_configured(checkpoints[checkpoint], name)
    assert (configured.model.prediction, configured.clip.layer) == (prediction, layer)
    assert configured.model.network is checkpoints[checkpoint].model.network


@pytest.mark.parametrize(
    ("checkpoint", "name", "fitting"),
    [
        ("sd1", "v2-inference.yaml", "v1-inference.yaml"),
        ("sd1", "v1-inpainting-inference.yaml", "v1-inference.yaml"),
        ("inpaint", "v1-inference.yaml", "v1-inpainting-inference.yaml"),
        ("sd2", "v1-inference.yaml", "v2-inference-v.yaml"),
    ],
)
def test_configuration_of_other_models_is_refused_with_those_that_fit(
    checkpoints: dict[str, Checkpoint], checkpoint: str, name: str, fitting: str
) -> None:
    with pytest.raises(Unsuitable, match=f"{name} is for") as caught:
        as_configured(checkpoints[checkpoint], name)
    assert caught.value.input == "config_name"
    assert fitting in caught.value.remedy
    as_configured(checkpoints[checkpoint], fitting)


def test_every_configuration_is_for_a_family_and_a_role() -> None:
    assert {(each.family, each.role) for each in CONFIGS.values()} == {
        (family, role) for family in ("sd1", "sd2") for role in ("base", "inpaint")
    }
