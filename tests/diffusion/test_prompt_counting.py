"""Counts of tokens against the windows that encoding fills, and their places against the prompt."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffusion.models.tokenizer import Tokenizer
from diffusion.prompt import a1111, comfy
from diffusion.prompt.counting import Count, count

WORDS = "a red apple on a blue background, "


def counted(prompt, rules="comfy", names=(), steps=20):
    return count(prompt, rules, names=names, vectors=lambda file: 3, steps=steps)


def test_a_short_prompt_is_one_window():
    assert counted("a (red:1.2) cat") == Count([3], [], 1)
    assert counted("") == Count([0], [], 1)
    assert counted("", "a1111") == Count([0], [], 1)


def test_windows_are_those_that_are_encoded():
    prompt = WORDS * 25
    tokenizer = Tokenizer()
    assert counted(prompt).windows == [len(window) for window in comfy.windows(tokenizer, prompt)]
    chunks = a1111.chunks(tokenizer, prompt)
    assert counted(prompt, "a1111").windows == [len(chunk) for chunk in chunks]


@pytest.mark.parametrize("rules", ["comfy", "a1111"])
def test_a_window_begins_at_the_word_that_no_longer_fits(rules):
    prompt = r"(eins \(zwei\):1.3), " + "word " * 120
    (start,) = counted(prompt, rules).starts
    before = prompt[:start]
    assert prompt[start : start + 5] == "word "
    assert counted(before, rules).windows[0] == counted(prompt, rules).windows[0]


def test_break_begins_a_window_where_the_next_word_stands():
    prompt = "a cat BREAK  a dog, (big BREAK 1.2)"
    found = counted(prompt, "a1111")
    assert found.windows == [2, 8]
    assert found.starts == [prompt.index("a dog")]


def test_an_embedding_counts_its_vectors_and_a_missing_one_none():
    assert counted("a embedding:my cat", names=["my.pt"]).windows == [5]
    assert counted("a embedding:other cat", names=["my.pt"]).windows == [2]
    assert counted("a my cat", "a1111", names=["my.pt"]).windows == [5]


def test_tags_are_left_out_and_places_are_those_of_the_whole_prompt():
    prompt = "<lora:style:0.8> a cat BREAK <lora:b:1>a dog"
    found = counted(prompt, "a1111")
    assert found == Count([2, 2], [prompt.index("a dog")], 1)


def test_of_several_texts_the_longest_counts():
    assert counted("a cat AND a very big dog:0.5", "a1111") == Count([4], [], 2)
    assert counted("a [cat:very big dog:0.5]", "a1111", steps=10) == Count([4], [], 2)


def test_windows_are_placed_up_to_where_a_prompt_changes():
    prompt = "a cat BREAK a [red:big green:0.5] dog BREAK a fox"
    assert counted(prompt, "a1111", steps=10) == Count([2, 4, 2], [prompt.index("a [")], 2)


def test_places_hold_for_letters_that_are_not_ascii():
    prompt = "ein Mädchen, " * 40 + "猫 und Hund"
    found = counted(prompt)
    assert [prompt[start - 1] for start in found.starts] == [" "] * len(found.starts)
    assert all(prompt[start].isalpha() for start in found.starts)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(alphabet="ab (),:[]|.1\\<>\nBREAKND猫é&;", max_size=300), st.sampled_from(["comfy", "a1111"]))
def test_any_text_is_counted_and_places_rise_inside_of_it(prompt, rules):
    found = counted(prompt, rules)
    assert found.starts == sorted(found.starts)
    assert all(0 <= start <= len(prompt) for start in found.starts)
    assert len(found.starts) < len(found.windows)


def test_a_very_long_prompt_that_changes_is_counted_in_seconds():
    prompt = "[a|b|c] [d|e] " + "word, " * 2_000
    start = time.monotonic()
    assert sum(counted(prompt, "a1111", steps=10_000).windows) == 4_002
    assert time.monotonic() - start < 4
