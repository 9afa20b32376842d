"""How long a run takes to end after it is cancelled: `python -m benchmarks.cancel [--quick] [--json FILE]`.

The default workflow with the embedded model, in this process: cancelled at random moments of its loading,
sampling and decoding, every time with a new seed. The baseline is one step of the sampler.
"""

import argparse
import json
import platform
import random
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graph.events import Event, RunFinished, StepFinished, StepProgress, StepStarted
from server import make_engine, make_folders
from service.engine import Engine

CHECKOUT = Path(__file__).resolve().parent.parent
WORKFLOW = CHECKOUT / "workflows/text_to_image.json"
TRIALS, QUICK_TRIALS = 200, 40
LOADS = 4
"""Every so many trials begin with an empty cache, so that loading is cancelled, too."""
SEED = 1


@dataclass
class Watch:
    """Hears a run, and cancels it after some seconds."""

    after: float | None = None
    cancel: threading.Event = field(default_factory=threading.Event)
    current: str = "between steps"
    cancelled_at: float = 0.0
    cancelled_in: str = ""
    marks: list[float] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        match event:
            case StepStarted(_, step):
                self.current = step
            case StepFinished(_, step) if step == self.current:
                self.current = "between steps"
            case StepProgress():
                self.marks.append(time.perf_counter())

    def fire(self) -> None:
        self.cancelled_in, self.cancelled_at = self.current, time.perf_counter()
        self.cancel.set()


def run(engine: Engine, document: Mapping[str, Any], seed: int, watch: Watch) -> RunFinished:
    order = engine.order(document, values={"sampler.seed": seed})
    timer = threading.Timer(watch.after, watch.fire) if watch.after is not None else None
    if timer is not None:
        timer.start()
    finished = engine.executor.run(
        order.plan, run_id="run", emit=watch, cancel=watch.cancel, document=order.document
    )
    if timer is not None:
        timer.cancel()
        timer.join()
    return finished


def measure(trials: int, say: Callable[[str], None] = lambda text: None) -> dict[str, float]:
    """Latencies in ms, of all trials and by the step that was at work."""
    chance = random.Random(SEED)
    document = json.loads(WORKFLOW.read_text("utf-8"))
    latencies: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as root:
        engine = make_engine(make_folders(Path(root)), custom_nodes=False)
        engine.load()
        run(engine, document, 0, Watch())  # imports and whatever else is done once
        engine.cache.clear()
        whole, step = timed(engine, document)
        for trial in range(trials):
            if trial % LOADS == 0:
                engine.cache.clear()
            watch = Watch(after=chance.uniform(0, whole))
            finished = run(engine, document, 100 + trial, watch)
            ended = time.perf_counter()
            if finished.status == "cancelled":
                latencies[watch.cancelled_in].append((ended - watch.cancelled_at) * 1e3)
            say(f"{trial + 1} of {trials}")
        engine.executor.close()
    every = [each for group in latencies.values() for each in group]
    numbers = {
        "runs_cancelled": float(len(every)),
        "sampler_step_ms": step * 1e3,
        "cancel_p50_ms": quantile(every, 50),
        "cancel_p99_ms": quantile(every, 99),
    }
    for name, group in latencies.items():
        numbers[f"cancel_{name}_n"] = float(len(group))
        numbers[f"cancel_{name}_p50_ms"] = quantile(group, 50)
        numbers[f"cancel_{name}_max_ms"] = max(group)
    return {name: round(value, 3) for name, value in numbers.items()}


def timed(engine: Engine, document: Mapping[str, Any]) -> tuple[float, float]:
    """Seconds of a whole run, and of one step of its sampler."""
    watch, started = Watch(), time.perf_counter()
    run(engine, document, 1, watch)
    whole = time.perf_counter() - started
    steps = [later - earlier for earlier, later in zip(watch.marks, watch.marks[1:], strict=False)]
    return whole, statistics.median(steps)


def quantile(values: list[float], percent: int) -> float:
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def table(numbers: Mapping[str, float]) -> str:
    machine = f"{platform.machine()} Python {platform.python_version()}"
    step = numbers["sampler_step_ms"]
    rows = [("what", "ours ms", "sampler step ms", "ratio", "machine")]
    for name, value in numbers.items():
        if name.endswith("_ms") and name != "sampler_step_ms":
            rows.append((name, f"{value:.1f}", f"{step:.1f}", f"{value / step:.2f}", machine))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_TRIALS} runs instead of {TRIALS}")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    options = parser.parse_args()
    numbers = measure(QUICK_TRIALS if options.quick else TRIALS)
    print(table(numbers))
    if options.json:
        options.json.write_text(json.dumps(numbers, indent=2) + "\n")


if __name__ == "__main__":
    main()
