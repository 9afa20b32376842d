"""A new pack: a small commented file to start from. `server.py nodes new NAME` writes it."""

import keyword
import re
from pathlib import Path

from graph.nodetype import camel_case

TEMPLATE = '''"""Nodes of my own. A save of this file is enough: a running server reads it again.

`python server.py nodes test {name}` tries them; custom_nodes/README.md tells what else there is.
"""

from typing import Annotated

from graph import NodeError, Range, Seed, node
from nodes.types import Image, Mask


# The function's name becomes the id, the docstring the help, each parameter an input, the return an output.
@node(category="{name}", search=("noise", "grain"))
def {name}_grain(image: Image, amount: Annotated[float, Range(0, 1, 0.01)] = 0.1, seed: Seed = 0) -> Image:
    """Add noise that is drawn from a seed."""
    import torch  # heavy imports stand inside: the program starts without them

    noise = torch.randn(image.shape, generator=torch.Generator().manual_seed(seed))
    return (image + amount * noise).clamp(0, 1)  # a new picture: the given one is never changed


# Two outputs, with names of their own.
@node(category="{name}", outputs=("BRIGHT", "DARK"))
def {name}_split(image: Image, level: Annotated[float, Range(0, 1, 0.01)] = 0.5) -> tuple[Mask, Mask]:
    """Select what is brighter than a level, and what is not."""
    if image.shape[-1] < 3:
        raise NodeError("this picture is grey", input="image", remedy="Connect a picture in colours.")
    bright = (image[..., :3].mean(-1) > level).float()
    return bright, 1 - bright
'''


class Refused(Exception):
    """A pack that is not written, why, and what to do."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code, self.remedy = code, remedy


def write_pack(folder: Path, name: str) -> tuple[Path, tuple[str, ...]]:
    """The new file and the ids of its nodes; nothing that is there is written over."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,60}", name) or keyword.iskeyword(name):
        raise Refused(
            "bad_pack_name", f"{name!r} cannot name a pack", "Write small letters, digits and _: my_nodes"
        )
    path = folder / f"{name}.py"
    taken = [each for each in (path, folder / name) if each.exists()]
    if taken:
        raise Refused(
            "pack_exists", f"{taken[0]} is there already", "Choose another name: nothing is written over."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(TEMPLATE.replace("{name}", name))
    return path, tuple(camel_case(f"{name}_{each}") for each in ("grain", "split"))
