"""Workflows that read networks of one kind each: parts of a model, edges for a scribble, people for hints."""

import shutil

import numpy as np
import torch
from safetensors.torch import save_file

from diffusion.models.controlnet import ControlNet, ControlNetConfig
from tests.diffusion.models.test_hed import published
from tests.nodes import tiny
from tests.nodes.bench import ROOT, changed, template

SMALL = {"width": 64, "height": 64}
SHORT = {"steps": 4}


def put(bench, folder, name):
    """A path for a model's file."""
    path = bench.root / "models" / folder / name
    path.parent.mkdir(exist_ok=True)
    return path


def picture(bench, document):
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    (name,) = ran.names
    return bench.picture(name)


def test_parts_of_a_model_draw_in_two_stages(bench):
    files = {
        "model.diffusion_model.": ("diffusion_models", "diffusion_pytorch_model.safetensors"),
        "cond_stage_model.transformer.": ("text_encoders", "clip_l.safetensors"),
        "first_stage_model.": ("vae", "vae-ft-mse-840000-ema-pruned.safetensors"),
    }
    for prefix, network in tiny.networks().items():
        save_file(network.state_dict(), put(bench, *files[prefix]))
    stages = {"first": {"end_at_step": 2, **SHORT}, "second": {"start_at_step": 2, **SHORT}}
    document = changed(template("model_from_parts"), size=SMALL, **stages)
    two = picture(bench, document)
    assert two.shape == (64, 64, 3)
    assert not np.array_equal(two, picture(bench, changed(document, second={"start_at_step": 4})))


def test_scribble_guides_by_what_its_file_adds_to_the_model(bench):
    checkpoint = put(bench, "checkpoints", "v1-5-pruned-emaonly.safetensors")
    tiny.write_checkpoint(checkpoint)
    torch.save(published(), put(bench, "edges", "ControlNetHED.pth"))
    generator = torch.Generator().manual_seed(1)
    shapes = ControlNet(ControlNetConfig(tiny.UNET)).state_dict()
    added = {
        f"control_model.{name}": 0.1 * torch.randn(each.shape, generator=generator)
        for name, each in shapes.items()
    }
    path = put(bench, "controlnet", "diff_control_sd15_scribble_fp16.safetensors")
    save_file(added | {"difference": torch.zeros(0)}, path)
    document = changed(template("scribble"), size=SMALL, scale=SMALL, sampler=SHORT)
    guided, free = (picture(bench, changed(document, guide={"strength": each})) for each in (0.9, 0.0))
    assert guided.shape == (64, 64, 3) and not np.array_equal(guided, free)


def test_hints_are_drawn_side_by_side_out_of_one_picture(bench):
    shipped = ROOT / "models/segmentation/selfie_segmentation.safetensors"
    shutil.copy(shipped, put(bench, "segmentation", shipped.name))
    sheet = picture(bench, template("hints"))
    assert sheet.shape == (351, 430, 3)
    # Five pictures of 128 x 128; all but the first are drawn on black, each with something on it.
    for left, top in ((151, 18), (284, 18), (18, 178), (151, 178)):
        hint = sheet[top : top + 128, left : left + 128]
        assert hint.min() == 0 and hint.max() > 100 and hint.mean() < 100
