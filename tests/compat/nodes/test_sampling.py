"""Packs that sample: ComfyUI's nodes called and subclassed, its handles, latents and conditioning."""

import numpy as np
import pytest
import torch

from compat.nodes.handles import UNIT, handle
from compat.nodes.here import inside
from compat.nodes.importing import MissingPart
from compat.nodes.values import ExecutionBlocker, from_pack, to_pack
from diffusion.checkpoint.load import load_checkpoint
from diffusion.values import Area, Cond, Latent
from graph.artifacts import Blocked
from tests.compat.nodes.conftest import CHECKPOINT, PackBench, saved
from tests.nodes.bench import changed


def silent(message: str) -> None:
    raise AssertionError(message)


def test_a_pack_samples_with_our_nodes_under_comfyuis_names(bench: PackBench) -> None:
    ran = bench.run(saved("sampling"))
    assert ran.finished.status == "succeeded", ran.finished.problems
    theirs, same = bench.picture("theirs_00001_.png"), bench.picture("same_00001_.png")
    assert np.array_equal(theirs, same) and theirs.shape == (64, 64, 3)
    assert bench.texts_of(ran) == {"told": ["6"]}
    assert {step for step, *_ in ran.progress} == {"sample", "again", "ours"}
    assert bench.run(saved("sampling")).did_run == set()


def test_a_pipe_makes_what_the_nodes_would(bench: PackBench) -> None:
    """The pack's tokens and latents give the picture of a workflow of our nodes, within rounding."""
    bench.run(saved("sampling"))
    first = bench.picture("first_00001_.png").astype(int)
    nodes = {
        "load": {"type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": CHECKPOINT}},
        "yes": {"type": "CLIPTextEncode", "inputs": {"text": "a (red:1.3) apple"}},
        "no": {"type": "CLIPTextEncode", "inputs": {"text": ""}},
        "empty": {"type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64}},
        "sample": {"type": "KSampler", "inputs": {"seed": 5, "steps": 2, "cfg": 4.0}},
        **{"decode": {"type": "VAEDecode", "inputs": {}}, "save": {"type": "SaveImage", "inputs": {}}},
    }
    wires = [
        *(("load.MODEL", "sample.model"), ("load.CLIP", "yes.clip"), ("load.CLIP", "no.clip")),
        *(("yes.CONDITIONING", "sample.positive"), ("no.CONDITIONING", "sample.negative")),
        *(("empty.LATENT", "sample.latent_image"), ("sample.LATENT", "decode.samples")),
        *(("load.VAE", "decode.vae"), ("decode.IMAGE", "save.images")),
    ]
    given = {
        **{"format": "tessera.workflow", "version": 1},
        "nodes": [{"id": name, "mode": "active", **each} for name, each in nodes.items()],
        "links": [{"from": source.split("."), "to": target.split(".")} for source, target in wires],
    }
    ran = bench.run(given)
    assert ran.finished.status == "succeeded", ran.finished.problems
    plain = bench.picture(ran.names[-1]).astype(int)
    assert np.abs(first - plain).max() <= 1


def test_what_a_pack_changes_is_its_own(bench: PackBench) -> None:
    """The touched latent has a step of its own; the one that came is what it was: the bench compares."""
    given = changed(saved("sampling"), touch={"add": 1.0})
    given["nodes"].append({"id": "show", "type": "PreviewAny", "inputs": {}, "mode": "active"})
    given["links"].append({"from": ["touch", "CONDITIONING"], "to": ["show", "source"]})
    ran = bench.run(given)
    assert ran.finished.status == "succeeded", ran.finished.problems
    from graph.events import StepWarned

    (warned,) = ran.of(StepWarned)
    assert warned.problem.message == (
        "the conditioning's 'guidance' means nothing here: it is passed on, and has no effect"
    )


def test_latents_are_unscaled_for_packs_and_come_back_as_they_were() -> None:
    latent = Latent(torch.randn(2, 4, 3, 5), torch.rand(2, 24, 40), (3, 9))
    theirs = to_pack(latent)
    assert torch.allclose(theirs["samples"] * UNIT, latent.samples, atol=1e-6)
    assert theirs["noise_mask"].shape == (2, 1, 24, 40) and theirs["batch_index"] == [3, 9]
    back = from_pack(theirs, "LATENT", silent)
    assert torch.equal(back.samples, latent.samples) and torch.equal(back.noise_mask, latent.noise_mask)
    assert back.batch_index == (3, 9)
    theirs["samples"][0, 0, 0, 0] += 1
    theirs["mine"] = [1]
    changed_one = from_pack(theirs, "ANY", silent)
    difference = changed_one.samples - latent.samples
    assert float(difference[0, 0, 0, 0]) == pytest.approx(UNIT, abs=1e-5)
    assert float(difference.flatten()[1:].abs().max()) < 1e-6
    assert to_pack(changed_one)["mine"] == [1]


def test_conditioning_keeps_what_packs_do_not_know() -> None:
    cond = Cond(
        torch.randn(1, 77, 16),
        **{"area": Area(1, 2, 3, 4), "mask": torch.rand(1, 8, 8), "mask_bounds": True, "strength": 0.7},
        **{"start": 0.1, "end": 0.9, "steps": (1, 3), "term": (1, 0.5), "concat": torch.rand(1, 5, 8, 8)},
        **{"label": 20, "control": (object(),)},
    )
    ((tensor, entry),) = to_pack((cond,), "CONDITIONING")
    assert (entry["area"], entry["strength"], entry["set_area_to_bounds"]) == ((3, 4, 1, 2), 0.7, True)
    assert (entry["start_percent"], entry["end_percent"], entry["mask_strength"]) == (0.1, 0.9, 1.0)
    (back,) = from_pack([[tensor, entry]], "CONDITIONING", silent)
    for name in (
        "pooled",
        "area",
        "mask_bounds",
        "strength",
        "start",
        "end",
        "steps",
        "term",
        "concat",
        "label",
    ):
        assert getattr(back, name) is getattr(cond, name) or getattr(back, name) == getattr(cond, name), name
    assert torch.equal(back.tensor, cond.tensor) and torch.equal(back.mask, cond.mask)
    assert back.control == cond.control
    del entry["control"], entry["mask"]
    entry |= {"area": ("percentage", 0.5, 0.25, 0.0, 0.125), "strength": 2}
    (other,) = from_pack([[tensor, entry]], "CONDITIONING", silent)
    assert (other.control, other.mask, other.strength) == ((), None, 2.0)
    assert other.area == Area(0.0, 0.125, 0.5, 0.25, relative=True)
    assert to_pack((), "CONDITIONING") == [] and from_pack([], "CONDITIONING", silent) == ()


def test_numbers_lists_and_blockers() -> None:
    assert (
        from_pack(np.int64(5), "INT", silent) == 5
        and type(from_pack(np.float32(2), "FLOAT", silent)) is float
    )
    assert from_pack(torch.tensor([2.0, 0.5, 0.0]), "SIGMAS", silent) == (2.0, 0.5, 0.0)
    assert torch.equal(to_pack((2.0, 0.5), "SIGMAS"), torch.tensor([2.0, 0.5]))
    assert from_pack(ExecutionBlocker("no"), "IMAGE", silent) == Blocked("no")
    half = from_pack(torch.ones(1, 2, 2, 3, dtype=torch.float16), "IMAGE", silent)
    assert half.dtype == torch.float32
    kept = {"list": [torch.zeros(2)], "plain": (1, "a")}
    copy = to_pack(kept, "PACK_PIPE")
    copy["list"][0].add_(1)
    copy["list"].append(2)
    assert len(kept["list"]) == 1 and kept["list"][0].sum() == 0 and copy["plain"] == (1, "a")


def test_handles_speak_for_what_they_can_and_name_what_they_cannot(bench: PackBench) -> None:
    loaded = load_checkpoint(bench.root / "models/checkpoints" / CHECKPOINT)
    model, clip, vae = map(handle, (loaded.model, loaded.clip, loaded.vae))
    assert model.clone() == model and model.clone().is_clone(model) and model.model_size() > 0
    levels = model.get_model_object("model_sampling")
    assert float(levels.sigma_max) == pytest.approx(14.6146, abs=1e-3)
    assert levels.percent_to_sigma(0.0) > 1e8 and levels.percent_to_sigma(1.0) == 0
    assert levels.percent_to_sigma(0.5) == pytest.approx(loaded.model.schedule.sigma(499.5), rel=1e-4)
    steps = torch.tensor([0.0, 10.5, 999.0])
    assert torch.equal(levels.timestep(levels.sigma(steps[[0, 2]])), torch.tensor([0, 999]))
    with pytest.raises(MissingPart, match=r"ModelPatcher\.add_patches \(of a Model\)"):
        _ = model.add_patches
    assert not hasattr(model, "model_options")
    with inside(bench.packs.host):
        tokens = clip.tokenize("a (red:1.3) apple " + "very " * 80)
        assert [len(row) for row in tokens["l"]] == [77, 77] and tokens["l"][0][0] == (49406, 1.0)
        assert (tokens["l"][0][2][1], tokens["l"][1][-1]) == (1.3, (49407, 1.0))
        vectors, pooled = clip.encode_from_tokens(tokens, return_pooled=True)
        (ours,) = loaded.clip.encode("a (red:1.3) apple " + "very " * 80)
        assert torch.equal(vectors, ours.tensor) and pooled is None
    pixels = torch.rand(1, 64, 64, 3)
    assert torch.allclose(vae.encode(pixels) * UNIT, loaded.vae.encode(pixels), atol=1e-5)
    assert vae.decode_tiled(vae.encode_tiled(pixels)).shape == (1, 64, 64, 3)
    assert vae.spacial_compression_decode() == 8


def test_nodes_of_comfyui_as_classes(bench: PackBench) -> None:
    from compat.shims import nodes

    with inside(bench.packs.host):
        declared = nodes.KSampler.INPUT_TYPES()["required"]
        assert declared["steps"] == ("INT", declared["steps"][1]) and declared["steps"][1]["max"] == 10000
        assert "euler" in declared["sampler_name"][0] and declared["model"][0] == "MODEL"
        assert (nodes.VAEDecode.FUNCTION, nodes.VAEDecode.RETURN_TYPES) == ("decode", ("IMAGE",))
        assert nodes.NODE_DISPLAY_NAME_MAPPINGS["PackKSampler"] == "KSampler (tells its seed)"
        (image,) = nodes.EmptyImage().generate(width=16, height=8, batch_size=1, color=0xFF0000)
        assert image.shape == (1, 8, 16, 3) and image[0, 0, 0].tolist() == [1, 0, 0]
        (turned,) = nodes.ImageInvert().invert(image)
        assert turned[0, 0, 0].tolist() == [0, 1, 1] and image[0, 0, 0].tolist() == [1, 0, 0]
        with pytest.raises(TypeError, match="ImageInvert has no input picture"):
            nodes.ImageInvert().invert(picture=image)
        with pytest.raises(TypeError, match="ImageInvert misses its input image"):
            nodes.ImageInvert().invert()
