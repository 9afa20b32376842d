"""/system_stats, /features and what ComfyUI's interface asks for at its start."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from pathlib import Path
from typing import Any

from aiohttp import web

from compat.server.shapes import shape, shapes
from compat.server.socket import FEATURES
from compat.server.state import rules_of
from service.protocol import answer
from service.state import ENGINE, loaded_engine

SPOKEN = "0.3.64"
"""The version of ComfyUI whose protocol this is."""


async def object_info(request: web.Request) -> web.Response:
    engine = await loaded_engine(request)
    rules = rules_of(engine)
    return answer(await asyncio.to_thread(shapes, rules.types, rules.info, engine.folders))


async def object_info_of(request: web.Request) -> web.Response:
    engine, name = await loaded_engine(request), request.match_info["node"]
    rules = rules_of(engine)
    declared = rules.types.get(name)
    if declared is None:
        return answer({})
    told = await asyncio.to_thread(shape, declared, rules.info.get(name), engine.folders)
    return answer({name: told})


async def system_stats(request: web.Request) -> web.Response:
    described = request.app[ENGINE].describe()
    total, free = _memory()
    system = {
        "os": "nt" if os.name == "nt" else sys.platform,
        "ram_total": total,
        "ram_free": free,
        "comfyui_version": SPOKEN,
        "required_frontend_version": None,
        "installed_templates_version": None,
        "required_templates_version": None,
        "python_version": sys.version,
        "pytorch_version": described.get("torch") or "not loaded yet",
        "embedded_python": False,
        "argv": ["tessera", platform.machine()],
    }
    return answer({"system": system, "devices": [_device(described, total, free)]})


def _device(described: Any, total: int, free: int) -> dict[str, Any]:
    memory = described.get("device_memory") or {}
    name = str(described.get("device") or "cpu")
    total, free = memory.get("total_bytes", total), memory.get("free_bytes", free)
    kind = "cuda" if memory else "cpu"
    return {
        "name": f"{kind}:0 {name}" if memory else name,
        "type": kind,
        "index": 0 if memory else None,
        "vram_total": total,
        "vram_free": free,
        "torch_vram_total": total,
        "torch_vram_free": free,
    }


def _memory() -> tuple[int, int]:
    """Bytes of this machine, and those that are free."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        said = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
        return said["MemTotal"], said.get("MemAvailable", said["MemFree"])
    except (OSError, ValueError, IndexError, KeyError):
        return 0, 0


async def features(request: web.Request) -> web.Response:
    return answer(FEATURES)


async def nothing_named(request: web.Request) -> web.Response:
    """No translations nor workflows come from packs."""
    return answer({})


async def options(request: web.Request) -> web.Response:
    return web.Response()
