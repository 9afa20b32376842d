"""docs/coverage.md is what the parity benchmark found, and names all that it is to name."""

import re

import pytest
import torch

from benchmarks.coverage import masks, sampling, text
from benchmarks.coverage.row import Layout, Measured, Result, Row, Run, loads
from benchmarks.coverage.table import ROWS
from benchmarks.coverage.workflows import ROOT, built_in, problems_of
from benchmarks.parity import PAGE, measure, stored, stored_page, summarise

RESULTS, _ = stored()
BY_NAME = {result.name: result for result in RESULTS}
SCHEDULERS = (
    "BasicScheduler KarrasScheduler ExponentialScheduler PolyexponentialScheduler VPScheduler "
    "BetaSamplingScheduler LaplaceScheduler SDTurboScheduler AlignYourStepsScheduler"
)
DEMANDED = {
    "sd1": "CheckpointLoaderSimple CheckpointLoader",
    "sd2": "CheckpointLoaderSimple CheckpointLoader ModelSamplingDiscrete",
    "diffusers_folders": "DiffusersLoader UNETLoader CLIPLoader VAELoader",
    "sampling": "KSampler KSamplerAdvanced SamplerCustom SamplerCustomAdvanced KSamplerSelect SplitSigmas "
    f"RandomNoise CFGGuider {SCHEDULERS}",
    "noise": "NoiseProfile",
    "prompts": "CLIPTextEncode CLIPSetLastLayer ConditioningCombine ConditioningConcat ConditioningAverage "
    "ConditioningSetArea ConditioningSetAreaPercentage ConditioningSetMask ConditioningSetTimestepRange "
    "ConditioningZeroOut",
    "guidance": "RescaleCFG PerpNeg SelfAttentionGuidance PerturbedAttentionGuidance GuidanceInterval",
    "classifier_guidance": "ClassifierGuidance",
    "vae": "VAELoader VAEDecode VAEDecodeTiled VAEEncode VAEEncodeTiled VAESave",
    "inpainting": "VAEEncodeForInpaint SetLatentNoiseMask InpaintModelConditioning DifferentialDiffusion "
    "ImagePadForOutpaint GrowMask FeatherMask MaskComposite LoadImageMask SolidMask ThresholdMask CropMask "
    "ImageToMask MaskToImage ImageCompositeMasked",
    "depth": "DepthEstimate DepthToImageConditioning",
    "x4": "SD_4XUpscale_Conditioning",
    "instruct": "InstructPixToPixConditioning",
    "control": "ControlNetLoader DiffControlNetLoader ControlNetApply ControlNetApplyAdvanced Canny",
    "lora": "LoraLoader LoraLoaderModelOnly",
    "textual_inversion": "CLIPTextEncode",
    "hypernetworks": "HypernetworkLoader",
    "merging": "ModelMergeSimple ModelMergeBlocks ModelMergeAdd ModelMergeSubtract CLIPMergeSimple "
    "CLIPMergeAdd CLIPMergeSubtract CheckpointSave",
    "features": "FreeU FreeU_V2 HyperTile TomePatchModel",
    "upscalers": "UpscaleModelLoader ImageUpscaleWithModel",
    "safety": "SafetyCheck",
    "seeing": "ForwardDiffusion StepCapture SaveAnimatedWEBP SaveAnimatedPNG NoiseSchedulePlot AttentionMaps",
    "comparisons": "ImageGrid",
    "tools": "ImageScale ImageBlend LatentUpscale LatentComposite",
}
"""What every system is to have at least, by the name of its row."""


def test_page_is_that_of_the_stored_results() -> None:
    assert PAGE.read_text("utf-8") == stored_page(), "run python -m benchmarks.parity --page"


def test_stored_results_are_those_of_the_table() -> None:
    """Whoever changes a row measures again: `python -m benchmarks.parity --only ROW --write`."""
    assert [result.name for result in RESULTS] == [row.name for row in ROWS]
    for row, result in zip(ROWS, RESULTS, strict=True):
        told = result.system, result.nodes, result.workflows, result.deviations
        assert told == (row.system, row.nodes, row.workflows, row.deviations)


@pytest.mark.parametrize("name", DEMANDED)
def test_line_of_a_system_names_its_nodes_and_workflows(name: str) -> None:
    registry, _ = built_in()
    (line,) = re.findall(rf"^\| {re.escape(BY_NAME[name].system)}(?: \*.*?)? \|.*$", table_of_systems(), re.M)
    nodes = DEMANDED[name].split()
    assert not set(nodes) - set(registry.types), "what is demanded is there"
    assert all(f"`{node}`" in line for node in nodes)
    assert all(f"workflows/{workflow}.json" in line for workflow in BY_NAME[name].workflows)


def table_of_systems() -> str:
    """The first table of the page."""
    head, _, _ = PAGE.read_text("utf-8").partition("## Every measurement")
    return head


def test_every_row_is_demanded_and_every_demand_has_a_row() -> None:
    assert set(DEMANDED) == {row.name for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_workflows_of_a_row_hold_its_nodes_and_plan(row: Row) -> None:
    assert list(problems_of(row.workflows, row.nodes)) == []


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.name)
def test_every_system_passed(result: Result) -> None:
    assert result.passes, (result.failures, result.worst)


def test_stored_numbers_are_those_of_today(tmp_path) -> None:
    """Three quick checks of many, measured anew; their errors may differ by rounding."""
    run = Run(True, tmp_path)
    for name, check in (("sampling", sampling.schedulers), ("inpainting", masks.numbers)):
        kept = {(each.what, each.reference): each for each in BY_NAME[name].measured}
        for each in check(run):
            then = kept[each.what, each.reference]
            assert each.passes and each.tolerance == then.tolerance
            assert each.error == pytest.approx(then.error, abs=each.tolerance / 2)
    assert all(each.passes for each in (text.differing("x", "y", text.read_as_comfy()),))


# --- what the benchmark itself says of what is wrong


def row_of(*measured: Measured, workflows=("text_to_image",), nodes=("KSampler",), layouts=()) -> Row:
    return Row("x", "x", nodes, workflows, (lambda run: measured,), (lambda run: layouts,))


@pytest.mark.parametrize(
    ("row", "passes"),
    [
        (row_of(Measured("a", "b", 1.0, 1.0)), True),
        (row_of(Measured("a", "b", 0.0, 0.0)), True),
        (row_of(Measured("a", "b", 1.1, 1.0)), False),
        (row_of(Measured("a", "b", float("nan"), 1.0)), False),
        (row_of(Measured("a", "b", 1, 0)), False),
        (row_of(), False),
        (row_of(Measured("a", "b", 0.0, 1.0), layouts=(Layout("c", "damaged"),)), False),
        (row_of(Measured("a", "b", 0.0, 1.0), workflows=("no_such",)), False),
        (row_of(Measured("a", "b", 0.0, 1.0), workflows=()), False),
        (row_of(Measured("a", "b", 0.0, 1.0), nodes=("CLIPSave",)), False),
        (row_of(Measured("a", "b", 0.0, 1.0), nodes=("KSampler", "NoSuchNode")), False),
    ],
)
def test_row_passes_only_where_all_is_right(tmp_path, row: Row, passes: bool) -> None:
    assert measure(row, Run(True, tmp_path)).passes == passes


def test_check_that_breaks_off_fails_its_row_and_keeps_what_it_had_found(tmp_path) -> None:
    def breaking(run: Run):
        yield Measured("a", "b", 0.5, 1.0)
        raise ValueError("no more\nof it")

    result = measure(Row("x", "x", ("KSampler",), ("text_to_image",), (breaking,)), Run(True, tmp_path))
    assert (result.measured, result.failures) == ((Measured("a", "b", 0.5, 1.0),), ("ValueError: no more",))
    assert not result.passes
    assert Result.from_json(result.to_json()) == result


def test_worst_is_the_largest_part_of_its_tolerance_and_numbers_are_flat(tmp_path) -> None:
    row = row_of(
        Measured("near", "b", 9e-6, 1e-5), Measured("far", "b", 0.1, 1.0), Measured("none", "b", 0, 0)
    )
    result = measure(row, Run(True, tmp_path))
    assert result.worst.what == "near"
    assert summarise([result]) == {
        "rows": 1,
        "rows_passing": 1,
        "x_error": 9e-6,
        "x_tolerance": 1e-5,
        "x_measurements": 3,
        "x_files": 0,
    }


def test_layout_says_what_went_wrong() -> None:
    assert loads("a", lambda: True).problem == ""
    assert loads("a", lambda: False).problem == "gives other tensors than it holds"
    assert loads("a", lambda: torch.zeros(2)[3] > 0).problem.startswith("IndexError")


def test_workflows_are_held_to_their_files() -> None:
    assert (ROOT / "workflows/text_to_image.json").exists()
    assert list(problems_of(("text_to_image",), ("ImageGrid",))) == ["text_to_image: has none of the nodes"]
