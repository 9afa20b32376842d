"""Nodes that take curves: in runs, and against the plain nodes that a flat or straight curve equals."""

import json

import numpy as np
import pytest
import torch

from graph import Curve
from graph.events import StepFinished
from graph.plan import plan
from graph.workflow import read_document
from nodes import curves, image_effects, sigmas
from tests.graph.sample import document
from tests.nodes.bench import Bench, changed, template
from tests.nodes.test_features import with_step

SHORT = {"steps": 3}
ENDS = {"sigma_max": 14.6, "sigma_min": 0.03}
IMAGE = torch.rand(1, 8, 8, 3, generator=torch.Generator().manual_seed(0))


def shown(ran):
    return [artifact.text for event in ran.of(StepFinished) for artifact in event.artifacts]


def drawn(*points, interpolation="linear"):
    return {"points": [list(point) for point in points], "interpolation": interpolation}


def test_guidance_by_a_flat_curve_gives_the_same_picture(bench: Bench):
    plain = bench.run(changed(template("text_to_image"), sampler={**SHORT, "cfg": 5.5}))
    flat = drawn((0, 5.5), (1, 5.5), interpolation="smooth")
    curved = bench.run(with_step(template("text_to_image"), "curve", "GuidanceCurve", cfg=flat))
    falling = bench.run(
        with_step(template("text_to_image"), "curve", "GuidanceCurve", cfg=drawn((0, 9), (1, 1)))
    )
    first, second, third = (bench.picture(ran.names[0]) for ran in (plain, curved, falling))
    assert np.array_equal(first, second) and not np.array_equal(first, third)


def test_a_saved_picture_carries_its_curve(bench: Bench):
    curve = drawn((0, 4.5), (1, 1), interpolation="smooth")
    texts = bench.texts(
        bench.run(with_step(template("text_to_image"), "curve", "GuidanceCurve", cfg=curve)).names[0]
    )
    (node,) = [node for node in json.loads(texts["tessera"])["nodes"] if node["id"] == "curve"]
    assert node["inputs"] == {"cfg": curve}
    sent = json.loads(texts["prompt"])
    assert [each["inputs"]["cfg"] for each in sent.values() if each["class_type"] == "GuidanceCurve"] == [
        curve
    ]


def test_levels_of_a_straight_curve_are_those_of_the_exponential_scheduler():
    straight = sigmas.curve_scheduler(Curve.line(1, 0), steps=9, **ENDS)
    assert straight == pytest.approx(sigmas.exponential_scheduler(steps=9, **ENDS), rel=1e-12)
    levels = sigmas.karras_scheduler(steps=9, **ENDS)
    assert sigmas.bend_sigmas(levels, Curve.line(0, 1)) == levels


def test_a_number_feeds_a_curve_and_a_curve_feeds_a_list(bench: Bench):
    nodes = {
        "number": ("PrimitiveFloat", {"value": 0.25}),
        "curve": ("PrimitiveCurve", {"value": drawn((0, 0), (1, 8))}),
        "flat": ("CurveValues", {"count": 2}),
        "values": ("CurveValues", {"count": 5}),
        "at": ("CurveValue", {"x": 0.75}),
        "all": ("ListMake", {}),
        "look": ("PreviewAny", {}),
    }
    links = ["number.FLOAT > flat.curve", "curve.CURVE > values.curve", "curve.CURVE > at.curve"]
    joined = ["flat.list > all.items", "values.list > all.items", "at.FLOAT > all.items"]
    ran = bench.run(document(nodes, *links, *joined, "all.list > look.source"))
    assert ran.finished.status == "succeeded", ran.finished.problems
    assert shown(ran) == ["0.25", "0.25", "0.0", "2.0", "4.0", "6.0", "8.0", "6.0"]


def test_a_curve_is_shown_in_words(bench: Bench):
    nodes = {"curve": ("PrimitiveCurve", {"value": drawn((0, 0.5), (1, 8))}), "look": ("PreviewAny", {})}
    assert shown(bench.run(document(nodes, "curve.CURVE > look.source"))) == ["0: 0.5 → 1: 8, linear"]


def test_a_curve_that_is_none_is_a_problem_of_its_input(bench: Bench):
    given = with_step(template("text_to_image"), "curve", "GuidanceCurve", cfg=drawn((0, 400)))
    workflow, _ = read_document(given)
    assert workflow is not None
    (problem,) = plan(workflow, bench.registry, folders=bench.folders).problems
    assert (problem.node, problem.input, problem.code) == ("curve", "cfg", "value_out_of_range")
    assert problem.message == "GuidanceCurve.cfg: y of point 0 is 400, above 100"


def test_tones_are_inverted_by_a_falling_curve_and_kept_by_a_straight_one():
    assert torch.equal(image_effects.image_curves(IMAGE), IMAGE)
    inverted = image_effects.image_curves(IMAGE, rgb=Curve.line(1, 0))
    torch.testing.assert_close(inverted, 1 - IMAGE)
    blueless = image_effects.image_curves(IMAGE, blue=Curve.flat(0))
    assert torch.equal(blueless[..., :2], IMAGE[..., :2]) and not blueless[..., 2].any()


def test_curves_are_read_at_even_places():
    assert curves.curve_values(Curve.line(2, 4), count=3) == [2, 3, 4]
    assert curves.curve_values(Curve.line(2, 4), count=0) == []
    assert curves.curve_value(Curve.line(2, 4), x=0.25) == 2.5
    assert curves.float_to_curve(3) == Curve.flat(3)
