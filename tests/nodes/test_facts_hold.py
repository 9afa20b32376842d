"""What is said before anything runs is what a run really makes."""

import shutil
from typing import Any

import torch

from diffusion.checkpoint.save import save_latent
from diffusion.values import Latent
from graph.plan import plan
from graph.workflow import read_document
from tests.graph.sample import document
from tests.nodes.bench import ROOT, Bench
from tests.nodes.published import LOADER

CHAINS: dict[str, tuple[tuple[str, dict[str, object]], ...]] = {
    "IMAGE": (
        ("ImageScale", {"width": 100, "height": 0}),
        ("ImageScale", {"width": 61, "height": 47, "crop": "center"}),
        ("ImageScaleBy", {"scale_by": 0.37}),
        ("ImageScaleToTotalPixels", {"megapixels": 0.013}),
        ("ImageCrop", {"width": 50, "height": 70, "x": 30, "y": 500}),
        ("ImageRotate", {"rotation": "90 degrees"}),
        ("ImageRotate", {"rotation": "180 degrees"}),
        ("RepeatImageBatch", {"amount": 3}),
        ("ImageFromBatch", {"batch_index": 1, "length": 9}),
        ("ImageInvert", {}),
        ("ImageFlip", {}),
        ("ImageBlur", {}),
        ("ImageQuantize", {"colors": 4}),
        ("ImageAddNoise", {}),
        ("Morphology", {}),
        ("ImageScaleToMaxDimension", {"largest_size": 37}),
        ("ResizeAndPadImage", {"target_width": 40, "target_height": 33}),
        ("LineArt", {}),
        ("ScribbleFromEdges", {}),
        ("NormalFromDepth", {}),
        ("Canny", {}),
    ),
    "LATENT": (
        ("LatentUpscale", {"width": 100, "height": 0}),
        ("LatentUpscale", {"width": 200, "height": 90}),
        ("LatentUpscaleBy", {"scale_by": 0.6}),
        ("LatentCrop", {"width": 64, "height": 72, "x": 80, "y": 8}),
        ("LatentRotate", {"rotation": "270 degrees"}),
        ("RepeatLatentBatch", {"amount": 3}),
        ("LatentFromBatch", {"batch_index": 2, "length": 4}),
        ("LatentFlip", {}),
        ("LatentMultiply", {}),
        ("LatentCut", {"dim": "y", "index": -3, "amount": 2}),
        ("LatentCut", {"dim": "x", "index": 1, "amount": 99}),
    ),
    "MASK": (
        ("CropMask", {"width": 50, "height": 70, "x": 30, "y": 20}),
        ("GrowMask", {}),
        ("InvertMask", {}),
    ),
}
FIRST = {"IMAGE": "image", "LATENT": "samples", "MASK": "mask"}
OTHERS = {"ScribbleFromEdges": "edges", "NormalFromDepth": "depth"}
"""Inputs of pictures with another name."""
PAIRED = (
    ("ImageBatch", ("pictures.IMAGE > {}.image1", "wide.IMAGE > {}.image2")),
    ("ImageBlend", ("pictures.IMAGE > {}.image1", "wide.IMAGE > {}.image2")),
    ("ImageCompositeMasked", ("pictures.IMAGE > {}.destination", "wide.IMAGE > {}.source")),
    ("ImageStitch", ("pictures.IMAGE > {}.image1", "wide.IMAGE > {}.image2")),
    ("ImageRGBToYUV", ("pictures.IMAGE > {}.image",)),
    ("ImageYUVToRGB", ("ImageRGBToYUV.Y > {}.Y", "ImageRGBToYUV.U > {}.U", "ImageRGBToYUV.V > {}.V")),
    ("PorterDuffImageComposite", ("wide.IMAGE > {}.source", "full.MASK > {}.source_alpha",
                                  "pictures.IMAGE > {}.destination", "mask.MASK > {}.destination_alpha")),
    ("LatentConcat", ("other.LATENT > {}.samples1", "square.LATENT > {}.samples2")),
    ("LoadImageOutput", ()),
    ("JoinImageWithAlpha", ("pictures.IMAGE > {}.image", "mask.MASK > {}.alpha")),
    ("SplitImageWithAlpha", ("pictures.IMAGE > {}.image",)),
    ("ImagePadForOutpaint", ("pictures.IMAGE > {}.image",)),
    ("ImageToMask", ("pictures.IMAGE > {}.image",)),
    ("ImageColorToMask", ("pictures.IMAGE > {}.image",)),
    ("MaskToImage", ("mask.MASK > {}.mask",)),
    ("MaskComposite", ("mask.MASK > {}.destination", "full.MASK > {}.source")),
    ("GetImageSize", ("pictures.IMAGE > {}.image",)),
    ("VAEEncode", ("wide.IMAGE > {}.pixels", "loader.VAE > {}.vae")),
    ("VAEEncodeTiled", ("wide.IMAGE > {}.pixels", "loader.VAE > {}.vae")),
    ("VAEEncodeForInpaint", ("wide.IMAGE > {}.pixels", "loader.VAE > {}.vae", "mask.MASK > {}.mask")),
    ("VAEDecode", ("latent.LATENT > {}.samples", "loader.VAE > {}.vae")),
    ("LatentBatch", ("latent.LATENT > {}.samples1", "other.LATENT > {}.samples2")),
    ("LatentAdd", ("latent.LATENT > {}.samples1", "other.LATENT > {}.samples2")),
    ("LatentComposite", ("latent.LATENT > {}.samples_to", "other.LATENT > {}.samples_from")),
    ("SetLatentNoiseMask", ("latent.LATENT > {}.samples", "full.MASK > {}.mask")),
    ("InpaintPreprocessor", ("pictures.IMAGE > {}.image", "full.MASK > {}.mask")),
    ("PersonMask", ("pictures.IMAGE > {}.image",)),
    ("SafetyCheck", ("pictures.IMAGE > {}.image", "judge.SAFETY_MODEL > {}.safety_model")),
    ("ImageGrid", ("pictures.IMAGE > {}.images",)),
    ("NoiseSchedulePlot", ("levels.SIGMAS > {}.sigmas",)),
    ("PoseSkeleton", ()),
    ("LoadLatent", ()),
    ("ModelSamplingDiscrete", ("loader.MODEL > {}.model",)),
    ("FreeU", ("ModelSamplingDiscrete.MODEL > {}.model",)),
    ("ModelMergeSimple", ("FreeU.MODEL > {}.model1", "loader.MODEL > {}.model2")),
    ("CLIPSetLastLayer", ("loader.CLIP > {}.clip",)),
    ("CLIPMergeSimple", ("loader.CLIP > {}.clip1", "CLIPSetLastLayer.CLIP > {}.clip2")),
    ("ConditioningConcat", ("prompt.CONDITIONING > {}.conditioning_to",
                            "prompt.CONDITIONING > {}.conditioning_from")),
    ("ConditioningCombine", ("ConditioningConcat.CONDITIONING > {}.conditioning_1",
                             "prompt.CONDITIONING > {}.conditioning_2")),
    ("ConditioningZeroOut", ("prompt.CONDITIONING > {}.conditioning",)),
    ("PromptEncodeA1111", ("loader.CLIP > {}.clip",)),
    ("ForwardDiffusion", ("masked.LATENT > {}.latent_image", "loader.MODEL > {}.model")),
    ("StepCapture", ("noise.NOISE > {}.noise", "guider.GUIDER > {}.guider", "sampler.SAMPLER > {}.sampler",
                     "levels.SIGMAS > {}.sigmas", "masked.LATENT > {}.latent_image")),
    ("AttentionMaps", ("loader.MODEL > {}.model", "loader.CLIP > {}.clip", "other.LATENT > {}.samples")),
    ("KSampler", ("loader.MODEL > {}.model", "prompt.CONDITIONING > {}.positive",
                  "prompt.CONDITIONING > {}.negative", "masked.LATENT > {}.latent_image")),
)  # fmt: skip
MODELS = ("MODEL", "CLIP", "VAE", "CONDITIONING")
LITERALS: dict[str, dict[str, object]] = {
    "PoseSkeleton": {"keypoints": '{"people": []}', "width": 64, "height": 48},
    "LoadLatent": {"latent": "kept.latent"},
    "ForwardDiffusion": {"frames": 3},
    "ModelSamplingDiscrete": {"sampling": "v_prediction"},
    "PromptEncodeA1111": {"text": "a fox AND a dog"},
    "ImageStitch": {"spacing_width": 7, "direction": "up"},
    "LoadImageOutput": {"image": "example.png"},
    "AttentionMaps": {"text": "a red fox", "levels": 1},
    "KSampler": {"steps": 1},
    "NoiseSchedulePlot": {"width": 480, "height": 240},
}


def everything() -> dict[str, Any]:
    """Each node of pictures, masks and latents at least once."""
    nodes: dict[str, tuple[str, dict[str, object]]] = {
        "loader": (LOADER, {"ckpt_name": "tessera-emoji-v1.safetensors"}),
        "file": ("LoadImage", {"image": "example.png"}),
        "pictures": ("EmptyImage", {"width": 96, "height": 80, "batch_size": 2}),
        "wide": ("EmptyImage", {"width": 77, "height": 45}),
        "full": ("SolidMask", {"width": 96, "height": 80}),
        "mask": ("ImageToMask", {}),
        "latent": ("EmptyLatentImage", {"width": 125, "height": 96, "batch_size": 2}),
        "other": ("EmptyLatentImage", {"width": 64, "height": 64}),
        "masked": ("SetLatentNoiseMask", {}),
        "square": ("EmptyLatentImage", {"width": 32, "height": 64}),
        "prompt": ("CLIPTextEncode", {"text": "a red fox"}),
        "levels": ("BasicScheduler", {"steps": 2}),
        "sampler": ("KSamplerSelect", {}),
        "noise": ("RandomNoise", {}),
        "guider": ("BasicGuider", {}),
        "judge": ("SafetyModelLoader", {}),
    }
    links = ["pictures.IMAGE > mask.image", "other.LATENT > masked.samples", "full.MASK > masked.mask",
             "loader.CLIP > prompt.clip", "loader.MODEL > levels.model", "loader.MODEL > guider.model",
             "prompt.CONDITIONING > guider.conditioning"]  # fmt: skip
    ends = {"IMAGE": "file", "LATENT": "latent", "MASK": "full"}
    for kind, chain in CHAINS.items():
        for place, (type_id, literals) in enumerate(chain):
            name = f"{kind}{place}"
            nodes[name] = (type_id, literals)
            links.append(f"{ends[kind]}.{kind} > {name}.{OTHERS.get(type_id, FIRST[kind])}")
            ends[kind] = name
    for type_id, sources in PAIRED:
        nodes[type_id] = (type_id, LITERALS.get(type_id, {}))
        links += [source.format(type_id) for source in sources]
    return document(nodes, *links)


def real_model(value: Any, kind: str) -> dict[str, object]:
    """What a model, a text encoder, a VAE or conditioning really is."""
    if kind == "CONDITIONING":
        return {"width": value[0].tensor.shape[-1], "role": "base"}
    config = value.network.config
    if kind == "VAE":
        return {"factor": value.factor, "channels": config.embed_dim}
    if kind == "CLIP":
        return {"family": value.family, "width": config.width}
    told = {"family": value.family, "prediction": value.prediction, "role": "base"}
    return {**told, "context": config.context_dim, "channels": value.latent_channels}


def real(value: Any, kind: str) -> dict[str, object]:
    """What a value really is, in the words of facts."""
    if kind == "INT":
        return {"value": value}
    if kind in MODELS:
        return real_model(value, kind)
    if kind == "LATENT":
        batch, channels, rows, columns = value.samples.shape
        size = {"width": columns * 8, "height": rows * 8, "batch": batch, "channels": channels, "factor": 8}
        return {**size, "masked": True} if value.noise_mask is not None else size
    batch, height, width = value.shape[:3]
    size = {"width": width, "height": height, "batch": batch}
    return {**size, "channels": value.shape[3]} if kind == "IMAGE" else size


def test_every_node_says_something_of_what_it_makes(bench: Bench) -> None:
    kinds = {"MODEL", "CLIP", "VAE", "CONDITIONING", "LATENT", "IMAGE", "MASK", "CONTROL_NET", "GUIDER"}
    making = {
        each.id
        for each in bench.registry.types.values()
        if kinds & {output.type_name for output in each.outputs}
    }
    assert making - set(bench.registry.infers) == set()


UNSAID = {
    "ModelMergeSimple": {"prediction"},
    "ImageBlend": {"batch", "channels"},
    "ImageGrid": {"width", "height"},
    "AttentionMaps": {"batch"},
    "PoseSkeleton": {"batch"},
    "StepCapture": {"batch"},
}
"""What only the run knows."""


def test_what_is_said_is_what_a_run_makes(bench: Bench) -> None:
    for shipped in ("safety/nsfwjs_mobilenet_v2.safetensors", "segmentation/selfie_segmentation.safetensors"):
        (bench.root / "models" / shipped).parent.mkdir()
        (bench.root / "models" / shipped).symlink_to(ROOT / "models" / shipped)
    save_latent(Latent(torch.zeros(2, 4, 6, 9)), bench.root / "input", "kept", {})
    (bench.root / "input/kept_00001_.latent").rename(bench.root / "input/kept.latent")
    (bench.root / "output").mkdir(exist_ok=True)
    shutil.copy(bench.root / "input/example.png", bench.root / "output")
    workflow, _ = read_document(everything())
    assert workflow is not None
    targets = [node.id for node in workflow.nodes]
    found = plan(workflow, bench.registry, targets=targets, folders=bench.folders, cache=bench.cache)
    assert found.ok, found.problems
    finished = bench.executor.run(found, run_id="r", emit=lambda event: None)
    assert finished.status == "succeeded", finished.problems
    compared = 0
    for step in found.steps:
        entry = bench.cache.peek(step.key)
        assert entry is not None and step.node_type is not None
        for output, value in zip(step.node_type.outputs, entry.outputs, strict=True):
            if output.type_name in ("IMAGE", "MASK", "LATENT", "INT", *MODELS):
                said = {
                    name: fact for name, fact in found.facts[step.id][output.name].items() if name != "digest"
                }
                truth = real(value, output.type_name)
                assert said == {name: truth[name] for name in said}, (step.id, output.name)
                missing = truth.keys() - said.keys() - {"factor"}
                assert missing <= UNSAID.get(step.type, set()), step.id
                compared += 1
    assert compared > 100
