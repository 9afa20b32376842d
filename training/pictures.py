"""Fetches the emoji sets and renders them to premultiplied RGBA arrays, once, into data/."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from pathlib import Path

import numpy as np

ICON_SETS = {
    "flat": "@iconify-json/fluent-emoji-flat@1.2.6",
    "colour": "@iconify-json/fluent-emoji@1.2.7",
    "noto": "@iconify-json/noto@1.2.9",
    "twemoji": "@iconify-json/twemoji@1.2.5",
}
EMOJIBASE = "emojibase-data@17.0.0"


def fetch_package(spec: str, folder: Path) -> Path:
    """Download one npm package with `npm pack` and unpack it; returns the folder that holds it."""
    name, version = spec.rsplit("@", 1)
    stem = f"{name.strip('@').replace('/', '-')}-{version}"
    target = folder / stem
    if not (target / "package.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", spec, "--silent"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(folder / f"{stem}.tgz") as archive:
            for member in archive.getmembers():
                member.name = member.name.split("/", 1)[-1]
                archive.extract(member, target, filter="data")
    return target


def read_icons(package: Path) -> dict[str, str]:
    """Return {drawing name: complete SVG text} of an iconify package."""
    table = json.loads((package / "icons.json").read_text())
    icons = {}
    for name, icon in table["icons"].items():
        width = icon.get("width", table.get("width", 16))
        height = icon.get("height", table.get("height", 16))
        icons[name] = (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">{icon["body"]}</svg>'
        )
    return icons


def render_svg(svg: str, size: int) -> np.ndarray:
    """Render an SVG to straight-alpha RGBA uint8 [size, size, 4]."""
    import resvg_py
    from PIL import Image

    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size))
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def render_set(icons: dict[str, str], names: list[str], sizes: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Render the named drawings at every size; keys are 'name@size'."""
    return {f"{name}@{size}": render_svg(icons[name], size) for name in names for size in sizes}
