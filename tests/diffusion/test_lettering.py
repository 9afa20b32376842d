"""Text is broken into lines that fit, and set in a typeface that has its letters."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from diffusion import lettering
from diffusion.lettering import font, lacking, own_font, set_in, system_font, wrapped

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
    assert lacking(own_font(12), "Яблоко") == 5  # о is there twice
    assert lacking(font(12, "Яблоко"), "Яблоко") == 0


@pytest.fixture
def alone(monkeypatch):
    """A system without typefaces."""
    monkeypatch.setattr(lettering, "SYSTEM", ())


def drawn(text, size=60):
    """Letters [H, W] in black on white as levels of ink, 0 to 1."""
    sheet = Image.new("RGB", (400, 120), "white")
    wrapped(text, size, 390, 1).draw(ImageDraw.Draw(sheet), 5, 20, "black")
    return 1 - np.asarray(sheet.convert("L"), float) / 255


def test_accents_are_drawn_over_and_under_the_letters_of_our_own_typeface(alone):
    for accented, plain, below in (("é", "e", False), ("Ü", "U", False), ("ñ", "n", False), ("ç", "c", True)):
        assert font(60, accented) is own_font(60)
        more = drawn(accented) - drawn(plain)
        rows = np.nonzero((more > 0.5).any(axis=1))[0]
        letter = np.nonzero((drawn(plain) > 0.5).any(axis=1))[0]
        assert more.min() > -0.02 and len(rows) >= 4
        assert rows.min() >= letter.max() - 2 if below else rows.max() < letter.min()


def test_letters_keep_their_width_and_the_i_loses_its_dot(alone):
    assert wrapped("naïve façade", 20, 999, 1).width == wrapped("naive facade", 20, 999, 1).width
    dotted, marked = drawn("i"), drawn("ï")
    rows = slice(np.nonzero((dotted > 0.5).any(axis=1))[0].min(), None)
    dot = dotted[rows][:4].sum(axis=0).argmax()
    assert dotted[rows][:4, dot].min() > 0.5 and marked[rows][:4, dot].max() < 0.1
    assert (marked[rows][:4] > 0.5).any(), "two dots stand beside where it was"


def test_what_cannot_be_drawn_is_set_in_plain_letters(alone):
    assert set_in(own_font(20), "Straße \u2013 2 \u00d7 Ærø").letters == "Strasse - 2 x AEro"
    assert set_in(own_font(20), "“10°”").letters == "“10°”", "it has these"
    assert np.array_equal(drawn("Maß"), drawn("Mass"))
    assert lacking(own_font(20), "Прив") == 4, "and boxes stand for other scripts"


def test_marks_of_every_kind_stay_inside_their_line(alone):
    text = "éèêëüñçãåíïÅÄÖÜÉÇØøłđůőčžęșḍğ"
    lines = wrapped(text, 40, 2000, 1)
    assert lacking(own_font(40), text) == 0 and lines.lines == (text,)
    sheet = Image.new("L", (lines.width + 20, lines.height + 40), 0)
    lines.draw(ImageDraw.Draw(sheet), 10, 20, 255)
    rows = np.nonzero(np.asarray(sheet).any(axis=1))[0]
    assert rows.min() >= 20 - 4 and rows.max() <= 20 + lines.height + 4
