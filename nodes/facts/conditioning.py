"""Facts of what steers: how wide its vectors are, and which kind of model it serves."""

from collections.abc import Iterator

from graph import Inferred, Seen, facts_of
from graph.problems import Fix, Problem, set_mode
from nodes.facts.models import agreed, made_for
from nodes.facts.ranges import check_range


@facts_of("ConditioningCombine")
def combined(seen: Seen) -> Inferred:
    return Inferred({"CONDITIONING": agreed(seen.facts("conditioning_1"), seen.facts("conditioning_2"))})


@facts_of("ConditioningConcat", "ConditioningAverage")
def joined(seen: Seen) -> Inferred:
    """The first's entries, with something of the second in their vectors."""
    return Inferred({"CONDITIONING": seen.facts("conditioning_to")})


@facts_of("ControlNetApply")
def controlled(seen: Seen) -> Inferred:
    problems = list(check_control(seen, "conditioning"))
    return Inferred({"CONDITIONING": seen.facts("conditioning")}, problems)


@facts_of("ControlNetApplyAdvanced", "ControlNetApplyCurve")
def both_controlled(seen: Seen) -> Inferred:
    sides = ("positive", "negative")
    problems = [problem for side in sides for problem in check_control(seen, side)]
    return Inferred({side: seen.facts(side) for side in sides}, [*problems[:1], *check_range(seen)])


def check_control(seen: Seen, side: str) -> Iterator[Problem]:
    """A ControlNet reads the same vectors as the model."""
    width, context = seen.facts(side).get("width"), seen.facts("control_net").get("context")
    if None not in (width, context) and width != context:
        yield seen.problem(
            "control_mismatch",
            "control_net",
            f"the ControlNet was made for {made_for(context)}, the prompt was encoded for {made_for(width)}",
            given=context,
            expected=made_for(width),
            remedy="Choose a ControlNet of the model's kind, or bypass this node.",
            fixes=[Fix("Bypass the ControlNet", (set_mode(seen.id, "bypassed"),))],
        )
