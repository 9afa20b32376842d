"""A trial: every node of a pack called with generated inputs, and what it does held against the rules."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from diffusion.fingerprint import fingerprint_of
from graph.axes import Axes
from graph.building import Wire
from graph.call import Outcome, call, call_async
from graph.context import Context, NodeError
from graph.folders import Folders
from graph.frozen import CODE, give_copies
from graph.nodetype import NodeType
from graph.plan import Step
from graph.sockets import Lazy
from tools.trial.effects import watched
from tools.trial.judging import complaint, content, missing_file
from tools.trial.samples import NoSample, Samples, fill, fresh, scratch, variants

Rule = Literal["runs", "inputs", "same", "effects", "types"]
RULES: Mapping[Rule, str] = {
    "runs": "it runs on what its inputs take, or says what it cannot take",
    "inputs": "it never changes an input",
    "same": "the same inputs give the same outputs",
    "effects": "only sinks leave files",
    "types": "its outputs are what they are declared to be",
}
MOST_SECONDS = 20.0
"""After so long, no further inputs of a node are tried."""


@dataclass
class Verdict:
    """What the trial of one node found."""

    id: str
    calls: int = 0
    failures: dict[Rule, list[str]] = field(default_factory=dict)
    untried: str = ""
    """Why it could not be tried at all."""
    open: set[Rule] = field(default_factory=set)
    """Rules that do not hold for this kind of node."""

    @property
    def passed(self) -> bool:
        return not self.failures

    def fail(self, rule: Rule, reason: str) -> None:
        reasons = self.failures.setdefault(rule, [])
        if reason not in reasons:
            reasons.append(reason)

    def mark(self, rule: Rule) -> str:
        if self.untried or rule in self.open:
            return "-"
        return "NO" if rule in self.failures else "yes"


class Trial:
    """Calls nodes as the executor does, in a folder of its own."""

    def __init__(
        self,
        types: Mapping[str, NodeType],
        folders: Folders,
        *,
        services: Mapping[type, object] | None = None,
    ) -> None:
        self._folders = folders
        self._services = services or {}
        self._samples = Samples(types, folders)

    def judge(self, pack: Sequence[NodeType]) -> list[Verdict]:
        """A verdict on every node; those that need what others of the pack make come after them."""
        verdicts: dict[str, Verdict] = {}
        waiting = list(pack)
        while waiting:
            for declared in waiting:
                verdicts[declared.id] = self._try(declared)
            still = [each for each in waiting if verdicts[each.id].untried]
            if len(still) == len(waiting):
                break
            waiting = still
        return [verdicts[each.id] for each in pack]

    def _try(self, declared: NodeType) -> Verdict:
        verdict = Verdict(declared.id)
        fill(self._folders)
        if declared.sink:
            verdict.open |= {"effects", "same"}
        if not declared.pure:
            verdict.open.add("same")
        end, refusals = time.monotonic() + MOST_SECONDS, []
        try:
            for arguments in variants(declared, self._samples, self._folders):
                verdict.calls += 1
                refusal = self._once(declared, arguments, verdict)
                refusals += [refusal] if refusal else []
                if time.monotonic() > end or verdict.failures:
                    break
        except NoSample as error:
            verdict.untried = str(error)
        if verdict.calls and len(refusals) == verdict.calls:
            verdict.untried = f"it refuses all generated inputs: {refusals[0]}"
        return verdict

    def _once(self, declared: NodeType, arguments: Mapping[str, Any], verdict: Verdict) -> str:
        """Call it once, and again if all is well; in answer what it refused, if it did."""
        with watched(self._folders.root) as effects:
            outcome = self._call(declared, arguments)
            told = effects.told()
        if outcome.problem is not None and outcome.problem.given == NodeError.__name__:
            return outcome.problem.message
        said = _said(arguments)
        if outcome.problem is not None:
            rule: Rule = "inputs" if outcome.problem.code == CODE else "runs"
            verdict.fail(rule, f"{outcome.problem.message}{said}")
            return ""
        if not declared.sink:
            for effect in told:
                verdict.fail("effects", f"{effect}: leave that to a sink, @node(sink=True){said}")
        self._judge_outcome(declared, outcome, verdict, said)
        if "same" not in verdict.open:
            self._compare(declared, arguments, outcome, verdict, said)
        return ""

    def _judge_outcome(self, declared: NodeType, outcome: Outcome, verdict: Verdict, said: str) -> None:
        for output, value in zip(declared.outputs, outcome.outputs, strict=False):
            wrong = complaint(output, value)
            if wrong:
                verdict.fail("types", f"{output.name}: {wrong}{said}")
            elif not output.list and not isinstance(value, Wire):
                self._samples.offer(output.type_name, value)
        for artifact in outcome.artifacts:
            if wrong := missing_file(artifact, self._folders):
                verdict.fail("types", f"{wrong}{said}")

    def _compare(
        self, declared: NodeType, arguments: Mapping[str, Any], first: Outcome, verdict: Verdict, said: str
    ) -> None:
        """Whether it gives the same again; only what it gives is looked at."""
        again = self._call(declared, arguments)
        if again.problem is not None:
            verdict.fail("same", f"a second call fails: {again.problem.message}{said}")
            return
        for output, one, other in zip(declared.outputs, first.outputs, again.outputs, strict=False):
            if content(one) != content(other):
                reason = f"{output.name} differs between two calls: take chance from a Seed, keep no state"
                verdict.fail("same", f"{reason}, or declare @node(pure=False){said}")

    def _call(self, declared: NodeType, arguments: Mapping[str, Any]) -> Outcome:
        step = Step(declared.id, declared.id, declared, {}, (), "", 1, "will_run", "")
        context = Context(
            node_id=declared.id,
            run_id="trial",
            emit=lambda event: None,
            cancel=threading.Event(),
            folders=self._folders,
            services=self._services,
        )
        gathered = _gathered(declared, arguments)
        if declared.style in ("async", "async_generator"):
            return asyncio.run(call_async(step, declared, gathered, context, fingerprint_of))
        return call(step, declared, gathered, context, fingerprint_of)


def _gathered(declared: NodeType, arguments: Mapping[str, Any]) -> Callable[[], dict[str, Any]]:
    def gathered() -> dict[str, Any]:
        given = {name: fresh(value) for name, value in arguments.items()}
        if declared.axes is not None:
            given[declared.axes] = Axes()
        give_copies(given, declared.mutates)
        return given

    return gathered


def _said(arguments: Mapping[str, Any]) -> str:
    """The literals of a call, for who looks for the cause."""
    told = (f"{name}={value!r}" for name, value in arguments.items() if isinstance(value, str | int | float))
    shapes = (
        f"{name}={list(value.shape)}"
        for name, value in arguments.items()
        if not isinstance(value, Lazy) and hasattr(value, "shape")
    )
    text = ", ".join([*told, *shapes])
    return f" (with {text})" if text else ""


@contextlib.contextmanager
def within(folder: Path) -> Iterator[None]:
    """Work in a folder, where files without a path land."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def try_pack(
    pack: Sequence[NodeType],
    types: Mapping[str, NodeType],
    folders: Folders,
    root: Path,
    *,
    services: Mapping[type, object] | None = None,
) -> list[Verdict]:
    """Try a pack's nodes among all node types, with the models of `folders`, in the empty folder `root`."""
    own = scratch(root, folders)
    with within(root):
        return Trial(types, own, services=services).judge(pack)


def table(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """The verdicts as lines: one a node, below it each reason."""
    width = max([4, *(len(each.id) for each in verdicts)])
    heads = {rule: f"{rule:7}" for rule in RULES}
    yield f"{'node':{width}}  calls  {'  '.join(heads.values())}".rstrip()
    for verdict in verdicts:
        marks = "  ".join(f"{verdict.mark(rule):7}" for rule in RULES)
        yield f"{verdict.id:{width}}  {verdict.calls:5}  {marks}".rstrip()
        if verdict.untried:
            yield f"    not tried: {verdict.untried}"
        for rule, reasons in verdict.failures.items():
            yield from (f"    {rule}: {reason}" for reason in reasons)
    failed = sum(not each.passed for each in verdicts)
    untried = sum(bool(each.untried) for each in verdicts)
    yield ""
    yield from (f"{rule:7} {meaning}" for rule, meaning in RULES.items())
    counted = f"{len(verdicts) - failed - untried} passed, {failed} failed, {untried} not tried"
    yield f"\n{len(verdicts)} nodes: {counted}"
