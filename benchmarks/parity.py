"""Every system against its reference: `python -m benchmarks.parity [--quick] [--json F] [--write]`.

One line per row of the table: the largest error as a part of its tolerance, and whose numbers it is measured
by. `--quick` leaves out networks of published size. `--write` stores the results and writes docs/coverage.md
from them and, with `--only`, from those of the other rows that are stored; `--page` writes it from what is
stored alone.
"""

import argparse
import contextlib
import json
import logging
import os
import platform
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

os.environ["TRANSFORMERS_VERBOSITY"] = os.environ["DIFFUSERS_VERBOSITY"] = "error"  # before they are imported

import torch

from benchmarks.coverage.page import page
from benchmarks.coverage.row import Result, Row, Run
from benchmarks.coverage.table import ROWS
from benchmarks.coverage.workflows import ROOT, built_in, problems_of, used_by_workflows

PAGE, STORED = ROOT / "docs/coverage.md", ROOT / "benchmarks/data/coverage.json"
Found = TypeVar("Found")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without networks of published size")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    parser.add_argument("--only", nargs="+", choices=[row.name for row in ROWS], help="just these rows")
    parser.add_argument("--write", action="store_true", help="store the results and write docs/coverage.md")
    parser.add_argument("--page", action="store_true", help="write docs/coverage.md from the stored results")
    options = parser.parse_args()
    if options.page:
        PAGE.write_text(stored_page(), encoding="utf-8")
        return
    if options.write and options.quick:
        parser.error("--write needs networks of published size: leave out --quick")
    chosen = [row for row in ROWS if not options.only or row.name in options.only]
    results = list(measured(chosen, quick=options.quick))
    passing = sum(result.passes for result in results)
    print(
        f"\n{passing} of {len(results)} rows pass; {platform.machine()}, torch {torch.__version__}, 1 thread"
    )
    if options.json:
        options.json.write_text(json.dumps(summarise(results), indent=2))
    if options.write:
        store(results)
        PAGE.write_text(stored_page(), encoding="utf-8")
    if passing < len(results):
        raise SystemExit(1)


def measured(rows: Sequence[Row], *, quick: bool) -> Iterator[Result]:
    """The results of rows, each printed when it is there."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # diffusers warns about its own future
    logging.disable(logging.WARNING)
    print(f"{'row':20} {'worst error':>11} {'tolerance':>9} {'files':>6} {'s':>5}        reference")
    for row in rows:
        start = time.process_time()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(open(os.devnull, "w")):
            result = measure(row, Run(quick, Path(folder)))
        print_line(result, time.process_time() - start)
        yield result


def measure(row: Row, run: Run) -> Result:
    """All checks of a row; one that breaks off is a failure of the row and not the end of the run."""
    registry, _ = built_in()
    failures: list[str] = []
    numbers = tuple(each for check in row.measures for each in until_failure(check(run), failures))
    layouts = tuple(each for check in row.files for each in until_failure(check(run), failures))
    unused = sorted(set(row.nodes) & set(registry.types) - used_by_workflows())
    return Result(
        name=row.name,
        system=row.system,
        nodes=row.nodes,
        missing_nodes=tuple(node for node in row.nodes if node not in registry.types),
        workflows=row.workflows,
        workflow_problems=tuple(problems_of(row.workflows, row.nodes)),
        without_workflow=tuple(unused),
        measured=numbers,
        layouts=layouts,
        deviations=row.deviations,
        failures=tuple(failures),
    )


def until_failure(found: Iterable[Found], failures: list[str]) -> Iterator[Found]:
    """What a check finds until it breaks off, if it does."""
    try:
        yield from found
    except Exception as error:  # the row fails and says why; the others are measured
        failures.append(f"{type(error).__name__}: {error}".splitlines()[0])


def print_line(result: Result, seconds: float) -> None:
    """One line of the table, and one more for everything that is wrong."""
    worst = result.worst
    read = sum(not layout.problem for layout in result.layouts)
    files = f"{read}/{len(result.layouts)}" if result.layouts else "-"
    numbers = f"{worst.error:11.1e} {worst.tolerance:9.1e} {files:>6} {seconds:5.1f}"
    passed = "passes" if result.passes else "FAILS "
    print(f"{result.name:20} {numbers} {passed} {worst.reference}: {worst.what}", flush=True)
    wrong = [f"{each.what}: {each.error:.1e}" for each in result.measured if not each.passes]
    wrong += [f"{each.what}: {each.problem}" for each in result.layouts if each.problem]
    wrong += [f"no node {node}" for node in result.missing_nodes]
    for line in (*wrong, *result.workflow_problems, *result.failures):
        print(f"{'':20} {line}", flush=True)


def summarise(results: Sequence[Result]) -> dict[str, float]:
    """Flat numbers by name."""
    numbers: dict[str, float] = {"rows": len(results), "rows_passing": sum(each.passes for each in results)}
    for result in results:
        numbers[f"{result.name}_error"] = result.worst.error
        numbers[f"{result.name}_tolerance"] = result.worst.tolerance
        numbers[f"{result.name}_measurements"] = len(result.measured)
        numbers[f"{result.name}_files"] = sum(not layout.problem for layout in result.layouts)
    return numbers


def store(results: Sequence[Result]) -> None:
    """Keep what was measured, and with what, in the place of what was kept of the same rows."""
    import diffusers
    import transformers

    about = {
        "when": time.strftime("%d %B %Y").lstrip("0"),
        "machine": f"{platform.machine()}, one thread",
        "torch": torch.__version__,
        "diffusers": diffusers.__version__,
        "transformers": transformers.__version__,
    }
    kept = {result.name: result for result in (stored()[0] if STORED.exists() else [])}
    kept |= {result.name: result for result in results}
    record = {"about": about, "results": [kept[row.name].to_json() for row in ROWS if row.name in kept]}
    STORED.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def stored() -> tuple[list[Result], dict[str, str]]:
    """What was kept of the last whole run."""
    record = json.loads(STORED.read_text("utf-8"))
    return [Result.from_json(each) for each in record["results"]], record["about"]


def stored_page() -> str:
    """The page of what is stored."""
    return page(*stored())


if __name__ == "__main__":
    main()
