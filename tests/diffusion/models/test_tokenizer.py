"""The tokenizer against open_clip and transformers, and its speed."""

import json
import subprocess
import sys

import pytest

from diffusion.models.tokenizer import Tokenizer
from tests.diffusion.golden import DATA

ROWS = json.loads((DATA / "golden" / "tokenizer.json").read_text())["rows"]
# transformers spells the special tokens differently, and those rows follow open_clip.
SD1_ROWS = [row for row in ROWS if not row["text"].startswith(("<|startoftext|>", "<start_of_text>"))]


def name(row: dict) -> str:
    return row["text"][:20].encode("unicode_escape").decode()


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_ids_match_the_reference(row: dict) -> None:
    tokenizer = Tokenizer(pad=0)
    ids = tokenizer.encode(row["text"])
    assert ids == row["openclip_ids"]
    assert tokenizer.window(ids) == row["openclip_77"]


@pytest.mark.parametrize("row", SD1_ROWS, ids=name)
def test_sd1_windows_match_the_reference(row: dict) -> None:
    tokenizer = Tokenizer()
    assert tokenizer.window(tokenizer.encode(row["text"])) == row["sd1_77"]


def test_decoding_gives_the_words_back() -> None:
    tokenizer = Tokenizer()
    ids = tokenizer.window(tokenizer.encode("A Café, 日本 🐱"))
    assert tokenizer.decode(ids) == "a café , 日本 🐱 "


def test_first_use_is_quick_and_needs_no_ftfy() -> None:
    script = (
        "import sys, time; from diffusion.models.tokenizer import Tokenizer; start = time.process_time();"
        "Tokenizer().encode('a photo of a cat'); print(time.process_time() - start, 'ftfy' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    seconds, imported = result.stdout.split()
    assert float(seconds) < 0.3
    assert imported == "False"
