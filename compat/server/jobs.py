"""/jobs: queue and history as one list, as newer versions of ComfyUI's interface ask for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence

from aiohttp import web

from compat.loose import record, text
from compat.server.items import History, Item, Record, whole
from compat.server.state import HISTORY, item_of
from service.protocol import answer, read_object, refuse
from service.state import RUNS

LONGEST_PAGE = 1000
OPEN, ENDED = {"in_progress", "pending"}, {"completed", "failed", "cancelled"}
SHOWN = ("images", "video", "audio", "text")
"""Kinds of output that stand for a job."""


async def list_jobs(request: web.Request) -> web.Response:
    """Those that run, then those that wait, then those that ended, the newest first; or sorted by a time."""
    asked = {each for each in request.query.get("status", "").split(",") if each} or {*OPEN, *ENDED}
    limit, offset = min(_number(request, "limit", LONGEST_PAGE), LONGEST_PAGE), _number(request, "offset", 0)
    order = request.query.get("sort_by", ""), request.query.get("sort_order", "")
    found = [job_of(item, status) for item, status in _open(request.app) if status in asked]
    history = request.app[HISTORY]
    names = history.names[::-1] if asked & ENDED else []
    if asked & ENDED < ENDED or any(order):  # which jobs are on the page takes all of them to know
        jobs = await asyncio.to_thread(_jobs, history, names)
        found, names = found + [job for job in jobs if job["status"] in asked], []
    if any(order):
        found.sort(key=_duration if order[0] == "execution_time" else _created, reverse=order[1] != "asc")
    total, begin = len(found) + len(names), max(0, offset - len(found))
    page = found[offset : offset + limit]
    page += _jobs(history, names[begin : begin + limit - len(page)])
    pages = {"offset": offset, "limit": limit, "total": total, "has_more": offset + len(page) < total}
    return answer({"jobs": page, "pagination": pages})


def _created(job: Record) -> float:
    return float(job["create_time"])


def _duration(job: Record) -> float:
    return float((job["execution_end_time"] or 0) - (job["execution_start_time"] or 0))


async def show_job(request: web.Request) -> web.Response:
    """One of them with its prompt and what came of it."""
    name = request.match_info["id"]
    for item, status in _open(request.app):
        if item.prompt_id == name:
            return answer({**job_of(item, status), **_workflow(item), "outputs": {}})
    for item, became in _ended(request.app[HISTORY], [name]):
        job = job_of(item, ended_as(became), became)
        told = {"execution_status": became["status"], "execution_meta": became["meta"]}
        done = {"outputs": became["outputs"], "update_time": job["execution_end_time"]}
        return answer({**job, **_workflow(item), **done, **told})
    raise refuse(404, "unknown_job", f"there is no job {name[:100]!r}")


async def cancel_job(request: web.Request) -> web.Response:
    return answer({"cancelled": _cancel(request.app, {request.match_info["id"]})})


async def cancel_jobs(request: web.Request) -> web.Response:
    named = (await read_object(request)).get("job_ids")
    names = {each for each in named if isinstance(each, str)} if isinstance(named, list) else set()
    return answer({"cancelled": _cancel(request.app, names)})


def job_of(item: Item, status: str, became: Record | None = None) -> Record:
    """One line of the list; `became` is what the history says of it."""
    outputs = record((became or {}).get("outputs"))
    messages = (became or {}).get("status", {}).get("messages") or [["", {}]]
    times = [messages[0][1].get("timestamp"), messages[-1][1].get("timestamp")]
    files = list(_files(outputs))
    shown = [file for file in files if file["mediaType"] in SHOWN]
    kept = [file for file in shown if file.get("type") == "output"]
    created = item.extra.get("create_time")
    job: Record = {
        "id": item.prompt_id,
        "status": status,
        "priority": whole(item.number),
        "create_time": created if type(created) in (int, float) else times[0] or 0,
        "execution_start_time": times[0],
        "execution_end_time": times[1],
        "outputs_count": len(files),
        "preview_output": next(iter([*kept, *shown]), None),
        "workflow_id": text(record(record(item.extra.get("extra_pnginfo")).get("workflow")).get("id"))
        or None,
    }
    if messages[-1][0] == "execution_error":
        job["execution_error"] = messages[-1][1]
    return job


def ended_as(became: Record) -> str:
    """How a prompt ended, in the words of jobs."""
    if became["status"]["completed"]:
        return "completed"
    messages = became["status"]["messages"]
    return "cancelled" if messages and messages[-1][0] == "execution_interrupted" else "failed"


def _files(outputs: Record) -> Iterator[Record]:
    for node, output in outputs.items():
        for kind, entries in output.items():
            for each in entries if isinstance(entries, list) and kind != "animated" else ():
                said = each if isinstance(each, dict) else {"content": each}
                yield {**said, "nodeId": node, "mediaType": kind}


def _open(app: web.Application) -> Iterator[tuple[Item, str]]:
    runs = app[RUNS]
    if runs.current is not None:
        yield item_of(app, runs.current), "in_progress"
    for ticket in runs.waiting:
        yield item_of(app, ticket), "pending"


def _ended(history: History, names: Sequence[str]) -> Iterator[tuple[Item, Record]]:
    for entry in json.loads(history.to_json(names)).values():
        number, prompt_id, prompt, extra, outputs = entry["prompt"]
        yield Item(number, prompt_id, prompt, extra, tuple(outputs)), entry


def _jobs(history: History, names: Sequence[str]) -> list[Record]:
    return [job_of(item, ended_as(became), became) for item, became in _ended(history, names)]


def _workflow(item: Item) -> Record:
    return {"workflow": {"prompt": dict(item.prompt), "extra_data": item.extra}}


def _cancel(app: web.Application, names: set[str]) -> bool:
    """Whether any of them waited or worked."""
    runs = app[RUNS]
    tickets = [*runs.waiting, *([runs.current] if runs.current is not None else [])]
    found = [ticket.id for ticket in tickets if item_of(app, ticket).prompt_id in names]
    for run in found:
        runs.cancel(run)
    return bool(found)


def _number(request: web.Request, name: str, otherwise: int) -> int:
    digits = request.query.get(name, str(otherwise))
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 9):
        raise refuse(400, "wrong_field", f"{name} is a whole number")
    return int(digits)
