"""Runs are ordered here: from a request's body to a ticket in the queue, once for each idempotency key."""

import asyncio
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from aiohttp import web

from service.engine import Order
from service.fields import client_of, key_of, priority_of, targets_of, values_of, webhook_of
from service.log import Filing
from service.protocol import Refusal, answer, dump, read_object, refuse
from service.queue import Ticket
from service.state import LOG, RUNS, find_run, loaded_engine


async def planned(request: web.Request, body: Mapping[str, Any], *, explain: bool) -> Order:
    """The plan of a body's workflow, with its values set."""
    engine = await loaded_engine(request)
    if "workflow" not in body:
        raise refuse(422, "no_workflow", "the body has no field 'workflow'")
    targets, values = targets_of(body), values_of(body)
    order = partial(engine.order, targets=targets, values=values, explain=explain)
    return await asyncio.to_thread(order, body["workflow"])


async def ticket_of(request: web.Request, body: Mapping[str, Any]) -> Ticket:
    """What a body asks for, ready to be queued; a Refusal with every Problem where it cannot run."""
    client, priority, webhook = client_of(body), priority_of(body), webhook_of(body)
    order = await planned(request, body, explain=False)
    if not order.plan.ok or order.document is None:
        raise Refusal(422, order.plan.problems)
    return Ticket(
        id=uuid.uuid4().hex[:12],
        document=order.document,
        targets=targets_of(body),
        title=order.title[:200],
        client=client,
        steps=order.plan.states(),
        priority=priority,
        webhook=webhook,
        keys=tuple(step.key for step in order.plan.steps),
        order=order,
    )


async def start_run(request: web.Request) -> web.Response:
    """Queue a run, or refuse it with every Problem."""
    return await queue_run(request, await read_object(request))


async def queue_run(request: web.Request, body: Mapping[str, Any]) -> web.Response:
    key = key_of(request)
    digest = hashlib.blake2b(dump([request.path, body]).encode(), digest_size=16).hexdigest() if key else None
    if (earlier := _earlier(request, key, digest)) is not None:
        return earlier
    ticket = await ticket_of(request, body)
    earlier = _earlier(request, key, digest)  # While it was planned, the same request may have come again.
    return submit(request, ticket, Filing(key=key, digest=digest)) if earlier is None else earlier


def submit(request: web.Request, ticket: Ticket, filing: Filing | None = None) -> web.Response:
    runs = request.app[RUNS]
    if runs.is_full:
        raise refuse(503, "queue_full", "too many runs wait already", "Wait for some, or cancel them.")
    return answer({"run": ticket.id, "seq": runs.submit(ticket, filing)}, status=202)


def _earlier(request: web.Request, key: str | None, digest: str | None) -> web.Response | None:
    """The answer that this key had before."""
    filed = request.app[LOG].filed(key) if key else None
    if filed is None:
        return None
    run, seq, sent = filed
    if sent != digest:
        message = f"the Idempotency-Key {key!r} was sent with another request, which became run {run}"
        raise refuse(422, "key_reused", message, "Use a new key for each new request.")
    return answer({"run": run, "seq": seq}, status=202, headers={"Idempotent-Replayed": "true"})


async def edit_run(request: web.Request) -> web.Response:
    """Let a run that waits do something else, in its place."""
    run = find_run(request)
    body = await read_object(request)
    ticket = await ticket_of(request, {"workflow": run["document"], "targets": run["targets"], **body})
    runs = request.app[RUNS]
    waiting = runs.find(run["id"])
    if waiting is None:
        raise _not_waiting(request)
    kept = replace(ticket, id=waiting.id, client=waiting.client, place=waiting.place)
    runs.edit(replace(kept, priority=waiting.priority, webhook=waiting.webhook, cancel=waiting.cancel))
    return answer({"run": run["id"], "seq": request.app[LOG].last})


async def retry_run(request: web.Request) -> web.Response:
    """Queue what an ended run did, again."""
    run = find_run(request)
    if run["status"] in ("queued", "running"):
        raise refuse(409, "not_ended", f"run {run['id']} is {run['status']}", "Wait for it, or cancel it.")
    body = await read_object(request) if request.can_read_body else {}
    same = {"workflow": run["document"], "targets": run["targets"], "client": run["client"]}
    return submit(request, await ticket_of(request, {**same, "priority": run["priority"], **body}))


async def move_run(request: web.Request) -> web.Response:
    """Put a run that waits before or behind another, to the front or the back, or to another priority."""
    body = await read_object(request)
    run, runs = find_run(request)["id"], request.app[RUNS]
    waiting = runs.find(run)
    if waiting is None:
        raise _not_waiting(request)
    asked = [name for name in ("before", "after", "to") if name in body]
    if len(asked) > 1 or (not asked and "priority" not in body):
        raise refuse(422, "wrong_field", "a move has one of 'before', 'after' and 'to', or a 'priority'")
    if asked and asked != ["to"]:
        neighbour = runs.find(str(body[asked[0]]))
        if neighbour is None:
            raise refuse(422, "unknown_run", f"{asked[0]!r} names no run that waits")
        if neighbour.id != run:
            priority = neighbour.priority
            position = runs.position(neighbour.id, priority=priority, without=run)
            runs.move(run, priority=priority, position=position + (asked == ["after"]))
    else:
        to = body.get("to", "back")
        if to not in ("front", "back"):
            raise refuse(422, "wrong_field", "'to' is 'front' or 'back'")
        priority = priority_of(body, waiting.priority)
        last = runs.position("", priority=priority, without=run)
        runs.move(run, priority=priority, position=0 if to == "front" else last)
    moved = runs.find(run) or waiting
    return answer({"run": run, "priority": moved.priority, "place": moved.place})


def _not_waiting(request: web.Request) -> Refusal:
    run = find_run(request)
    return refuse(409, "not_waiting", f"run {run['id']} is {run['status']}: only a run that waits can change")
