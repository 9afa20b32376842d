"""From starting the server to the first picture: `python -m benchmarks.first_picture [--quick] [--json F]`.

The real server as its own process, on a root of its own; beside it, in the same run, what importing its two
large packages costs by itself.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

CHECKOUT = Path(__file__).resolve().parent.parent
WORKFLOW = CHECKOUT / "workflows/text_to_image.json"
TARGETS = {"server_first_answer_s": 1.5, "default_cold_s": 12.0, "default_warm_s": 4.0}
LONGEST_RUN = 600.0  # s


class DidNotRun(Exception):
    """The default workflow gave no picture."""


@dataclass(frozen=True)
class Server:
    started: float
    session: aiohttp.ClientSession
    process: asyncio.subprocess.Process

    def peak_rss_mb(self) -> float:
        """The most memory that the process ever held, as the kernel counted it."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024


@asynccontextmanager
async def fresh_server(root: Path) -> AsyncIterator[Server]:
    """A server that has just given its first answer."""
    command = [sys.executable, "server.py", "--port", "0", "--root", str(root)]
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().split()[-1]
    try:
        async with aiohttp.ClientSession(url) as session:
            yield Server(started, session, process)
    finally:
        process.terminate()
        await process.wait()


async def first_answer() -> float:
    with tempfile.TemporaryDirectory() as root:
        async with fresh_server(Path(root)) as server, server.session.get("/api/v1/system") as answer:
            await answer.read()
            assert answer.status == 200
            return time.perf_counter() - server.started


async def pictures() -> dict[str, float]:
    """The default workflow in a fresh process, then with a new seed, then the same again."""
    with tempfile.TemporaryDirectory() as root:
        async with fresh_server(Path(root)) as server:
            await run(server, seed=1)
            measured = {"default_cold_s": time.perf_counter() - server.started}
            for name in ("default_warm_s", "default_cached_s"):
                posted = time.perf_counter()
                await run(server, seed=2)
                measured[name] = time.perf_counter() - posted
            return {**measured, "peak_rss_mb": server.peak_rss_mb()}


async def run(server: Server, *, seed: int) -> None:
    """Post the default workflow with this seed and hear it to its end."""
    document = json.loads(WORKFLOW.read_text("utf-8"))
    seeds = {f"{node['id']}.seed": seed for node in document["nodes"] if "seed" in node.get("inputs", {})}
    async with server.session.post("/api/v1/runs", json={"workflow": document, "set": seeds}) as answer:
        posted = await answer.json()
        if answer.status != 202:
            raise DidNotRun("; ".join(problem["message"] for problem in posted["problems"]))
    finished = await asyncio.wait_for(heard_finish(server, posted), LONGEST_RUN)
    if finished["status"] != "succeeded":
        raise DidNotRun("; ".join(problem["message"] for problem in finished["problems"]))


async def heard_finish(server: Server, posted: dict[str, Any]) -> dict[str, Any]:
    async with server.session.ws_connect(f"/api/v1/socket?since={posted['seq']}", max_msg_size=0) as socket:
        async for message in socket:
            event = message.json() if message.type is aiohttp.WSMsgType.TEXT else {}
            if event.get("type") == "RunFinished" and event["run"] == posted["run"]:
                return dict(event)
    raise DidNotRun("the server left before the run had finished")


def import_seconds(package: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {package}"], check=True)
    return time.perf_counter() - started


async def measure(repeats: int) -> tuple[dict[str, float], dict[str, float]]:
    """What was measured, and the baselines; each the median of turns taken one after the other."""
    import_seconds("torch")  # once beforehand, so that the files are in memory for everyone
    turns: list[dict[str, float]] = []
    imports: list[dict[str, float]] = []
    for _ in range(repeats):
        turns.append({"server_first_answer_s": await first_answer()} | await pictures())
        imports.append({f"import_{name}_s": import_seconds(name) for name in ("aiohttp", "torch")})
    return medians(turns), medians(imports)


def medians(turns: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}


def print_table(results: dict[str, float], imports: dict[str, float]) -> None:
    baselines = {"server_first_answer_s": "import_aiohttp_s", "default_cold_s": "import_torch_s"}
    print(f"{'what':24}{'ours':>10}{'target':>10}  {'baseline':18}{'':>8}{'ratio':>8}")
    for name, value in results.items():
        target = f"< {TARGETS[name]:g}" if name in TARGETS else ""
        baseline = baselines.get(name)
        beside = f"{baseline:18}{imports[baseline]:8.3f}{value / imports[baseline]:8.2f}" if baseline else ""
        missed = "  MISSED" if value >= TARGETS.get(name, value + 1) else ""
        print(f"{name:24}{value:10.3f}{target:>10}  {beside}{missed}")
    load = os.getloadavg()[0]
    print(f"machine: {platform.processor() or platform.machine()}, {os.cpu_count()} CPUs, load {load:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    try:
        results, imports = asyncio.run(measure(1 if options.quick else 3))
    except DidNotRun as error:
        sys.exit(f"the default workflow did not run: {error}")
    print_table(results, imports)
    if options.json:
        options.json.write_text(json.dumps(results | imports, indent=2) + "\n")


if __name__ == "__main__":
    main()
