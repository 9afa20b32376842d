"""ComfyUI's prompts: parsing, embeddings and windows against its own, weighting against the definition."""

import json
import time
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffusion.errors import NotFinite
from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.tokenizer import Tokenizer
from diffusion.prompt.comfy import parse, windows
from diffusion.prompt.embeddings import MissingEmbedding, choose
from diffusion.prompt.encode import encode_prompt
from diffusion.values import TextEncoder

REFERENCE = json.loads((Path(__file__).parents[1] / "data/golden/comfy_prompts.json").read_text("utf-8"))
GOLDEN = REFERENCE["rows"]
(EMBEDDED,) = REFERENCE["embedding_rows"].values()
VECTORS = torch.arange(48.0).reshape(3, 16)


@pytest.fixture(scope="module")
def encoder():
    """A tiny text encoder with random weights."""
    config = ClipTextConfig(width=16, layers=3, heads=2, mlp=32)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return TextEncoder(ClipText(config).eval().requires_grad_(False), Tokenizer())


def framed(tokenizer, window):
    """A window as the reference writes it: with begin and end, without padding."""
    pairs = [["vec" if token.vector is not None else token.id, token.weight] for token in window]
    return [[tokenizer.begin, 1.0], *pairs, [tokenizer.end, 1.0]]


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: row["text"][:30])
def test_prompt_is_read_as_comfyui_reads_it(row):
    assert [[text, weight] for text, weight in parse(row["text"])] == row["segments"]
    tokenizer = Tokenizer()
    assert [framed(tokenizer, window) for window in windows(tokenizer, row["text"])] == row["batches"]


def find(written):
    """One embedding, `my`, of three vectors."""
    _, used = choose(written, ["my.pt"])
    return VECTORS, used


@pytest.mark.parametrize("row", EMBEDDED, ids=lambda row: row["text"])
def test_embeddings_take_the_places_that_they_take_in_comfyui(row):
    tokenizer = Tokenizer()
    if "nope" in row["text"]:  # ComfyUI drops it and prints a line
        with pytest.raises(MissingEmbedding, match="there is no embedding 'nope'"):
            windows(tokenizer, row["text"], find)
        return
    (window,) = windows(tokenizer, row["text"], find)
    places = framed(tokenizer, window)
    assert places + [[tokenizer.end, 1.0]] * (12 - len(places)) == row["first_window"]
    vectors = [token.vector for token in window if token.vector is not None]
    assert torch.equal(torch.stack(vectors), VECTORS) if vectors else "aembedding" in row["text"]


def test_embedding_stays_whole_at_the_end_of_a_window():
    filled = windows(Tokenizer(), "cat " * 73 + "embedding:my dog", find)
    assert [len(window) for window in filled] == [73, 4]


def test_vectors_stand_where_the_words_were(encoder):
    ids = encoder.tokenizer.encode("cat dog")
    own = encoder.network.embed_tokens(torch.tensor(ids))

    def as_learned(written):
        return own, written

    vectors = encode_prompt(encoder, "a (embedding:pets:1.3) sit", as_learned)
    torch.testing.assert_close(vectors, encode_prompt(encoder, "a (cat dog:1.3) sit"), rtol=0, atol=0)
    assert not torch.equal(vectors, encode_prompt(encoder, "a (embedding:pets:1.3) sit"))


def test_numbers_that_are_not_finite_are_text():
    assert parse("(a:nan) (b:inf)") == [("a:nan", 1.1), (" ", 1.0), ("b:inf", 1.1)]


def test_very_deep_nesting_is_read():
    (text, weight), *rest = parse("(" * 5000 + "x" + ")" * 5000)
    assert (text, rest) == ("x", []) and weight > 1e200


@pytest.mark.parametrize("unit", ["(", ")", "()", "(:", "(a", "(a:1.2)", "a:", "\\(", "embedding:"])
def test_twice_the_text_takes_about_twice_the_time(unit):
    """40,000 characters take some 0.1 s on one core; quadratic work takes half a minute and more."""
    for text in (unit * (40_000 // len(unit)), unit * (20_000 // len(unit)) + ")" * 20_000):
        started = time.process_time()
        parse(text)
        assert time.process_time() - started < 5


@settings(deadline=None)
@given(st.text(alphabet="ab ():.1\\", max_size=40))
def test_any_text_is_read_and_every_letter_kept(text):
    kept = "".join(segment.text for segment in parse(text))
    assert [letter for letter in kept if letter in "ab"] == [letter for letter in text if letter in "ab"]


@pytest.mark.parametrize("text", ["", "   ", "()", "(:1.5)", "((((", "))))", "\0", "\ud800 cat", "a\0\1b"])
def test_odd_prompts_are_encoded(encoder, text):
    (cond,) = encoder.encode(text)
    assert cond.tensor.shape == (1, 77, 16) and cond.tensor.isfinite().all()


def test_weights_beyond_all_numbers_are_refused(encoder):
    with pytest.raises(NotFinite, match="the prompt became numbers that are none") as caught:
        encoder.encode("(" * 9000 + "cat" + ")" * 9000)
    assert caught.value.input == "text"


@settings(deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=20))
def test_short_weighted_pieces_stay_whole(lengths):
    tokenizer = Tokenizer()
    prompt = "".join(f"({' '.join(['cat'] * n)}:{i + 2})" for i, n in enumerate(lengths))
    filled = windows(tokenizer, prompt)
    assert sum(map(len, filled)) == sum(lengths)
    assert all(len(window) <= 75 for window in filled)
    for i, n in enumerate(lengths):
        homes = [k for k, window in enumerate(filled) if any(token.weight == i + 2 for token in window)]
        assert len(homes) == 1 or n >= 8


def test_prompt_of_any_length_becomes_windows(encoder):
    (cond,) = encoder.encode("word " * 10_000)
    assert cond.tensor.shape == (1, 134 * 77, 16)


def test_windows_are_encoded_independently(encoder):
    (both,) = encoder.encode("cat " * 75 + "dog")
    (first,), (second,) = encoder.encode("cat " * 75), encoder.encode("dog")
    torch.testing.assert_close(both.tensor, torch.cat([first.tensor, second.tensor], dim=1))


def test_weight_moves_a_token_away_from_the_empty_prompt(encoder):
    (plain,), (weighted,), (empty,) = map(encoder.encode, ("a cat sits", "a (cat:1.5) sits", ""))
    expected = plain.tensor.clone()
    expected[:, 2] = empty.tensor[:, 2] + 1.5 * (plain.tensor[:, 2] - empty.tensor[:, 2])
    torch.testing.assert_close(weighted.tensor, expected)


def test_weight_one_changes_nothing(encoder):
    (plain,), (weighted,) = encoder.encode("a cat"), encoder.encode("(a:1.0) (cat:1)")
    torch.testing.assert_close(weighted.tensor, plain.tensor, rtol=0, atol=0)


def test_another_layer_is_another_encoding_of_the_same_weights(encoder):
    earlier = encoder.with_layer(-2)
    assert earlier.network is encoder.network and encoder.layer is None
    assert not torch.equal(earlier.encode("cat")[0].tensor, encoder.encode("cat")[0].tensor)
    torch.testing.assert_close(
        encoder.with_layer(-1).encode("cat")[0].tensor, encoder.encode("cat")[0].tensor
    )


def test_padding_follows_the_tokenizer(encoder):
    sd2 = TextEncoder(encoder.network, Tokenizer(pad=0), family="sd2")
    assert not torch.equal(sd2.encode("cat")[0].tensor, encoder.encode("cat")[0].tensor)
