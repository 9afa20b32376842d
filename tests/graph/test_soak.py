"""The soak benchmark, for a moment: it must find nothing."""

from benchmarks.soak import measure


def test_a_moment_of_random_runs_loses_nothing_and_keeps_its_budgets() -> None:
    numbers = measure(2.0)
    assert numbers["runs"] > 50
    nothing = (
        *("lost_events", "internal_errors", "wants_left", "unwritten"),
        *("memory_over_budget_bytes", "disk_over_budget_bytes"),
    )
    assert {name: numbers[name] for name in nothing} == dict.fromkeys(nothing, 0.0)
