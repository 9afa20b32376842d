"""Which files of learned vectors (textual inversion, arXiv 2208.01618) a prompt names."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath

from diffusion.errors import Correctable

ENDINGS = (".safetensors", ".pt", ".bin")
"""Which of several files of one name is meant: the first."""


class MissingEmbedding(Correctable):
    """A prompt names an embedding that is not there."""


def choose(written: str, names: Sequence[str]) -> tuple[str, str]:
    """The file that `embedding:` and `written` mean, and how much of it is the name: not commas behind it.

    The name may leave out the folder and the ending; letters' case matters only between files that differ
    in nothing else.
    """
    for used in (written, written.rstrip(",")):
        file = file_of(used, names)
        if file is not None:
            return file, used
    raise missing(written.rstrip(","), names)


def file_of(name: str, names: Sequence[str]) -> str | None:
    """The file of a name, by the closest way of naming it."""
    wanted = name.replace("\\", "/")
    spellings: tuple[Callable[[str], str], ...] = (str, without_ending, without_folder, stem)
    for fold in (str, str.casefold):
        for spelled in spellings:
            files = [file for file in names if fold(spelled(file)) == fold(wanted)]
            if files:
                return min(files, key=preference)
    return None


def preference(file: str) -> int:
    """The place of a file's ending among those that are preferred."""
    ending = PurePosixPath(file).suffix.lower()
    return ENDINGS.index(ending) if ending in ENDINGS else len(ENDINGS)


def without_ending(file: str) -> str:
    """`sub/my.v2.pt` -> `sub/my.v2`."""
    return str(PurePosixPath(file).with_suffix(""))


def without_folder(file: str) -> str:
    """`sub/my.v2.pt` -> `my.v2.pt`."""
    return PurePosixPath(file).name


def stem(file: str) -> str:
    """`sub/my.v2.pt` -> `my.v2`."""
    return PurePosixPath(file).stem


def missing(name: str, names: Sequence[str]) -> MissingEmbedding:
    """The error for a name of no file, with the nearest that there are."""
    by_folded = {stem(file).casefold(): stem(file) for file in names}
    near = difflib.get_close_matches(name[:100].casefold(), by_folded, n=3, cutoff=0.6)
    meant = f"Did you mean {' or '.join(by_folded[each] for each in near)}? Else put" if near else "Put"
    return MissingEmbedding(
        f"there is no embedding {name[:100]!r} in models/embeddings",
        input="text",
        remedy=f"{meant} its file there, or take it out of the prompt.",
    )


def named(prompt: str, names: Sequence[str]) -> Iterator[str]:
    """The files that a prompt names by ComfyUI's rules; MissingEmbedding where there is none."""
    from diffusion.prompt.comfy import EMBEDDING, parse

    for segment in parse(prompt) if "embedding:" in prompt else ():
        for match in EMBEDDING.finditer(segment.text):
            yield choose(match[1], names)[0]
