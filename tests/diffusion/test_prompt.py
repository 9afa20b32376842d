"""Prompts: parsing and windows against ComfyUI's, weighting against the definition (facts: section 8)."""

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffusion.models.clip import ClipText, ClipTextConfig
from diffusion.models.tokenizer import Tokenizer
from diffusion.prompt import parse, windows
from diffusion.values import TextEncoder

GOLDEN = json.loads((Path(__file__).parents[1] / "data/golden/comfy_prompts.json").read_text("utf-8"))["rows"]


@pytest.fixture(scope="module")
def encoder():
    """A tiny text encoder with random weights."""
    config = ClipTextConfig(width=16, layers=3, heads=2, mlp=32)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return TextEncoder(ClipText(config).eval().requires_grad_(False), Tokenizer())


def framed(tokenizer, window):
    """A window as the reference writes it: with begin and end, without padding."""
    pairs = [[token.id, token.weight] for token in window]
    return [[tokenizer.begin, 1.0], *pairs, [tokenizer.end, 1.0]]


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: row["text"][:30])
def test_prompt_is_read_as_comfyui_reads_it(row):
    assert [[text, weight] for text, weight in parse(row["text"])] == row["segments"]
    tokenizer = Tokenizer()
    assert [framed(tokenizer, window) for window in windows(tokenizer, row["text"])] == row["batches"]


def test_numbers_that_are_not_finite_are_text():
    assert parse("(a:nan) (b:inf)") == [("a:nan", 1.1), (" ", 1.0), ("b:inf", 1.1)]


def test_very_deep_nesting_is_read():
    (text, weight), *rest = parse("(" * 5000 + "x" + ")" * 5000)
    assert (text, rest) == ("x", []) and weight > 1e200


@settings(deadline=None)
@given(st.text(alphabet="ab ():.1\\", max_size=40))
def test_any_text_is_read_and_no_letter_invented(text):
    assert set("".join(segment.text for segment in parse(text))) <= set(text)


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
    (cond,) = encoder.encode("word " * 2000)
    assert cond.tensor.shape == (1, 27 * 77, 16)


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
