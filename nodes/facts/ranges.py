"""Parts of the way to the picture that begin where they have ended: what is set for them changes nothing."""

from collections.abc import Iterator

from graph import Seen
from graph.problems import Fix, Problem, set_input

PERCENT = ("start_percent", "end_percent")
RANGES = {
    "ControlNetApplyAdvanced": PERCENT,
    "GuidanceInterval": PERCENT,
    "ClassifierGuidance": PERCENT,
    "PatchModelAddDownscale": PERCENT,
    "ConditioningSetTimestepRange": ("start", "end"),
    "KSamplerAdvanced": ("start_at_step", "end_at_step"),
}
"""By node type, the inputs that say from where to where it counts."""


def check_range(seen: Seen) -> Iterator[Problem]:
    """Warn where a node counts nowhere."""
    for first, last in [RANGES[seen.type_id]] if seen.type_id in RANGES else []:
        start, end = seen.value(first), seen.value(last)
        if not isinstance(start, int | float) or not isinstance(end, int | float) or start < end:
            continue
        patch = (set_input(seen.id, first, end), set_input(seen.id, last, start))
        typed = not seen.link(first) and not seen.link(last)
        yield seen.problem(
            "empty_range",
            last,
            f"it ends at {end:g} and begins at {start:g}: nowhere, so that this node changes nothing",
            given=end,
            expected=f"more than {start:g}",
            remedy=f"Set {last} above {first}, or bypass the node.",
            fixes=[Fix("Swap the two", patch)] if typed and start > end else (),
            warning=True,
        )
