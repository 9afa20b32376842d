"""Nodes that count from somewhere to somewhere say where that is nowhere."""

import pytest

from nodes.facts.ranges import RANGES
from tests.nodes.bench import Bench
from tests.nodes.published import Planned, only, planner, repaired, text_to_image, with_nodes


@pytest.fixture
def planned(bench: Bench) -> Planned:
    return planner(bench)


def with_range(start: float, end: float) -> dict[str, object]:
    given = text_to_image("tessera-emoji-v1", width=64, height=64)
    nodes = {"range": ("ConditioningSetTimestepRange", {"start": start, "end": end})}
    return with_nodes(
        given, nodes, "prompt.CONDITIONING > range.conditioning", "range.CONDITIONING > sampler.positive"
    )


def test_an_end_before_the_start_is_told_and_swapped(planned: Planned) -> None:
    given = with_range(0.8, 0.2)
    problem = only(planned(given))
    assert (problem.code, problem.severity, problem.input) == ("empty_range", "warning", "end")
    assert problem.message == (
        "ConditioningSetTimestepRange.end: it ends at 0.2 and begins at 0.8: nowhere, "
        "so that this node changes nothing"
    )
    repaired(planned, given, problem)
    assert planned(given).ok


def test_an_end_at_the_start_has_nothing_to_swap(planned: Planned) -> None:
    assert only(planned(with_range(0.5, 0.5))).fixes == ()
    assert planned(with_range(0.2, 0.8)).problems == ()


def test_every_range_is_of_inputs_that_are_there(bench: Bench) -> None:
    for type_id, names in RANGES.items():
        assert {*names} <= {*bench.registry.types[type_id].inputs_by_name}
