"""The graphs of the executor's benchmark run through both interfaces of a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copy

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from benchmarks.peer import over_http
from benchmarks.peer.graphs import Graph, chain, fan
from benchmarks.peer.interfaces import NotRun, attempt, comfy_protocol, our_protocol
from benchmarks.peer.over_http import NODES, OURS, OURS_AS_COMFY, PEER, Told
from compat.nodes.packs import ComfyPacks
from compat.server.app import add_comfy
from graph.cache import Cache
from graph.execute import Executor
from graph.folders import Folders
from graph.registry import Registry
from service.app import create_app
from service.engine import Engine
from tests.service.conftest import make_places

TestServer.__test__ = False  # type: ignore[attr-defined]  # no test, by its name


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """A server with the nodes that the benchmark wants to be installed."""
    for folder in ("custom_nodes", "web", "workflows", "node_modules"):
        (tmp_path / folder).mkdir()
    for pack in NODES.glob("*.py"):
        copy(pack, tmp_path / "custom_nodes")
    folders, cache = Folders(tmp_path), Cache(2**24)
    registry = Registry(folders)
    packs = ComfyPacks(registry, folders)
    with Executor(cache, folders, services={ComfyPacks: packs}) as executor:
        packs.host.executor = executor
        engine = Engine(
            registry,
            folders,
            cache,
            executor,
            load=lambda: registry.load_folder(tmp_path / "custom_nodes", packs),
            warm=lambda: None,
            describe=lambda: {"ready": True},
        )
        app = create_app(engine, make_places(tmp_path))
        add_comfy(app)
        async with TestServer(app) as server:
            yield str(server.make_url("/"))


@pytest.mark.parametrize("graph", [chain(6), fan(6)], ids=lambda graph: graph.name)
@pytest.mark.parametrize("protocol", [our_protocol, comfy_protocol])
async def test_a_graph_runs_through_either_protocol(url: str, graph: Graph, protocol: object) -> None:
    async with aiohttp.ClientSession(url) as session, protocol(session) as interface:  # type: ignore[operator]
        body = interface.body(graph.prompt(1))
        cold, cached = await attempt(interface, body), await attempt(interface, body)
        other = await attempt(interface, interface.body(graph.prompt(2)))
        async with session.get("/metrics") as answer:
            counted = [
                line for line in (await answer.text()).splitlines() if line.startswith("tessera_steps")
            ]
    assert cold.seconds > 0 and cold.bytes > cached.bytes > 0 and other.messages > 0
    assert sorted(counted) == [
        'tessera_steps_total{state="cached"} 6',
        'tessera_steps_total{state="finished"} 12',
    ]


async def test_a_server_without_the_nodes_says_so(url: str) -> None:
    strange = Graph("strange", 1, lambda value: {"0": {"class_type": "Nobody", "inputs": {}}})
    async with aiohttp.ClientSession(url) as session:
        async with our_protocol(session) as interface:
            with pytest.raises(NotRun, match=r"answers 422: .*; there is no node type 'Nobody'"):
                await attempt(interface, interface.body(strange.prompt(0)))
        async with comfy_protocol(session) as interface:
            with pytest.raises(NotRun, match="answers 400: Cannot execute because node Nobody does not"):
                await attempt(interface, interface.body(strange.prompt(0)))


def test_the_table_says_how_many_times_more_the_peer_takes_and_what_it_refuses() -> None:
    results = {
        ("chain of 100", "cold", OURS): Told(50.0, 1000, 2, cpu_us_per_node=40.0),
        ("chain of 100", "cold", OURS_AS_COMFY): Told(100.0, 500, 3),
        ("chain of 100", "cold", PEER): Told(5000.0, 9000, 100),
        ("chain of 1000", "cold", OURS): Told(60.0, 1000, 2),
        ("chain of 1000", "cold", PEER): Told(refused="too deep"),
    }
    lines = {line.split("  ")[0]: line.split() for line in over_http.table(results).splitlines()}
    assert lines["chain of 100, cold"][-2:] == ["100.0", "50.0"]
    assert "refused: too deep" in " ".join(lines["chain of 1000, cold"])
    assert over_http.numbers_of(results) == {
        "http_chain_cold_us_per_node_100": 50.0,
        "http_chain_cold_bytes_100": 1000,
        "http_chain_cold_cpu_us_per_node_100": 40.0,
        "comfy_http_chain_cold_us_per_node_100": 100.0,
        "comfy_http_chain_cold_bytes_100": 500,
        "comfy_http_chain_cold_cpu_us_per_node_100": 0.0,
        "peer_http_chain_cold_us_per_node_100": 5000.0,
        "peer_http_chain_cold_bytes_100": 9000,
        "http_chain_cold_us_per_node_1000": 60.0,
        "http_chain_cold_bytes_1000": 1000,
        "http_chain_cold_cpu_us_per_node_1000": 0.0,
    }
