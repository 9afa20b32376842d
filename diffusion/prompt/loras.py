"""LoRAs that a prompt of A1111 asks for by tags: `<lora:name:0.8>`."""

import difflib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from diffusion.errors import Correctable
from diffusion.prompt.composition import Tag, take_tags
from diffusion.prompt.embeddings import file_of, stem

KIND = "lora"


class MissingLora(Correctable):
    """A prompt names a LoRA that is not there."""


class BadTag(Correctable):
    """A tag whose strength is no number."""


class Asked(NamedTuple):
    """A LoRA's file, and how strongly it is to change the model and the text encoder."""

    file: str
    model: float
    text: float


def asked_for(prompt: str, names: Sequence[str]) -> Iterator[Asked]:
    """What the tags of a prompt ask for, in order.

    `<lora:name:text:model>`: one number is for both, none is 1; `te=` and `unet=` name them.
    """
    for tag in take_tags(prompt)[1]:
        if tag.kind == KIND:
            name, *others = tag.arguments
            file = file_of(name, names)
            if file is None:
                raise missing(name, names)
            text, model = strengths(tag, others)
            yield Asked(file, model, text)


def strengths(tag: Tag, arguments: Sequence[str]) -> tuple[float, float]:
    """The strengths for the text encoder and for the model."""
    named = dict(each.split("=", 1) for each in arguments if "=" in each)
    plain = [each for each in arguments if "=" not in each]
    try:
        text = float(named.get("te", plain[0] if plain else 1))
        return text, float(named.get("unet", plain[1] if len(plain) > 1 else text))
    except ValueError as error:
        raise BadTag(
            f"the strength in {tag} is no number",
            input="text",
            remedy="Write it as <lora:name:0.8>.",
        ) from error


def missing(name: str, names: Sequence[str]) -> MissingLora:
    """The error for a name of no file, with the nearest that there are."""
    near = difflib.get_close_matches(name[:100], [stem(file) for file in names], n=3, cutoff=0.6)
    meant = f"Did you mean {' or '.join(near)}? Else put" if near else "Put"
    return MissingLora(
        f"there is no LoRA {name[:100]!r} in models/loras",
        input="text",
        remedy=f"{meant} its file there, or take the tag out of the prompt.",
    )
