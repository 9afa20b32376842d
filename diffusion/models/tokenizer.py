"""Prompt text to the token ids of CLIP: lower-cased byte-level pair encoding with word ends.

Follows `open_clip`'s SimpleTokenizer, which SD2 was trained with and which agrees with SD1's. The vocabulary
file is OpenAI's (MIT licence).
"""

import gzip
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from pathlib import Path

VOCABULARY_FILE = Path(__file__).with_name("bpe_simple_vocab_16e6.txt.gz")
MERGES = 48894
WORD_END = "</w>"
SPECIAL = ("<start_of_text>", "<end_of_text>")
# What ftfy and the unescaping of HTML leave as it is: plain ASCII without `&` and control characters.
PLAIN = re.compile(r"[\t\n\r -%'-~]*")


@dataclass(frozen=True)
class Vocabulary:
    """Ids of all pieces, and the rank of each merge: the lowest is applied first."""

    ids: dict[str, int]
    ranks: dict[tuple[str, str], int]
    pieces: tuple[str, ...]


class Tokenizer:
    """Text to ids and back. SD1 pads a window with `end`, SD2 with 0."""

    begin = 49406
    end = 49407
    window_size = 77

    def __init__(self, *, pad: int = 49407) -> None:
        self.pad = pad

    def encode(self, text: str) -> list[int]:
        """The ids of `text`, without begin, end and padding."""
        return [id for id, _ in self.placed(text)]

    def placed(self, text: str) -> Iterator[tuple[int, int]]:
        """The ids of `text`, each with where its word begins; 0 where repairing has moved letters."""
        vocabulary, letters = read_vocabulary(), byte_letters()
        cleaned, lowered = clean(text), text.lower()
        is_plain = len(lowered) == len(text) and " ".join(lowered.split()) == cleaned
        for match in word_pattern().finditer(lowered if is_plain else cleaned):
            word, place = match[0], match.start() if is_plain else 0
            if word in SPECIAL:
                yield vocabulary.ids[word], place
                continue
            spelled = "".join(letters[byte] for byte in word.encode())
            for piece in merge(spelled, vocabulary.ranks):
                yield vocabulary.ids[piece], place

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids`, in lower case and with a space after every word."""
        pieces = read_vocabulary().pieces
        back = {letter: byte for byte, letter in byte_letters().items()}
        text = "".join(pieces[id] for id in ids if id < self.begin).replace(WORD_END, " ")
        return bytes(back.get(letter, ord(" ")) for letter in text).decode(errors="replace")

    def window(self, ids: Sequence[int]) -> list[int]:
        """`ids` cut to 75, between begin and end, padded to the 77 places of the text encoder."""
        framed = [self.begin, *ids[: self.window_size - 2], self.end]
        return framed + [self.pad] * (self.window_size - len(framed))


def clean(text: str) -> str:
    """Repair mis-decoded characters, resolve HTML entities twice, collapse spaces, lower the case."""
    if not PLAIN.fullmatch(text):
        import ftfy  # only here: most prompts are plain and need not wait for its import

        text = html.unescape(html.unescape(ftfy.fix_text(text)))
    return " ".join(text.split()).lower()


def merge(word: str, ranks: dict[tuple[str, str], int]) -> list[str]:
    """Join the neighbours of `word` with the lowest rank until no known pair is left (arXiv 1508.07909)."""
    pieces = [*word[:-1], word[-1] + WORD_END]
    while len(pieces) > 1:
        best = min(pairwise(pieces), key=lambda pair: ranks.get(pair, MERGES))
        if best not in ranks:
            break
        joined, index = [], 0
        while index < len(pieces):
            found = tuple(pieces[index : index + 2]) == best
            joined.append("".join(best) if found else pieces[index])
            index += 2 if found else 1
        pieces = joined
    return pieces


@cache
def byte_letters() -> dict[int, str]:
    """A printable letter for every byte: itself where Latin-1 has one, else the next from U+0100 on."""
    printable = [
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    ]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {byte: chr(byte) for byte in printable}
    return letters | {byte: chr(256 + index) for index, byte in enumerate(others)}


@cache
def read_vocabulary() -> Vocabulary:
    """The vocabulary of the file: bytes, bytes that end a word, merges, and the two special tokens."""
    with gzip.open(VOCABULARY_FILE, "rt", encoding="utf-8") as file:
        pairs = [tuple(line.split()) for line in islice(file, 1, MERGES + 1)]
    letters = list(byte_letters().values())
    ends = [letter + WORD_END for letter in letters]
    pieces = (*letters, *ends, *("".join(pair) for pair in pairs), *SPECIAL)
    return Vocabulary(
        ids={piece: index for index, piece in enumerate(pieces)},
        ranks={pair: rank for rank, pair in enumerate(pairs)},
        pieces=pieces,
    )


@cache
def word_pattern() -> re.Pattern[str]:
    """Special tokens, contractions, runs of letters, single digits, runs of anything else."""
    # `\w` is letters, digits and also these: fractions, superscripts, Roman numerals. They count as digits.
    numerals = "".join(
        character for character in map(chr, range(0x20000)) if unicodedata.category(character) in ("Nl", "No")
    )
    return re.compile(
        rf"{'|'.join(SPECIAL)}|'(?:s|t|re|ve|m|ll|d)|[^\W\d_{numerals}]+|[\d{numerals}]|(?:[^\s\w{numerals}]|_)+"
    )
