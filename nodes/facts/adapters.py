"""Facts of what small files change or add to: LoRAs, and learned words in prompts."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from graph import Inferred, Seen, facts_of, known
from graph.problems import Fix, Problem, set_input, set_mode
from nodes.facts.models import Parts, file_facts, made_for

WIDTHS = (("model", "MODEL", "context"), ("clip", "CLIP", "width"))
"""What a LoRA changes: the input, the part of the file that is for it, and the fact that both have."""

ENCODERS = {768, 1024, 1280}
"""Widths of text encoders; a file with vectors of others may be no embedding, which the node will say."""


@facts_of("LoraLoader", "LoraLoaderModelOnly")
def lora(seen: Seen) -> Inferred:
    """A LoRA changes weights of the widths it was made for, and refuses others."""
    from diffusion.checkpoint.traits import lora_traits

    parts, problems = file_facts(seen, "lora_name", lora_traits)
    fixes = [Fix("Bypass the LoRA", (set_mode(seen.id, "bypassed"),))]
    problems += list(check_lora(seen, "lora_name", parts, "the LoRA", fixes))[:1]
    outputs = {"MODEL": seen.facts("model")}
    return Inferred(
        outputs if seen.type_id.endswith("Only") else outputs | {"CLIP": seen.facts("clip")}, problems
    )


@facts_of("LoraTagLoader")
def tagged_loras(seen: Seen) -> Inferred:
    """As LoraLoader, for every LoRA that the tags name."""
    from diffusion.checkpoint.traits import lora_traits

    problems = [
        problem
        for path in named(seen)
        for problem in list(check_lora(seen, "text", traits(path, lora_traits), f"the LoRA {path.stem}"))[:1]
    ]
    return Inferred({"MODEL": seen.facts("model"), "CLIP": seen.facts("clip")}, problems)


def check_lora(
    seen: Seen, name: str, parts: Parts, lora: str, fixes: list[Fix] | None = None
) -> Iterator[Problem]:
    """A LoRA and what it changes are of the same widths."""
    for given_to, part, fact in WIDTHS:
        given, expected = parts.get(part, {}).get(fact), seen.facts(given_to).get(fact)
        if None not in (given, expected) and given != expected:
            yield seen.problem(
                "lora_mismatch",
                name,
                f"{lora} was made for {made_for(given)}, the {given_to} here is of {made_for(expected)}",
                given=given,
                expected=made_for(expected),
                remedy="Choose a LoRA of the model's kind, or bypass this node.",
                fixes=fixes or (),
            )


@facts_of("CLIPTextEncode", "PromptEncodeA1111")
def encoded(seen: Seen) -> Inferred:
    """Vectors as wide as the text encoder's, which those of learned words must be, too."""
    from diffusion.checkpoint.traits import embedding_traits

    width = seen.facts("clip").get("width")
    problems = []
    for path in named(seen) if width is not None else ():
        widths = [part["width"] for part in traits(path, embedding_traits).values()]
        if widths and width not in widths and ENCODERS.issuperset(widths):
            problems.append(wrong_embedding(seen, path, widths[0], width))
    return Inferred({"CONDITIONING": known(width=width, role="base")}, problems)


def wrong_embedding(seen: Seen, path: Path, given: object, width: object) -> Problem:
    """The Problem of an embedding for another text encoder; its fix takes it out of the text."""
    text = str(seen.value("text"))
    name = rf"embedding:[^\s,()]*?{re.escape(path.stem)}(?:{re.escape(path.suffix)})?"
    without = re.sub(rf"(?i)(?:\({name}(?::[\d.]+)?\)|{name}),? ?", "", text)
    fix = Fix(f"Take {path.stem} out of the text", (set_input(seen.id, "text", without),))
    return seen.problem(
        "embedding_mismatch",
        "text",
        f"the embedding {path.name} was made for {made_for(given)}, the text encoder is of {made_for(width)}",
        given=given,  # type: ignore[arg-type]  # a fact
        expected=made_for(width),
        remedy="Take it out of the prompt, or use one that was made for this kind of model.",
        fixes=[fix] if without != text else (),
    )


def named(seen: Seen) -> tuple[Path, ...]:
    """The files that the text of a node names; none where it comes by a link, which is read when it runs."""
    return () if seen.link("text") else tuple(path for path in seen.opened if path.is_file())


def traits(path: Path, read: Callable[[Path], Parts]) -> Parts:
    """What a file's header says; nothing where it is damaged, which the node will say."""
    from diffusion.checkpoint.errors import CheckpointError

    try:
        return read(path)
    except CheckpointError:
        return {}
