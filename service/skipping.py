"""Skipping a part of a run that works: a cell of its sweep, a branch, a turn of a zone."""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from graph.events import StepState
from graph.problems import Scalar, words
from graph.skip import Skip, is_same
from service.bodies import nodes_of, records
from service.fields import wrong_field
from service.protocol import Refusal, answer, read_object, refuse
from service.state import RUNS, find_run

IN_TURNS = ("map", "repeat", "while")
NO_ITEMS = "Items of a list are skipped one by one where each is a turn: put the node into a map."


async def skip(request: web.Request) -> web.Response:
    """Skip what of a run that works is not done yet, at a coordinate, of a node, or of a node there."""
    run = find_run(request)
    asked = skip_of(await read_object(request))
    ticket = request.app[RUNS].current
    if ticket is None or ticket.id != run["id"]:
        message = f"run {run['id']} is {run['status']}: only of a run that works can something be skipped"
        raise refuse(409, "not_running", message)
    if fault := unheard(asked, ticket.steps, zones_in(ticket.document)):
        raise fault
    request.app[RUNS].skip(ticket, asked)
    return answer({"run": run["id"]}, status=202)


def skip_of(body: Mapping[str, Any]) -> Skip:
    node, coordinate = body.get("node"), body.get("coordinate", {})
    if node is not None and not isinstance(node, str):
        raise wrong_field("node", "the id of a node", node)
    if not isinstance(coordinate, dict) or not all(map(_is_scalar, coordinate.values())):
        raise wrong_field("coordinate", 'an object like {"cfg": 4}', coordinate)
    if node is None and not coordinate:
        raise refuse(422, "wrong_field", "a skip names a 'node', a 'coordinate', or both")
    return Skip(node, coordinate)


def zones_in(document: Mapping[str, Any]) -> frozenset[str]:
    """The ids of nodes that run in turns, wherever in the document they stand."""
    kinds = {f"@{graph.get('id')}": graph.get("kind") for graph in records(document, "subgraphs")}
    return frozenset(
        str(node.get("id")) for node in nodes_of(document) if kinds.get(str(node.get("type"))) in IN_TURNS
    )


def unheard(skip: Skip, steps: Sequence[StepState], zones: Container[str]) -> Refusal | None:
    """Why nothing can be meant by this: a node or a place that the run does not have.

    The turns of a zone show when they begin: an axis that is called as a zone is theirs.
    """
    placed = [(step[0], step[2] if len(step) == 3 else {}) for step in steps]
    nodes = {str(at.get("node", name)) for name, at in placed}
    if not nodes:  # it was queued before a restart: nobody has its steps here
        return None
    if skip.node is not None and not any(
        _within(skip.node, node) or _within(node, skip.node) for node in nodes
    ):
        return _nothing(f"there is no node {skip.node!r} in this run", "Name the node of a step.")
    values: dict[str, list[Scalar]] = {}
    for _, at in placed:
        for axis, value in at.get("coordinate", {}).items():  # type: ignore[attr-defined]  # as in Instance
            values.setdefault(axis, []).append(value)
    for axis, value in skip.coordinate.items():
        known = values.get(axis)
        if known is None and axis.rpartition("/")[2] not in zones:
            if axis in nodes:
                return _nothing(f"{axis!r} has no turns: it is no zone", NO_ITEMS)
            return _nothing(f"this run has no axis {axis!r}", _one_of("axes", values))
        if known is not None and not any(is_same(value, each) for each in known):
            return _nothing(
                f"there is no {words(value)} along {axis!r}", _one_of("values", map(words, known))
            )
    return None


def _within(node: str, other: str) -> bool:
    """Whether a node is another one, or in it."""
    return node == other or node.startswith(f"{other}/")


def _one_of(what: str, names: Iterable[str]) -> str:
    found = list(dict.fromkeys(names))
    return f"Its {what}: {', '.join(found[:20])}." if found else f"It has no {what}."


def _nothing(message: str, remedy: str) -> Refusal:
    return refuse(422, "nothing_to_skip", message, remedy)


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
