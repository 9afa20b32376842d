"""Text is broken into lines that fit, and set in a typeface that has its letters."""

import pytest

from diffusion.lettering import font, lacking, own_font, system_font, wrapped

PROMPT = "a portrait photograph of an old fisherman, golden hour light, film grain"


def test_lines_are_no_wider_than_asked_and_lose_no_word():
    lines = wrapped(PROMPT, 16, 150, 99)
    assert lines.width <= 150 and len(lines.lines) > 3
    assert " ".join(lines.lines) == PROMPT
    assert lines.height == round(len(lines.lines) * 16 * 1.28)


def test_what_does_not_fit_ends_in_an_ellipsis():
    lines = wrapped(PROMPT, 16, 150, 2)
    assert len(lines.lines) == 2 and lines.lines[1].endswith("…") and lines.width <= 150
    assert PROMPT.startswith(" ".join(lines.lines).removesuffix("…"))


def test_words_longer_than_a_line_are_cut():
    lines = wrapped("v2-1_768-nonema-pruned.fp16", 20, 90, 9)
    assert len(lines.lines) > 1 and "".join(lines.lines) == "v2-1_768-nonema-pruned.fp16"
    assert lines.width <= 90


def test_breaks_in_the_text_stay_and_nothing_takes_no_room():
    assert wrapped("one\ntwo", 12, 500, 9).lines == ("one", "two")
    assert (wrapped("", 12, 500, 9).width, wrapped("", 12, 500, 9).height) == (0, 0)


def test_a_line_is_as_narrow_as_a_letter_at_least():
    assert wrapped("abc", 40, 1, 9).lines == ("a", "b", "c")


@pytest.mark.skipif(system_font("DejaVuSans.ttf", 12) is None, reason="the system has no other typeface")
def test_letters_that_our_typeface_lacks_come_from_the_system():
    assert font(12, "Apple") is own_font(12)
    assert lacking(own_font(12), "Äpfel") == 1
    assert lacking(font(12, "Äpfel"), "Äpfel") == 0
