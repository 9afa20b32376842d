"""The documents are held against the program: routes, events, nodes, links and the example in the README."""

import re
from pathlib import Path
from typing import get_args

import pytest
import torch

from graph.events import Event
from graph.registry import Registry
from service.routes import ROUTES

ROOT = Path(__file__).resolve().parent.parent
PROTOCOL = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "custom_nodes/README.md", ROOT / "web/README.md"]
)


@pytest.mark.parametrize("route", [f"{r.method} {r.path}" for r in ROUTES if r.path.startswith("/api/")])
def test_every_route_is_documented(route: str) -> None:
    # aiohttp writes {path:.+} where the document writes {path}.
    assert re.sub(r"\{(\w+)[^}]*\}", "{}", route) in re.sub(r"\{\w+\}", "{}", PROTOCOL)


@pytest.mark.parametrize(
    "event", [cls.__name__ for cls in get_args(Event.__value__ if hasattr(Event, "__value__") else Event)]
)
def test_every_event_is_documented(event: str) -> None:
    assert f"`{event}`" in PROTOCOL or f'"{event}"' in PROTOCOL


def test_every_node_is_documented() -> None:
    registry = Registry()
    registry.load_package("nodes")
    assert not registry.problems
    page = (ROOT / "docs/nodes.md").read_text(encoding="utf-8")
    missing = [
        f"{node.id}: {name}"
        for node in registry.types.values()
        for name in (node.id, *(s.name for s in (*node.inputs, *node.outputs)))
        if name not in page
    ]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


def test_the_first_node_of_the_readme_works(tmp_path: Path) -> None:
    code = re.search(r"```python\n(.*?)```", README, re.S)
    assert code is not None
    (tmp_path / "film_grain.py").write_text(code[1], encoding="utf-8")
    registry = Registry()
    registry.load_package("nodes")
    registry.load_folder(tmp_path)
    assert not registry.problems
    film_grain = registry.get("FilmGrain")
    assert film_grain is not None
    image = torch.full((1, 8, 8, 3), 0.5)
    grainy = film_grain.run(image=image, amount=0.2, seed=3)
    assert grainy.shape == image.shape and grainy.std() > 0.01 and float(image.std()) == 0.0
