"""Nodes of pictures and masks, with unions, conversions, choices and optional inputs."""

from typing import Any, Literal

from graph import node
from tests.graph.sample import Image, Mask


@node()
def picture(shade: float = 0.5) -> Image:
    return shade


@node()
def selection() -> Mask:
    return "mask"


@node()
def blend(under: Image, over: Image, mask: Mask | None = None, mode: Literal["add", "mix"] = "mix") -> Image:
    return (under, over, mask, mode)


@node(sink=True)
def look(image: Image) -> None: ...


@node()
def either(value: Image | Mask) -> Image:
    return value


@node()
def half(value: float = 1.0) -> float:
    return value / 2


@node()
def passing(value: Any) -> Any:
    return value


PICTURES = (picture, selection, blend, look, either, half, passing)
