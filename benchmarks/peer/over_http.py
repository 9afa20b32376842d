"""Graphs of nodes that do nothing, through HTTP and a websocket, ours and a peer's in turn.

What is measured is what a client sees: from posting a graph until it is told that all of it has ended. Of our
own server the processor time is told, too, which a busy machine changes less.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import aiohttp

from benchmarks import service
from benchmarks.peer.graphs import Graph, chain, fan
from benchmarks.peer.interfaces import NotRun, Sent, attempt, comfy_protocol, our_protocol

NODES = Path(__file__).parent.parent / "peer_nodes"
GRAPHS = (chain(100), fan(100), chain(900), chain(1000), fan(1000))
MODES = ("cold", "cached")
OURS, OURS_AS_COMFY, PEER = "ours", "ours as ComfyUI", "peer"
MEASURED_BEFORE = {
    ("chain of 100", "cold"): 9100.0,
    ("chain of 100", "cached"): 8100.0,
    ("fan of 100", "cold"): 2500.0,
    ("fan of 100", "cached"): 950.0,
    ("chain of 900", "cold"): 158_000.0,
    ("fan of 1000", "cold"): 11_400.0,
}
"""Of ComfyUI 0.3.64, measured once on two quiet cores: us per node. A chain of 1,000 it refuses."""


class Told(NamedTuple):
    """What one interface needed for a graph, in one mode; or why it did not run."""

    us_per_node: float = 0.0
    bytes: int = 0
    messages: int = 0
    refused: str = ""
    cpu_us_per_node: float = 0.0
    """Of our own server's process."""


Results = dict[tuple[str, str, str], Told]
"""By graph, mode and interface."""


@asynccontextmanager
async def our_server() -> AsyncIterator[tuple[str, int]]:
    """A server of ours with nodes of both kinds, as a process of its own: its address and its id."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "custom_nodes").mkdir()
        trivial = (NODES / "trivial_nodes.py").read_text()
        (root / "custom_nodes/trivial_nodes.py").write_text(trivial)
        async with service.serving(root, (NODES / "plain_nodes.py").read_text()) as server:
            await service.ready(server)
            yield str(server.session._base_url), server.process.pid


async def compare(peer: str | None, *, quick: bool) -> Results:
    """Every graph in every mode through every interface, in turn; of several turns the median."""
    values = itertools.count(int(time.time() * 1000) % 2**31 * 1000)
    results: Results = {}
    async with AsyncExitStack() as stack:
        url, process = await stack.enter_async_context(our_server())
        opened = {OURS: (url, our_protocol), OURS_AS_COMFY: (url, comfy_protocol)}
        if peer is not None:
            opened[PEER] = (peer, comfy_protocol)
        for graph in GRAPHS:
            sent: dict[tuple[str, str], list[tuple[Sent, float]]] = {}
            for _ in range(turns(graph, quick)):
                for name, (address, protocol) in opened.items():
                    if (graph.name, "cold", name) in results:  # it was refused
                        continue
                    async with aiohttp.ClientSession(address) as session, protocol(session) as interface:
                        try:
                            body = interface.body(graph.prompt(next(values)))
                            for mode in MODES:  # a peer may keep the last result only
                                worked = cpu_seconds(process)
                                one = await attempt(interface, body)
                                sent.setdefault((mode, name), []).append((one, cpu_seconds(process) - worked))
                        except NotRun as error:
                            results[graph.name, "cold", name] = Told(refused=str(error))
            measured = {(graph.name, *which): told(graph, several) for which, several in sent.items()}
            results |= {
                (shape, mode, name): what._replace(cpu_us_per_node=0.0) if name == PEER else what
                for (shape, mode, name), what in measured.items()
            }
    return results


def turns(graph: Graph, quick: bool) -> int:
    return (12 if graph.count <= 100 else 3) if quick else (40 if graph.count <= 100 else 7)


def cpu_seconds(process: int) -> float:
    """Processor time of a process, as Linux counts it by thread; elsewhere 0."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    with suppress(OSError):  # a thread may end meanwhile
        return sum(int(each.read_text().split()[0]) for each in threads) / 1e9
    return 0.0


def told(graph: Graph, several: Sequence[tuple[Sent, float]]) -> Told:
    seconds, worked = (
        statistics.median(times) for times in zip(*((one.seconds, cpu) for one, cpu in several), strict=True)
    )
    last, _ = several[-1]
    per_node = 1e6 / graph.count
    return Told(seconds * per_node, last.bytes, last.messages, cpu_us_per_node=worked * per_node)


def numbers_of(results: Results) -> dict[str, float]:
    """By flat names: `http_chain_cold_us_per_node_100`, with `comfy_` or `peer_` before those."""
    before = {OURS: "", OURS_AS_COMFY: "comfy_", PEER: "peer_"}
    numbers = {}
    for (graph, mode, name), what in results.items():
        shape, _, count = graph.split()
        if not what.refused:
            numbers[f"{before[name]}http_{shape}_{mode}_us_per_node_{count}"] = round(what.us_per_node, 1)
            numbers[f"{before[name]}http_{shape}_{mode}_bytes_{count}"] = what.bytes
            if name != PEER:
                worked = round(what.cpu_us_per_node, 1)
                numbers[f"{before[name]}http_{shape}_{mode}_cpu_us_per_node_{count}"] = worked
    return numbers


def table(results: Results) -> str:
    """A line for each graph and mode: us per node and bytes, and how many times more the peer takes."""
    measured = any(name == PEER for *_, name in results)
    beside = PEER if measured else "ComfyUI 0.3.64, another day"
    rows = [("through HTTP, us/node (bytes)", OURS, OURS_AS_COMFY, beside, "ratio", "ratio as ComfyUI")]
    for graph in GRAPHS:
        for mode in MODES:
            ours, comfy = (results.get((graph.name, mode, name)) for name in (OURS, OURS_AS_COMFY))
            peer = results.get((graph.name, mode, PEER)) if measured else None
            if not measured and (known := MEASURED_BEFORE.get((graph.name, mode))):
                peer = Told(known)
            cells = [f"{graph.name}, {mode}", *map(_shown, (ours, comfy, peer))]
            rows.append((*cells, _ratio(peer, ours), _ratio(peer, comfy)))  # type: ignore[arg-type]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _shown(what: Told | None) -> str:
    if what is None:
        return "-"
    if what.refused:
        return f"refused: {what.refused[:60]}"
    worked = f", CPU {what.cpu_us_per_node:.1f}" if what.cpu_us_per_node else ""
    return f"{what.us_per_node:.1f}{worked} ({what.bytes})" if what.bytes else f"{what.us_per_node:.0f}"


def _ratio(peer: Told | None, ours: Told | None) -> str:
    if peer is None or ours is None or peer.refused or ours.refused:
        return "-"
    return f"{peer.us_per_node / ours.us_per_node:.1f}"
