"""Warnings before anything runs: of sizes that are hardly meant, and of masks that would be stretched."""

import pytest

from graph.problems import Problem
from tests.graph.sample import document
from tests.nodes.published import Planned, text_to_image


def told(problems: tuple[Problem, ...]) -> list[tuple[object, ...]]:
    return [(each.code, each.severity, each.node, each.input, each.given) for each in problems]


def test_a_factor_that_makes_gigabytes_is_told_and_may_still_run(planned: Planned) -> None:
    nodes = {
        "picture": ("EmptyImage", {"width": 2048, "height": 2048, "batch_size": 2}),
        "scale": ("ImageScaleBy", {"scale_by": 8}),
        "save": ("SaveImage", {}),
    }
    found = planned(document(nodes, "picture.IMAGE > scale.image", "scale.IMAGE > save.images"))
    assert told(found.problems) == [("very_large", "warning", "scale", "scale_by", 16384 * 16384 * 2)]
    assert found.ok and "16384 x 16384 pixels, 2 times: 6.4 GB" in found.problems[0].message


@pytest.mark.parametrize(("width", "batch", "codes"), [(4096, 1, []), (4104, 1, [4104 * 4096]), (64, 64, [])])
def test_what_is_sampled_is_told_by_the_size_of_one_picture(
    planned: Planned, width: int, batch: int, codes: list[int]
) -> None:
    found = planned(text_to_image("sd1", width=width, height=4096, batch_size=batch))
    assert [problem.given for problem in found.problems if problem.code == "very_large"] == codes


@pytest.mark.parametrize(
    ("size", "given"), [((256, 256), []), ((255, 257), []), ((64, 64), []), ((512, 256), ["512 x 256"])]
)
def test_a_mask_of_another_shape_is_told_one_of_another_size_is_not(
    planned: Planned, size: tuple[int, int], given: list[str]
) -> None:
    nodes = {
        "picture": ("EmptyImage", {"width": 256, "height": 256}),
        "mask": ("SolidMask", {"width": size[0], "height": size[1]}),
        "alpha": ("JoinImageWithAlpha", {}),
        "save": ("SaveImage", {}),
    }
    links = ("mask.MASK > alpha.alpha", "picture.IMAGE > alpha.image", "alpha.IMAGE > save.images")
    found = planned(document(nodes, *links))
    assert [(each.code, each.input, each.given) for each in found.problems] == [
        ("mask_stretched", "alpha", each) for each in given
    ]
