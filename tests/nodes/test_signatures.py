"""The nodes' ids, inputs and outputs are ComfyUI's, so that its workflows replay unchanged."""

import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from graph.registry import Registry
from nodes.sampling import SamplerName, SchedulerName
from nodes.types import IMAGE

ROOT = Path(__file__).parents[2]
COMFY = json.loads((ROOT / "tests/data/comfy_nodes.json").read_text())["nodes"]
OWN = {
    "ClassifierGuidance",
    "ClassifierLoader",
    "ClassifyImage",
    "AttentionMaps",
    "CheckpointLoaderWeights",
    "BendSigmas",
    "ControlNetApplyCurve",
    "ControlNetWeights",
    "CurveScheduler",
    "CurveValue",
    "CurveValues",
    "GuidanceCurve",
    "ImageCurves",
    "PrimitiveCurve",
    "DepthEstimate",
    "DepthModelFromCheckpoint",
    "DepthToImageConditioning",
    "EdgeModelLoader",
    "LineArt",
    "PersonMask",
    "PoseSkeleton",
    "ScribbleFromEdges",
    "SoftEdges",
    "DepthModelLoader",
    "ForwardDiffusion",
    "GuidanceInterval",
    "ImageGrid",
    "ImageListToImageBatch",
    "InpaintPreprocessor",
    "LazyIndexSwitch",
    "MaskBounds",
    "LazySwitch",
    "LinesToText",
    "LoadImagesFromFolder",
    "ListCross",
    "ListItem",
    "ListLength",
    "ListMake",
    "ListOfNumbers",
    "ListSlice",
    "TextToLines",
    "NoiseProfile",
    "NoiseSchedulePlot",
    "NormalFromDepth",
    "LoraTagLoader",
    "PrimitiveSeed",
    "PromptEncodeA1111",
    "StepCapture",
    "SaveImageWebsocket",
    "SafetyCheck",
    "SafetyModelFromFolder",
    "SafetyModelLoader",
}
# What we choose otherwise: a prefix of our own name.
SAVERS = (
    "SaveAnimatedPNG",
    "SaveAnimatedWEBP",
    "SaveImage",
    "SaveLatent",
    "VAESave",
    "CheckpointSave",
    "ModelSave",
    "CLIPSave",
    "LoraSave",
)
OTHER_DEFAULTS = {(name, "filename_prefix") for name in SAVERS}
# Lists that differ: samplers not there yet, and a scheduler that ComfyUI has as a node of its own.
OTHER_CHOICES = {"sampler_name", "scheduler", "add_noise"}


@pytest.fixture(scope="module")
def registry():
    made = Registry()
    made.load_package("nodes")
    assert not made.problems
    return made


def inputs_of(name):
    """ComfyUI's inputs in order: {name: (type or choices, options)}."""
    given, order = COMFY[name]["input"], COMFY[name]["input_order"]
    specs = {key: given[part][key] for part in ("required", "optional") for key in order.get(part, ())}
    return {key: (kind(spec), [*spec, {}][1]) for key, spec in specs.items()}


def kind(spec):
    """The type of an input, or its choices, which newer nodes write as options of a COMBO."""
    if spec[0] == "*":
        return "ANY"
    return spec[1].get("options", []) if spec[0] == "COMBO" else spec[0]


def test_every_node_is_comfyuis_or_known_as_ours(registry):
    assert set(registry.types) == set(COMFY) | OWN


@pytest.mark.parametrize("name", COMFY)
def test_names_order_and_types_are_comfyuis(registry, name):
    ours, theirs = registry.types[name], inputs_of(name)
    assert [given.name for given in ours.inputs] == list(theirs)
    assert ours.title == COMFY[name]["display_name"] or COMFY[name]["display_name"] is None
    assert ours.category == COMFY[name]["category"]
    assert [output.name for output in ours.outputs] == COMFY[name]["output_name"]
    assert [output.type_name for output in ours.outputs] == COMFY[name]["output"]
    assert ours.sink == COMFY[name]["output_node"]
    for given in ours.inputs:
        kind, _ = theirs[given.name]
        if given.type_name == "FILE" or isinstance(kind, list):
            assert given.widget is not None
        else:
            assert given.type_name == kind


@pytest.mark.parametrize("name", COMFY)
def test_defaults_and_ranges_are_comfyuis(registry, name):
    for given in registry.types[name].inputs:
        kind, options = inputs_of(name)[given.name]
        if "default" in options and (name, given.name) not in OTHER_DEFAULTS:
            assert given.default == options["default"], given.name
        for bound in ("min", "max", "step"):
            if (
                bound in options
                and hasattr(given.widget, bound)
                and not options.get("control_after_generate")
            ):
                ours = getattr(given.widget, bound)
                assert ours == options[bound] or (bound == "step" and ours is None), (given.name, bound)
        if isinstance(kind, list) and kind and given.type_name != "FILE":
            assert given.default == options.get("default", kind[0])
            once = list(dict.fromkeys(kind))  # ImageScaleToMaxDimension offers bilinear twice
            assert given.name in OTHER_CHOICES or list(given.widget.choices) == once


def test_sampler_and_scheduler_names_are_the_librarys():
    from diffusion.sampling.samplers import SAMPLERS
    from diffusion.sampling.schedules import SCHEDULERS

    assert get_args(SamplerName) == tuple(SAMPLERS)
    assert get_args(SchedulerName) == tuple(SCHEDULERS)


def test_sampler_and_scheduler_names_are_in_comfyuis_order():
    theirs = inputs_of("KSampler")
    for name, ours in (("sampler_name", get_args(SamplerName)), ("scheduler", get_args(SchedulerName))):
        known = [choice for choice in ours if choice in theirs[name][0]]
        assert known == [choice for choice in theirs[name][0] if choice in ours]
        assert set(ours) - set(known) <= {"ays", "plms", "restart"}


def test_every_node_and_input_explains_itself(registry):
    for each in registry.types.values():
        assert each.help.endswith(".") and len(each.help) < 110, each.id


def test_nodes_are_glue(registry):
    """At most 20 lines of body: anything longer belongs into the library."""
    import ast

    for file in sorted((ROOT / "nodes").glob("*.py")):
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef):
                lines = function.body[-1].end_lineno - function.body[0].lineno + 1
                assert lines <= 20, f"{file.name}: {function.name} has {lines} lines"


def test_importing_the_nodes_imports_no_torch():
    code = (
        "import sys; from graph.registry import Registry; Registry().load_package('nodes');"
        "sys.exit(bool({'torch', 'numpy', 'PIL'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_masks_feed_pictures(registry):
    import torch

    convert = registry.conversions["MASK", IMAGE.name].convert
    mask = torch.rand(2, 3, 4)
    assert torch.equal(convert(mask), torch.stack([mask] * 3, dim=-1))
