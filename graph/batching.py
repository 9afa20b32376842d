"""Batches: steps that differ in one literal only are called together, where their node says how.

A node that computes several pictures faster at once than one by one declares it:

    @batched("seed", by=sample_seeds, fits=is_one_picture)
    @node(id="KSampler", lane="gpu")
    def k_sampler(..., seed: Seed = 0, ...) -> Latent: ...

`by` takes what the function takes, but several values for that input, and returns one result for each: what
the function returns for it alone, up to the last bits. Where `fits` says no, they are called one by one.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from graph.call import Gather, Outcome, failed, kept_from, unpack
from graph.context import Cancelled, Context
from graph.keys import ALSO, code_digest
from graph.misuse import UnknownInput
from graph.nodetype import NodeType, node_type

if TYPE_CHECKING:
    from graph.step import Step

Function = TypeVar("Function", bound=Callable[..., Any])
Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Batched:
    """The input that may vary, and the function that takes several values of it."""

    input: str
    by: Callable[..., Sequence[object]]
    fits: Callable[[Arguments], bool]


def batched(
    input: str, *, by: Callable[..., Sequence[object]], fits: Callable[[Arguments], bool] = lambda given: True
) -> Callable[[Function], Function]:
    """Let steps of this node that differ in one literal only be called together."""

    def declare(function: Function) -> Function:
        declared = node_type(function)
        given = declared.inputs_by_name.get(input)
        if (
            given is None
            or given.widget is None
            or declared.style != "plain"
            or inspect.isgeneratorfunction(by)
        ):
            reason = "batched() names an input with a widget, of a plain function, and a plain function"
            raise UnknownInput(f"{declared.id}: {reason}; not {input!r}")
        setattr(function, ALSO, (by,))
        function.__node_type__ = replace(declared, code=code_digest(function))  # type: ignore[attr-defined]
        function.__batched__ = Batched(input, by, fits)  # type: ignore[attr-defined]  # where `batched_of` looks
        return function

    return declare


def batched_of(declared: NodeType | None) -> Batched | None:
    found = getattr(declared.run, "__batched__", None) if declared is not None else None
    return found if isinstance(found, Batched) else None


def alike(step: Step) -> Hashable | None:
    """What steps have in common that may be called together; None for one that is called alone."""
    found, made_of = batched_of(step.node_type), step.made_of
    if found is None or made_of is None or step.mapped:
        return None
    varies = f"{found.input}="
    rest = tuple(text for text in made_of.values if not text.startswith(varies))
    if len(rest) != len(made_of.values) - 1:  # a link brings it
        return None
    return step.type, rest, tuple(made_of.above), made_of.salt


def call_batch(
    steps: Sequence[Step], declared: NodeType, gathered: Gather, contexts: Sequence[Context]
) -> list[Outcome] | None:
    """What becomes of steps that are alike, called together; None where they are to be called one by one.

    So is a batch that fails: each step then has a Problem of its own, or none.
    """
    found = batched_of(declared)
    assert found is not None  # else the steps are not alike
    context, started = contexts[0].joined_by(contexts[1:]), time.perf_counter()
    try:
        arguments = gathered()
        if kept_from(steps[0], declared, arguments) is not None or not found.fits(arguments):
            return None
        arguments[found.input] = [step.literals[found.input] for step in steps]
        if declared.context is not None:
            arguments[declared.context] = context
        made = [unpack(declared, result) for result in found.by(**arguments)]
    except Cancelled as error:
        return [failed(step, error, context) for step in steps]
    except Exception:
        return None
    if len(made) != len(steps):
        return None
    seconds = (time.perf_counter() - started) / len(steps)
    return [Outcome(outputs, artifacts, seconds) for outputs, artifacts in made]
