"""A1111's prompts against its own parser and chunks; encoding against the definitions."""

import json
import re
import time
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffusion.errors import NotFinite
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.tokenizer import Tokenizer
from diffusion.prompt.a1111 import Inversions, chunks, mentioned, parse, possibly_mentioned
from diffusion.prompt.composition import Tag, take_tags, terms
from diffusion.prompt.encode import encode_prompt, encode_scheduled
from diffusion.prompt.schedule import FOREVER, schedule, spans, texts_of
from diffusion.values import TextEncoder

REFERENCE = json.loads((Path(__file__).parents[1] / "data/golden/a1111_prompts.json").read_text("utf-8"))
VECTORS = torch.arange(48.0).reshape(3, 16)


@pytest.fixture(scope="module")
def encoder():
    """A tiny text encoder with random weights."""
    config = ClipTextConfig(width=16, layers=2, heads=2, mlp=32)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return TextEncoder(ClipText(config).eval().requires_grad_(False), Tokenizer())


def named(row):
    return row["text"][:30]


@pytest.mark.parametrize("row", REFERENCE["attention"], ids=named)
def test_emphasis_is_read_as_a1111_reads_it(row):
    """Factors are multiplied in another order than there: weights agree to 1e-12."""
    parsed = parse(row["text"])
    assert [text for text, _ in parsed] == [text for text, _ in row["parsed"]]
    assert [weight for _, weight in parsed] == pytest.approx([w for _, w in row["parsed"]], rel=1e-12)


@pytest.mark.parametrize("row", REFERENCE["schedules_10_steps"], ids=named)
def test_schedules_are_a1111s(row):
    assert [list(entry) for entry in schedule(row["text"], 10)] == row["schedule"]


@pytest.mark.parametrize("row", REFERENCE["AND"], ids=named)
def test_prompts_are_divided_at_and_as_a1111_divides_them(row):
    assert [list(term) for term in terms(row["text"])] == row["parts"]


@pytest.mark.parametrize("row", REFERENCE["chunks_comma_backtrack_20"], ids=named)
def test_chunks_are_a1111s(row):
    tokenizer = Tokenizer()
    filled = chunks(tokenizer, row["text"])
    assert len(filled) == len(row["chunks"])
    for window, expected in zip(filled, row["chunks"], strict=True):
        ids = [tokenizer.begin, *(token.id for token in window), tokenizer.end]
        assert ids == expected["tokens_trailing_49407_trimmed_to_one"]
        weights = dict(enumerate((token.weight for token in window), start=1))
        others = {place: weight for place, weight in weights.items() if weight != 1}
        assert others == pytest.approx({int(at): w for at, w in expected["multipliers_not_1"]}, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b [c:d:3]", [(10, "a|b [c:d:3]")]),  # a bar outside of brackets: nothing is scheduled
        ("[c:d:3] \\", [(10, "[c:d:3] \\")]),
        (r"[a\:b:c:3]", [(3, r"a\:b"), (10, "c")]),
        ("[a:b:c:3]", [(10, "[a:b:c:3]")]),
        ("[(a:b:c):d:3]", [(10, "[(a:b:c):d:3]")]),
        ("[a:[b|c]:2]", [*((step, "a") for step in (1, 2)), *((s, "cb"[s % 2 == 1]) for s in range(3, 11))]),
        ("[a:b:1e999]", [(10, "a")]),
        ("[::3]", [(3, ""), (10, "")]),
        ("[|]", [(step, "") for step in range(1, 11)]),
    ],
)
def test_brackets_in_brackets(text, expected):
    assert schedule(text, 10) == expected


def test_spans_count_steps_from_zero_and_join_equal_texts():
    assert list(spans("a cat", 10)) == [(None, "a cat")]
    assert list(spans("[a:b:3]", 10)) == [((0, 4), "a"), ((4, FOREVER), "b")]
    assert list(spans("[a|b|b]", 6)) == [
        ((0, 2), "a"),
        ((2, 4), "b"),
        ((4, 5), "a"),
        ((5, FOREVER), "b"),
    ]
    assert list(spans("[a|a]", 6)) == [(None, "a")]


def test_tags_are_taken_out_and_told():
    prompt, tags = take_tags("a <lora:foo:0.8:1>cat<hypernet:bar>, 1<2 > <3:x> <y")
    assert prompt == "a cat, 1<2 >  <y"
    assert tags == [Tag("lora", ("foo", "0.8", "1")), Tag("hypernet", ("bar",)), Tag("3", ("x",))]
    assert [str(tag) for tag in tags[:2]] == ["<lora:foo:0.8:1>", "<hypernet:bar>"]


ODD = [
    "",
    "   ",
    "()",
    "[]",
    "(:1.5)",
    "((((",
    "))))",
    "\0",
    "\ud800 cat",
    "BREAK",
    "AND",
    "\\",
    "[:",
    "<lora:",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_prompts_are_encoded(encoder, text):
    for cond in encode_scheduled(encoder, text, steps=4):
        assert cond.tensor.shape == (1, 77, 16) and cond.tensor.isfinite().all()


UNITS = [
    "(",
    "[",
    "(a",
    "[a",
    "[a:",
    "[a|b]",
    "[a:b:3]",
    "(a:1.2)",
    "a BREAK ",
    "a AND ",
    " ",
    ":",
    "<a:",
    "\\(",
]


@pytest.mark.parametrize("unit", UNITS)
def test_twice_the_text_takes_about_twice_the_time(unit):
    """20,000 characters take some 0.1 s on one core; quadratic work takes many seconds."""
    count = 10_000 // len(unit)
    for text in (unit * count * 2, unit * count + ")" * 10_000, unit * count + "]" * 10_000):
        started = time.process_time()
        for part, _ in terms(take_tags(text)[0]):
            for _, each in schedule(part, 3):
                parse(each)
        assert time.process_time() - started < 5


LETTERS = st.text(alphabet="ab ()[]:|.1\\", max_size=40)


@settings(deadline=None)
@given(LETTERS)
def test_emphasis_keeps_every_letter(text):
    kept = "".join(segment.text for segment in parse(text))
    assert [letter for letter in kept if letter in "ab "] == [letter for letter in text if letter in "ab "]


@settings(deadline=None)
@given(LETTERS)
def test_every_text_of_a_schedule_is_part_of_the_prompt_in_order(text):
    entries = schedule(text, 6)
    assert [end for end, _ in entries] == sorted({end for end, _ in entries}) and entries[-1][0] == 6
    for _, each in entries:
        letters = iter(text)
        assert all(letter in letters for letter in each)
    if not set("|:") & set(text):
        assert entries == [(6, text)]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["cat", "dog,", "my word", "BREAK", "(x:1.2)", "[y]", "z " * 30]), max_size=12)
)
def test_chunks_hold_every_token_and_keep_embeddings_whole(parts):
    tokenizer = Tokenizer()
    inversions = Inversions(tokenizer, ["my word.pt"], lambda file: VECTORS)
    filled = chunks(tokenizer, " ".join(parts), inversions)
    assert all(len(window) <= 75 for window in filled)
    found = [token for window in filled for token in window if token.vector is not None]
    assert len(found) == 3 * parts.count("my word")
    ids = [token.id for window in filled for token in window if token.vector is None]
    words = [part for part in parts if part not in ("BREAK", "my word")]
    assert ids == [id for part in words for id in tokenizer.encode(part.strip("()[]").removesuffix(":1.2"))]
    for window in filled:
        assert sum(token.vector is not None for token in window) % 3 == 0


def test_embeddings_stand_for_their_names_the_longest_first():
    tokenizer = Tokenizer()
    files = ["my.pt", "sub/my cat.safetensors"]
    vectors = {"my.pt": VECTORS[:1], "sub/my cat.safetensors": VECTORS}
    assert mentioned(["a (MY  cat:1.2)"], [*files, "dog.pt", "cat my.pt"]) == files
    (window,) = chunks(tokenizer, "a (MY  cat:1.2) my dog", Inversions(tokenizer, files, vectors.get))
    learned = [(token.weight, token.vector[0].item()) for token in window if token.vector is not None]
    assert learned == [(1.2, 0.0), (1.2, 16.0), (1.2, 32.0), (1.0, 0.0)]
    assert [token.id for token in window if token.vector is None] == tokenizer.encode("a dog")


@settings(deadline=None)
@given(LETTERS, st.sampled_from(["ab", "b a", "aab", "b"]), st.integers(1, 6))
def test_no_mention_is_missed_where_the_steps_are_not_known(prompt, name, steps):
    files = [f"{name}.pt"]
    if mentioned(texts_of(prompt, steps), files):
        assert possibly_mentioned(prompt, files) == files


def test_weights_multiply_and_the_mean_of_the_chunk_is_restored(encoder):
    plain = encode_prompt(encoder, "a cat sits")
    weights = torch.ones(77)
    weights[2] = 1.5
    weighted = plain * weights[:, None]
    (cond,) = encode_scheduled(encoder, "a (cat:1.5) sits", steps=4, restore_mean=False)
    torch.testing.assert_close(cond.tensor, weighted)
    (cond,) = encode_scheduled(encoder, "a (cat:1.5) sits", steps=4)
    torch.testing.assert_close(cond.tensor, weighted * (plain.mean() / weighted.mean()))


def test_each_chunk_restores_its_own_mean(encoder):
    (both,) = encode_scheduled(encoder, "a (cat:1.5) BREAK a (dog:0.5)", steps=4)
    (first,), (second,) = (encode_scheduled(encoder, t, steps=4) for t in ("a (cat:1.5)", "a (dog:0.5)"))
    torch.testing.assert_close(both.tensor, torch.cat([first.tensor, second.tensor], dim=1))


def test_prompt_becomes_entries_with_steps_and_terms(encoder):
    made = encode_scheduled(encoder, "a [cat:dog:0.5] AND a hat:0.5", steps=10)
    assert [(cond.steps, cond.term) for cond in made] == [
        ((0, 6), (0, 1.0)),
        ((6, FOREVER), (0, 1.0)),
        (None, (1, 0.5)),
    ]
    for cond, text in zip(made, ("a cat", "a dog", " a hat"), strict=True):
        torch.testing.assert_close(cond.tensor, encode_prompt(encoder, text))


def test_text_that_comes_again_is_encoded_once(encoder):
    made = encode_scheduled(encoder, "[a|b]", steps=7)
    assert len(made) == 7 and len({id(cond.tensor) for cond in made}) == 2


def test_weights_beyond_all_numbers_are_refused(encoder):
    with pytest.raises(NotFinite, match="the prompt became numbers that are none"):
        encode_scheduled(encoder, "(" * 9000 + "cat", steps=4)


def test_the_documents_example_is_right():
    page = (Path(__file__).parents[2] / "docs/prompts.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.S)
    exec(code, {})
