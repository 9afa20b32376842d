"""Workflows that need files of the user's own: LoRAs, SD2 with v-prediction, VAE files; on tiny weights."""

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from diffusion.memory import wide_dtype
from tests.diffusion.checkpoint import small
from tests.nodes.bench import changed, template

SMALL = {"width": 64, "height": 64}
SHORT = {"steps": 2}
KEY = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_{}"


def write_lora(path, *projections):
    """A LoRA of rank 2 for projections of the middle block's self-attention."""
    path.parent.mkdir(exist_ok=True)
    generator = torch.Generator().manual_seed(1)
    tensors = {}
    for name in projections:
        tensors[KEY.format(name) + ".lora_up.weight"] = torch.randn(64, 2, generator=generator)
        tensors[KEY.format(name) + ".lora_down.weight"] = torch.randn(2, 64, generator=generator)
    save_file(tensors, path)


def succeeded(ran):
    assert ran.finished.status == "succeeded", ran.finished.problems
    return ran


def test_loras_follow_each_other(bench, checkpoint):
    shutil.copy(checkpoint, bench.root / "models/checkpoints/v1-5-pruned-emaonly.safetensors")
    write_lora(bench.root / "models/loras/style.safetensors", "q", "v")
    write_lora(bench.root / "models/loras/detail.safetensors", "k", "v")
    document = changed(template("lora_stack"), size=SMALL, sampler=SHORT)

    def picture(style, detail):
        made = changed(document, style={"strength_model": style}, detail={"strength_model": detail})
        ran = succeeded(bench.run(made))
        return bench.picture(ran.names[0])

    none, first, second, both = picture(0, 0), picture(1, 0), picture(0, 1), picture(1, 1)
    pictures = (none, first, second, both)
    assert all(not np.array_equal(pictures[a], pictures[b]) for a in range(4) for b in range(a))
    assert np.array_equal(picture(0, 0), none)


def sd2(path):
    """A tiny SD2 checkpoint with the whole vocabulary."""
    words = torch.randn(49408, 64, generator=torch.Generator().manual_seed(0))
    save_file(small.sd2_checkpoint() | {"cond_stage_model.model.token_embedding.weight": words}, path)


@pytest.mark.parametrize("prediction", ["eps", "v_prediction", "lcm", "x0"])
def test_sd2_is_sampled_with_the_prediction_that_is_forced(bench, prediction):
    sd2(bench.root / "models/checkpoints/v2-1_768-ema-pruned.safetensors")
    document = changed(template("sd2_768_v_prediction"), size=SMALL, sampler=SHORT)
    forced = changed(document, prediction={"sampling": prediction, "zsnr": prediction == "v_prediction"})
    ran = succeeded(bench.run(forced))
    picture = bench.picture(ran.names[0])
    assert picture.shape == (64, 64, 3)
    if prediction != "eps":
        plain = bench.run(changed(document, prediction={"sampling": "eps", "zsnr": False}))
        assert not np.array_equal(picture, bench.picture(plain.names[0]))


def vae_tensors():
    checkpoint = small.sd1_checkpoint()
    return {
        name.removeprefix("first_stage_model."): tensor
        for name, tensor in checkpoint.items()
        if name.startswith("first_stage_model.")
    }


def test_vae_file_goes_both_ways_in_tiles_and_is_written_again(bench):
    folder = bench.root / "models/vae"
    folder.mkdir()
    save_file(vae_tensors(), folder / "vae-ft-mse-840000-ema-pruned.safetensors")
    ran = succeeded(bench.run(template("vae_file")))
    copy, latent, picture = (
        next(name for name in ran.names if name.endswith(kind))
        for kind in (".safetensors", ".latent", ".png")
    )
    written = load_file(bench.folders.resolve("output", copy))
    held = wide_dtype(torch.device("cpu"))  # what the machine computes VAEs in is what is written
    given = {name: tensor.to(held) for name, tensor in vae_tensors().items()}
    assert written.keys() == given.keys()
    torch.testing.assert_close(written, given, atol=0, rtol=0)
    assert bench.folders.find("output", latent)
    assert json.loads(bench.texts(picture)["tessera"])["title"] == "A VAE file, in tiles"
