"""The engine's fixtures."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.graph.grids import grid_of
from tests.graph.sample import SAMPLES, Bench
from tests.graph.test_mapping import numbers
from tests.graph.zoned import below, inverse, once


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """A maker of benches of given functions, which are closed at the end."""
    made: list[Bench] = []

    def make(*functions: Callable[..., Any], **options: Any) -> Bench:
        made.append(Bench(tmp_path, *functions, **options))
        return made[-1]

    yield make
    for bench in made:
        bench.executor.close()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()


@pytest.fixture
def grid(make_bench: Callable[..., Bench], tmp_path: Path) -> Bench:
    return grid_of(make_bench, tmp_path)


@pytest.fixture
def zones(make_bench: Callable[..., Bench]) -> Bench:
    once.called = 0  # type: ignore[attr-defined]
    return make_bench(*SAMPLES, numbers, below, inverse, once)
