"""docs/coverage.md out of stored results: one table, every measurement, and what is not covered."""

from collections.abc import Iterator, Sequence

from benchmarks.coverage.row import Result

HEAD = (
    "# Coverage\n\n"
    "What of Stable Diffusion 1 and 2 there is as nodes, and how near it comes to the originals. No "
    "published weights were at hand: networks are held to numbers that the original programs gave on small "
    "or computed weights (marked golden, stored in `tests/data/golden`), to diffusers {diffusers} and "
    "transformers {transformers} on seeded random weights, computed in the same run, and to definitions "
    "written out by hand. Names and shapes of published files are those in `tests/data/manifests`.\n\n"
    "A system's error is its worst measurement as a part of its tolerance; an error of 0 out of 0 counts "
    "things that are wrong. A file counts as loaded if it gives back every tensor that was put into it, a "
    "published one if every key has a place of its shape. A workflow counts if it uses one of the nodes and "
    "plans without a Problem but for files that are the user's own; tests run every one of them.\n\n"
    "This page is written by `python -m benchmarks.parity --write`: {when}, PyTorch {torch} on {machine}. "
    "{passing} of {rows} systems pass.\n"
)


def page(results: Sequence[Result], about: dict[str, str]) -> str:
    """The whole page."""
    passing = sum(result.passes for result in results)
    head = HEAD.format(**about, rows=len(results), passing=passing)
    return "\n".join([head, *table(results), "", *measurements(results), "", *deviations(results)]) + "\n"


def table(results: Sequence[Result]) -> Iterator[str]:
    """One line per system."""
    yield "| system | nodes | worst error | tolerance | reference | files | workflow |"
    yield "|---|---|---|---|---|---|---|"
    for result in results:
        worst = result.worst
        cells = (
            result.system + ("" if result.passes else " **(fails)**"),
            ", ".join(f"`{node}`" for node in result.nodes if node not in result.missing_nodes),
            shown(worst.error),
            shown(worst.tolerance),
            f"{worst.reference}: {worst.what}",
            files(result),
            ", ".join(f"[{name}](../workflows/{name}.json)" for name in result.workflows),
        )
        yield f"| {' | '.join(cells)} |"


def shown(number: float) -> str:
    """An error or a tolerance in two digits; counts as they are."""
    return f"{number:.0f}" if number == int(number) else f"{number:.1e}"


def files(result: Result) -> str:
    """How many layouts load, and which."""
    if not result.layouts:
        return "none of its own"
    loaded = [layout.what for layout in result.layouts if not layout.problem]
    count = f"{len(loaded)} of {len(result.layouts)}"
    return f"{count}: {'; '.join(loaded)}"


def measurements(results: Sequence[Result]) -> Iterator[str]:
    """Every number by system."""
    yield "## Every measurement\n"
    yield "| system | what | reference | error | tolerance |"
    yield "|---|---|---|---|---|"
    for result in results:
        for each in result.measured:
            failed = "" if each.passes else " **fails**"
            numbers = f"{shown(each.error)}{failed} | {shown(each.tolerance)}"
            yield f"| {result.system} | {each.what} | {each.reference} | {numbers} |"


def deviations(results: Sequence[Result]) -> Iterator[str]:
    """What differs from the originals, is missing, or failed in this run."""
    yield "## Not covered, and known deviations\n"
    for result in results:
        told = [*result.deviations, *failures(result)]
        if told:
            yield f"- **{result.system}.** {' '.join(told)}"


def failures(result: Result) -> Iterator[str]:
    """What a run found wrong or missing, in sentences."""
    if result.missing_nodes:
        yield f"Missing nodes: {', '.join(f'`{node}`' for node in result.missing_nodes)}."
    yield from (
        f"Not loaded: {layout.what} ({layout.problem})." for layout in result.layouts if layout.problem
    )
    yield from (f"{problem.rstrip('.')}." for problem in (*result.workflow_problems, *result.failures))
    if result.without_workflow:
        names = ", ".join(f"`{node}`" for node in result.without_workflow)
        yield f"In no workflow that ships: {names}."
