"""The safety check from workflows: on the shipped classifier and on tiny checkers in both places."""

import shutil

import numpy as np
import pytest
from safetensors.torch import save_file

from graph.events import StepFinished
from tests.diffusion.test_safety import SHIPPED, nested, peer, write_folder
from tests.nodes.bench import changed, template
from tests.nodes.tiny import write_checkpoint

QUICK = {"sampler": {"steps": 2}}


@pytest.fixture
def safety_folder(bench):
    folder = bench.root / "models/safety"
    folder.mkdir()
    shutil.copy(SHIPPED, folder)
    return folder


def report_of(ran) -> str:
    """What the workflow shows as text."""
    (event,) = [event for event in ran.of(StepFinished) if event.step == "report"]
    return event.artifacts[0].text


def test_template_reports_and_passes_what_is_harmless(bench, safety_folder):
    ran = bench.run(changed(template("safety_check"), **QUICK))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert report_of(ran).startswith("1 picture checked by nsfwjs_mobilenet_v2 (advisory): 0 flagged.")


@pytest.mark.parametrize(("action", "done"), [("flag", "passed on"), ("blur", "blurred"), ("black", "black")])
def test_what_is_flagged_is_treated_as_asked(bench, safety_folder, action, done):
    given = {**QUICK, "check": {"action": "flag", "sensitivity": 0.0}}
    plain = bench.run(changed(template("safety_check"), **given))
    before = bench.picture(next(name for name in plain.names if name))
    ran = bench.run(changed(template("safety_check"), **QUICK, check={"action": action, "sensitivity": 1.0}))
    after = bench.picture(next(name for name in ran.names if name))
    assert f"0: flagged, {done}" in report_of(ran)
    assert np.array_equal(before, after) == (action == "flag")
    assert action != "black" or after.max() == 0


def test_checker_of_stable_diffusion_judges_by_its_own_file(bench, safety_folder):
    save_file(nested(peer().state_dict()), safety_folder / "model.safetensors")
    document = changed(template("safety_check"), **QUICK, judge={"model_name": "model.safetensors"})
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert report_of(ran).startswith("1 picture checked by model: ") and "concept" in report_of(ran)


def test_checker_inside_a_diffusers_folder_is_found(bench):
    write_folder(bench.root / "models/diffusers/sd15", "model.safetensors")
    document = changed(template("safety_check"), **QUICK)
    (judge,) = [each for each in document["nodes"] if each["id"] == "judge"]
    judge["type"], judge["inputs"] = "SafetyModelFromFolder", {"model_path": "sd15"}
    ran = bench.run(document)
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert report_of(ran).startswith("1 picture checked by sd15/safety_checker: ")


def test_a_file_of_another_kind_says_what_it_is(bench, safety_folder):
    write_checkpoint(safety_folder / "other.safetensors")
    problem = bench.run(
        changed(template("safety_check"), **QUICK, judge={"model_name": "other.safetensors"})
    ).failed
    assert (problem.node, problem.input, problem.code) == ("judge", "model_name", "unknown_architecture")
    assert "a UNet" in problem.message and "safety checker" in problem.message
