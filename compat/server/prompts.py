"""/prompt: takes prompts into the queue, or says what is wrong with them."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Sequence

from aiohttp import web

from compat.api_prompt import read_api_prompt
from compat.loose import record
from compat.nodes.replacing import replaced
from compat.recipe import with_sent
from compat.server.items import whole
from compat.server.packs import changed_by_packs, replacements_of
from compat.server.state import NARRATOR, rules_of
from compat.server.validation import Record, Rules, Verdict, failure, outputs_failed, validate
from graph.problems import Problem
from service.engine import Engine, Order
from service.protocol import answer, read_object, refuse
from service.queue import Ticket
from service.state import LOG, RUNS, loaded_engine

TITLE = "ComfyUI prompt"
SECRETS = re.compile(r"auth_token\w*|api_key\w*")
"""Fields of `extra_data` that clients send for paid services; they are kept nowhere."""
FARTHEST = 1e15  # beyond, two places next to each other would be one


class Refused(Exception):
    """A prompt that is not taken, with ComfyUI's words for it."""

    def __init__(self, error: Record, node_errors: Record | None = None) -> None:
        super().__init__(error["message"])
        self.answer = {"error": error, "node_errors": node_errors or {}}


async def get_prompt(request: web.Request) -> web.Response:
    return answer(request.app[NARRATOR].status()["status"])


async def post_prompt(request: web.Request) -> web.Response:
    """Queue a prompt; of several outputs those run that can."""
    body = await read_object(request)
    engine = await loaded_engine(request)
    body = await asyncio.to_thread(changed_by_packs, request.app, body)
    try:
        prompt, targets = _prompt(body)
        rules = rules_of(engine)
        prompt = replaced(prompt, rules.types, replacements_of(request.app))
        verdict, order = await asyncio.to_thread(_judge, engine, rules, prompt, targets)
    except Refused as refused:
        return answer(refused.answer, status=400)
    prompt_id, number = _submit(request, body, verdict, order)
    return answer({"prompt_id": prompt_id, "number": whole(number), "node_errors": verdict.node_errors})


def _prompt(body: Record) -> tuple[Record, list[str] | None]:
    """The prompt of a request and the outputs that are asked for."""
    if "prompt" not in body:
        raise Refused(failure("no_prompt", "No prompt provided", "No prompt provided"))
    prompt, targets = body["prompt"], body.get("partial_execution_targets")
    if not isinstance(prompt, dict):
        raise Refused(failure("invalid_prompt", "The prompt is not an object of nodes"))
    if targets is not None and not (
        isinstance(targets, list) and all(isinstance(each, str) for each in targets)
    ):
        raise Refused(failure("invalid_prompt", "partial_execution_targets is not a list of node ids"))
    return prompt, targets


def _judge(engine: Engine, rules: Rules, prompt: Record, targets: list[str] | None) -> tuple[Verdict, Order]:
    """Validate, make our document and plan it: what only a plan finds is told as the nodes' errors."""
    verdict = validate(prompt, rules, targets)
    if verdict.error is not None:
        raise Refused(verdict.error, verdict.node_errors)
    document = read_api_prompt(verdict.nodes, rules.info, TITLE).document
    order = engine.order(document, targets=verdict.outputs, explain=False)
    if not order.plan.ok or order.document is None:
        errors = _problem_errors(prompt, verdict, order.plan.problems)
        raise Refused(outputs_failed(errors), errors)
    return verdict, order


def _problem_errors(prompt: Record, verdict: Verdict, problems: tuple[Problem, ...]) -> Record:
    errors: Record = {}
    for problem in problems:
        if problem.severity != "error":
            continue
        own = problem.node if problem.node in prompt else verdict.outputs[0]
        details = f"{problem.input} - {problem.message}" if problem.input else problem.message
        told = failure(
            "custom_validation_failed",
            "Custom validation failed for node",
            details,
            input_name=problem.input,
            received_value=problem.given,
            code=problem.code,
            remedy=problem.remedy,
        )
        entry = {
            "errors": [],
            "dependent_outputs": list(verdict.outputs),
            "class_type": prompt[own]["class_type"],
        }
        errors.setdefault(own, entry)["errors"].append(told)
    return errors


def _submit(request: web.Request, body: Record, verdict: Verdict, order: Order) -> tuple[str, float]:
    """Put a prompt into the queue; the answer is its id and its place."""
    runs, client = request.app[RUNS], _text(body, "client_id")
    if runs.is_full:
        raise refuse(503, "queue_full", "too many runs wait already", "Wait for some, or cancel them.")
    given = record(body.get("extra_data"))
    extra = {name: value for name, value in given.items() if not SECRETS.fullmatch(name)}
    if client:
        extra["client_id"] = client
    extra.setdefault("create_time", int(time.time() * 1000))
    prompt_id = _text(body, "prompt_id") or str(uuid.uuid4())
    run = _run_id(request, prompt_id)
    document = with_sent(order.document or {}, prompt_id, body["prompt"], extra)
    steps, place = order.plan.states(), _place(body, runs.waiting)
    ticket = Ticket(run, document, verdict.outputs, order.title, client, steps, place=place, order=order)
    runs.submit(ticket)
    queued = runs.find(run) or runs.current
    return prompt_id, (queued.place if queued is not None else place) or 0.0


def _text(body: Record, name: str) -> str:
    value = body.get(name)
    return value[:200] if isinstance(value, str) else ""


def _place(body: Record, waiting: Sequence[Ticket]) -> float | None:
    """The place in the queue: the client's, before all others, or that of the client's turn."""
    number = body.get("number")
    if isinstance(number, int | float) and not isinstance(number, bool):
        return float(max(min(number, FARTHEST), -FARTHEST))
    return min([0.0, *(ticket.place or 0.0 for ticket in waiting)]) - 1 if body.get("front") else None


def _run_id(request: web.Request, prompt_id: str) -> str:
    """A prompt's id is its run's, unless it has been used or could not be in an address."""
    usable = re.fullmatch(r"[\w-]{1,64}", prompt_id, re.ASCII)
    return prompt_id if usable and request.app[LOG].run(prompt_id) is None else uuid.uuid4().hex[:12]
