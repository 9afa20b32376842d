"""Loading safety models of every layout, judging as diffusers does, and what is done to flagged pictures."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from diffusion.checkpoint.errors import MismatchedWeights, MissingFile, NonFiniteWeights, UnknownArchitecture
from diffusion.checkpoint.kinds import describe
from diffusion.errors import Unsuitable
from diffusion.images import read_image
from diffusion.safety import (
    SafetyModel,
    by_class,
    by_concept,
    check,
    flagged_mask,
    for_checker,
    load_folder_safety,
    load_safety,
    report,
    treated,
)

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "models/safety/nsfwjs_mobilenet_v2.safetensors"
CPU = torch.device("cpu")


def peer(seed: int = 0):
    """diffusers' checker with random weights, whose heads are 64 wide as in the published one."""
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig

    vision = {
        "hidden_size": 128,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "image_size": 42,
        "patch_size": 14,
    }
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = StableDiffusionSafetyChecker(CLIPConfig(vision_config=vision, projection_dim=24)).eval()
        for name, parameter in made.named_parameters():
            parameter.data.normal_(std=0.2)
            if "layernorm" in name or "layer_norm" in name or "layrnorm" in name:
                parameter.data.add_(1)
    made.concept_embeds_weights.data.fill_(0.33)
    made.special_care_embeds_weights.data.fill_(0.2)
    return made


def nested(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The names of transformers 4, as in the published file."""
    return {
        f"vision_model.{name}" if name.startswith("vision_model.") else name: tensor.clone()
        for name, tensor in tensors.items()
    }


def pictures(count: int = 12) -> Tensor:
    """Seeded pictures [B, 50, 60, 3], smooth and noisy."""
    generator = torch.Generator().manual_seed(1)
    coarse = torch.rand(count, 3, 5, 6, generator=generator)
    smooth = torch.nn.functional.interpolate(coarse, size=(50, 60), mode="bicubic").clamp(0, 1)
    return smooth.movedim(1, -1)


@torch.inference_mode()
@pytest.mark.parametrize("naming", [dict, nested])
def test_judges_as_diffusers_does(tmp_path: Path, naming) -> None:
    theirs = peer()
    save_file(naming(theirs.state_dict()), tmp_path / "model.safetensors")
    ours = load_safety(tmp_path / "model.safetensors", device=CPU)
    x = pictures()
    seen = torch.cat([for_checker(picture, 42) for picture in x])
    special, concepts = ours.network(seen)
    embeds = theirs.visual_projection(theirs.vision_model(seen)[1])
    cosine = torch.nn.functional.cosine_similarity
    expected = cosine(embeds[:, None], theirs.concept_embeds[None], dim=-1) - 0.33
    torch.testing.assert_close(concepts, expected, atol=2e-6, rtol=0)
    expected = cosine(embeds[:, None], theirs.special_care_embeds[None], dim=-1) - 0.2
    torch.testing.assert_close(special, expected, atol=2e-6, rtol=0)
    blacked, flags = theirs(seen, [np.ones((2, 2, 3)) for _ in x])
    assert [finding.flagged for finding in check(ours, x)] == flags
    assert 0 < sum(flags) < len(flags) and sum(float(each.sum()) == 0 for each in blacked) == sum(flags)


def test_special_care_lowers_every_threshold_after_it() -> None:
    near = [-0.005] * 17
    assert not by_concept([-0.1, -0.1, -0.1], near).flagged
    assert by_concept([-0.1, 0.2, -0.1], near).flagged
    assert by_concept([-0.1, 0.2, -0.005], near).says.startswith("special care for 1, 2; concept 0 by 0.005")
    assert not by_concept([-0.005, 0.2, -0.1], [-0.02] * 17).says.startswith("special care for 0")
    assert by_concept([-1.0] * 3, [-0.05, -0.2], 0.1).says == "concept 0 by 0.050"
    assert by_concept([-1.0] * 3, [-0.2, -0.0504]).says == "nearest concept 1 at -0.050"


@pytest.mark.parametrize("size", [(512, 512), (100, 333), (301, 127), (224, 224), (40, 30), (225, 224)])
def test_pictures_are_prepared_as_clips_processor_does(size: tuple[int, int]) -> None:
    from transformers import CLIPImageProcessorPil

    values = np.random.default_rng(3).integers(0, 256, (*size, 3), dtype=np.uint8)
    expected = CLIPImageProcessorPil()(images=Image.fromarray(values), return_tensors="pt")["pixel_values"]
    ours = for_checker(torch.from_numpy(values).float() / 255)
    torch.testing.assert_close(ours, expected, atol=1e-6, rtol=0)


def test_shipped_classifier_passes_harmless_pictures() -> None:
    model = load_safety(SHIPPED, device=CPU)
    seen = []
    for name in ("input/example.png", "tests/data/astronaut.jpg"):
        image, _ = read_image(ROOT / name)
        seen += check(model, image)
    assert [finding.flagged for finding in seen] == [False, False]
    assert check(model, image, 1.0)[0].flagged, "at full sensitivity everything is flagged"
    assert seen[1].says.split()[0] in {"Neutral", "Drawing"}


def test_classes_are_flagged_by_what_is_explicit_together() -> None:
    likely = [0.1, 0.3, 0.2, 0.25, 0.15]
    assert by_class(likely, 0.5).flagged and not by_class(likely, 0.4).flagged
    assert by_class(likely, 0.5).says == "Hentai 0.30, Porn 0.25"
    assert not by_class([0.0, 0.0, 0.0, 0.0, 1.0], 0.99).flagged


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_only_flagged_pictures_change_and_the_report_says_how(channels: int) -> None:
    image = torch.rand(3, 20, 30, channels, generator=torch.Generator().manual_seed(0))
    findings = [by_class([0, share, 1 - share, 0, 0], 0.5) for share in (0.1, 0.9, 0.2)]
    model = SafetyModel(load_safety(SHIPPED, device=CPU).network, "judge")
    kept, black, blurred = (treated(image, findings, action) for action in ("flag", "black", "blur"))
    assert kept is image
    for changed in (black, blurred):
        assert torch.equal(changed[[0, 2]], image[[0, 2]]) and changed.shape == image.shape
    colours = slice(0, 1 if channels == 1 else 3)
    assert black[1, ..., colours].max() == 0
    assert blurred[1, ..., colours].std() < 0.3 * image[1, ..., colours].std()
    assert channels != 4 or torch.equal(blurred[1, ..., 3], image[1, ..., 3])
    assert torch.equal(flagged_mask(image, findings).amax(dim=(1, 2)), torch.tensor([0.0, 1.0, 0.0]))
    assert report(model, findings, "black").splitlines() == [
        "3 pictures checked by judge (advisory): 1 flagged, blacked out.",
        "0: nothing found (Neutral 0.90, Hentai 0.10)",
        "1: flagged, blacked out (Hentai 0.90, Neutral 0.10)",
        "2: nothing found (Neutral 0.80, Hentai 0.20)",
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_cannot_be_judged_does_not_pass(value: float) -> None:
    image = torch.full((1, 8, 8, 3), value)
    with pytest.raises(Unsuitable, match="no picture"):
        check(load_safety(SHIPPED, device=CPU), image)


def write_folder(folder: Path, name: str) -> Path:
    """A folder of diffusers with a safety checker in a file of this name."""
    part = folder / "safety_checker"
    part.mkdir(parents=True)
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline"}))
    write = save_file if name.endswith(".safetensors") else torch.save
    write(nested(peer().state_dict()), part / name)
    return folder


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin", "model.fp16.safetensors"])
def test_checker_of_a_diffusers_folder_loads(tmp_path: Path, name: str) -> None:
    model = load_folder_safety(write_folder(tmp_path / "sd15", name), device=CPU)
    expected = peer().state_dict()["concept_embeds"]
    assert (model.name, torch.equal(model.network.concept_embeds, expected)) == ("sd15/safety_checker", True)


def test_a_safety_checker_elsewhere_is_named() -> None:
    assert describe(nested(peer().state_dict())) == describe(peer().state_dict()) == "a safety checker"


def test_bad_files_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"safety_checker.*no such folder"):
        load_folder_safety(tmp_path, device=CPU)
    path = tmp_path / "x.safetensors"

    def loading(tensors: Mapping[str, Tensor], error: type[Exception], match: str) -> None:
        save_file({name: tensor.clone() for name, tensor in tensors.items()}, path)
        with pytest.raises(error, match=match):
            load_safety(path, device=CPU)

    whole = nested(peer().state_dict())
    loading({"text_model.x": torch.zeros(2)}, UnknownArchitecture, "a text encoder")
    loading({"concept_embeds": torch.zeros(17, 24)}, UnknownArchitecture, r"x\.safetensors: safety checker")
    cut = {name: tensor for name, tensor in whole.items() if not name.endswith("fc2.bias")}
    loading(cut, MismatchedWeights, "2 missing")
    loading(whole | {"concept_embeds": torch.full((17, 24), torch.nan)}, NonFiniteWeights, "concept_embeds")
    shipped = load_file(SHIPPED)
    shipped.pop("dense.1.bias")
    loading(shipped, MismatchedWeights, r"dense\.1\.bias")
