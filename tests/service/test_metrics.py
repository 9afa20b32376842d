"""Metrics as Prometheus reads them, and the journal."""

import json
import logging
import re
import sys

from pytest import LogCaptureFixture

from service.metrics import JsonLines
from tests.service.conftest import Service, chain

SAMPLE = re.compile(r'(tessera_\w+)(?:\{(\w+="[^"]*"(?:,\w+="[^"]*")*)\})? (-?[\d.e+-]+)')


async def samples(service: Service) -> dict[str, float]:
    async with service.client.get("/metrics") as answer:
        assert (answer.status, answer.content_type) == (200, "text/plain")
        lines = (await answer.text()).splitlines()
    found, described = {}, set()
    for line in lines:
        if line.startswith("# TYPE "):
            described.add(line.split()[2])
        elif not line.startswith("#"):
            matched = SAMPLE.fullmatch(line)
            assert matched, line
            assert re.sub("_(bucket|sum|count)$", "", matched[1]) in described or matched[1] in described
            found[f"{matched[1]}{{{matched[2] or ''}}}"] = float(matched[3])
    return found


async def test_runs_steps_requests_and_the_queue_are_counted(service: Service) -> None:
    await service.run(chain("Nap", value=1))
    await service.run(chain("Nap", value=1))
    await service.run(chain("Fail", value=2))
    await service.post("queue/pause", {})
    await service.start(chain("Nap"))
    seen = await samples(service)
    assert seen['tessera_runs_total{status="succeeded"}'] == 2
    assert seen['tessera_runs_total{status="failed"}'] == 1
    assert seen["tessera_run_seconds_count{}"] == seen['tessera_run_seconds_bucket{le="+Inf"}'] == 3
    assert seen['tessera_steps_total{state="failed"}'] == 1
    assert seen['tessera_steps_total{state="cached"}'] == 3
    assert (seen["tessera_queue_waiting{}"], seen["tessera_queue_paused{}"]) == (1, 1)
    labels = 'method="POST",route="/api/v1/runs",status="202"'
    assert seen[f"tessera_http_requests_total{{{labels}}}"] == 4


async def test_addresses_that_nobody_serves_make_one_row(service: Service) -> None:
    for number in range(5):
        await service.client.get(f"/none/{number}")
    counted = [name for name in await samples(service) if "http_requests" in name]
    assert counted == ['tessera_http_requests_total{method="GET",route="/{path}",status="404"}']


async def test_the_journal_names_requests_and_runs_but_no_query(
    service: Service, caplog: LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tessera")
    heard = await service.run(chain("Nap"))
    await service.client.get("/api/v1/system?token=secret")
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "tessera"]
    (run,) = [line for line in lines if line["message"] == "run"]
    assert (run["run"], run["status"]) == (heard.durable[0]["run"], "succeeded")
    asked = [(line["method"], line["path"], line["status"]) for line in lines if line["message"] == "request"]
    assert ("POST", "/api/v1/runs", 202) in asked and ("GET", "/api/v1/system", 200) in asked
    assert "secret" not in json.dumps(lines)


def test_a_traceback_is_one_line_of_json() -> None:
    try:
        raise ValueError("broken\nin two")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed %s", ("so",), sys.exc_info())
    text = JsonLines().format(record)
    assert "\n" not in text
    said = json.loads(text)
    assert (said["message"], said["level"]) == ("failed so", "error")
    assert "ValueError: broken" in said["traceback"]
