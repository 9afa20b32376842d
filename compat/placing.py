"""Places on the canvas: ComfyUI's in ours, and back; for API prompts, which have none, new ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

STRETCH = 1.25
"""Our rows are higher than ComfyUI's by about this much, so what stood clear of each other still does."""
TITLE = 30.0
"""ComfyUI draws a node's title above its place."""
COLUMN, GAP, WIDTH = 340.0, 40.0, 270.0

Pair = Sequence[float]


def placed(position: Pair, size: Pair, *, title: float = TITLE) -> dict[str, list[float]]:
    """Position and size of ours, from ComfyUI's."""
    return {
        "position": [round(position[0], 2), round((position[1] - title) * STRETCH, 2)],
        "size": [round(max(size[0], 60.0), 2), round((max(size[1], 0.0) + title) * STRETCH, 2)],
    }


def unplaced(position: Pair, size: Pair, *, title: float = TITLE) -> tuple[list[float], list[float]]:
    """ComfyUI's position and size, from ours."""
    return (
        [round(position[0], 4), round(position[1] / STRETCH + title, 4)],
        [round(size[0], 4), round(max(size[1] / STRETCH - title, 10.0), 4)],
    )


def height(inputs: int, widgets: int, texts: int) -> float:
    """About what our editor draws a node with so many rows in."""
    return 64.0 + 24.0 * inputs + 33.0 * widgets + 66.0 * texts


def columns(nodes: Sequence[str], feeds: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How many nodes stand before each; rings do not count their closing link."""
    depth: dict[str, int] = {}
    on_the_way: set[str] = set()
    for start in nodes:
        stack = [(start, False)]
        while stack:
            node, ready = stack.pop()
            before = feeds.get(node, ())
            if ready:
                on_the_way.discard(node)
                depth[node] = max((depth.get(each, -1) for each in before), default=-1) + 1
            elif node not in depth and node not in on_the_way:
                on_the_way.add(node)
                stack.append((node, True))
                stack.extend((each, False) for each in before if each not in depth)
    return depth


def arranged(
    nodes: Sequence[str], feeds: Mapping[str, Sequence[str]], heights: Mapping[str, float]
) -> dict[str, list[float]]:
    """A place for every node: columns by depth, each sorted by where its inputs stand."""
    depth = columns(nodes, feeds)
    rows: dict[int, list[str]] = {}
    for node in nodes:
        rows.setdefault(depth[node], []).append(node)
    places: dict[str, list[float]] = {}
    for column in sorted(rows):

        def middle(node: str) -> float:
            before = [places[each][1] for each in feeds.get(node, ()) if each in places]
            return sum(before) / len(before) if before else 0.0

        y = 60.0
        for node in sorted(rows[column], key=middle):
            places[node] = [40.0 + COLUMN * column, y]
            y += heights[node] + GAP
    return places
