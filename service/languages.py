"""The editor's languages: a file of texts each, those that ship and those that users add beside the log."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from aiohttp import web

from service.protocol import answer, refuse
from service.state import PLACES, Places

CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
SECTIONS = ("texts", "titles", "names", "categories")


async def list_languages(request: web.Request) -> web.Response:
    """Every language that has a file, by what its speakers call it."""
    return answer({"languages": await asyncio.to_thread(_listed, request.app[PLACES])})


async def show_language(request: web.Request) -> web.Response:
    """All texts of one language; what a user wrote comes before what ships."""
    code = request.match_info["code"]
    found = await asyncio.to_thread(_read, request.app[PLACES], code)
    if found is None:
        remedy = f"Write user/languages/{code}.json." if CODE.fullmatch(code) else ""
        raise refuse(404, "unknown_language", f"there is no language {code[:40]!r}", remedy)
    return answer(found)


def _folders(places: Places) -> tuple[Path, Path]:
    return places.web / "languages", places.log.parent / "languages"


def _listed(places: Places) -> list[dict[str, str]]:
    codes = {path.stem for folder in _folders(places) for path in folder.glob("*.json")}
    found = {code: _read(places, code) for code in sorted(codes)}
    return [{"code": code, "name": file["name"]} for code, file in found.items() if file is not None]


def _read(places: Places, code: str) -> dict[str, Any] | None:
    """The files of a language laid over one another; one that is no such file does not count."""
    if not CODE.fullmatch(code):
        return None
    files = [file for folder in _folders(places) if (file := _parse(folder / f"{code}.json")) is not None]
    if not files:
        return None
    merged = {section: {k: v for file in files for k, v in file[section].items()} for section in SECTIONS}
    return {"code": code, "name": files[-1]["name"] or code, **merged}


def _parse(path: Path) -> dict[str, Any] | None:
    try:
        file = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(file, dict):
        return None
    sections = {section: file.get(section, {}) for section in SECTIONS}
    if not all(isinstance(texts, dict) for texts in sections.values()):
        return None
    return {"name": str(file.get("name", "")), **sections}
