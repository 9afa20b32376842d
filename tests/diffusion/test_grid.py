"""A grid shows every picture where its labels say, in its own colours and proportions."""

import pytest
import torch

from diffusion.errors import Unsuitable
from diffusion.grid import PALETTES, Drawing, Labelled, Section, Table, contact_sheet, draw_grid, sections_of

CFG = Labelled("cfg", ("cfg 4", "cfg 6"))
SEED = Labelled("seed", ("seed 1", "seed 2", "seed 3"))
MODEL = Labelled("model", ("sd1", "sd2"))
PROMPT = Labelled("prompt", ("apple", "pear"))


def plain(count: int, high: int = 64, wide: int = 64, channels: int = 3) -> list[torch.Tensor]:
    """Pictures of one colour each, that no label has."""
    return [torch.full((high, wide, channels), 0.2 + 0.5 * number / count) for number in range(count)]


def found(sheet: torch.Tensor, picture: torch.Tensor) -> tuple[int, int, int, int]:
    """Where a picture of one colour lies: x, y, width, height; it fills a whole rectangle."""
    places = ((sheet[0] - picture[0, 0]).abs() < 1e-4).all(-1).nonzero()
    (top, left), (bottom, right) = places.min(0).values.tolist(), places.max(0).values.tolist()
    assert len(places) == (bottom - top + 1) * (right - left + 1)
    return left, top, right - left + 1, bottom - top + 1


def test_the_innermost_axis_goes_across_the_next_down():
    assert sections_of([CFG, SEED]) == [Section((Table(((0, 1, 2), (3, 4, 5)), SEED.labels, CFG.labels),))]


def test_a_third_axis_makes_tables_and_a_fourth_sections():
    tables = sections_of([MODEL, CFG, SEED])[0].tables
    assert [(table.title, table.numbers[0]) for table in tables] == [("sd1", (0, 1, 2)), ("sd2", (6, 7, 8))]
    sections = sections_of([PROMPT, MODEL, CFG, SEED])
    assert [section.title for section in sections] == ["apple", "pear"]
    assert sections[1].tables[1].numbers == ((18, 19, 20), (21, 22, 23))
    five = sections_of([Labelled("x", ("x",)), PROMPT, MODEL, CFG, SEED])
    assert [section.title for section in five] == ["x · apple", "x · pear"]


def test_axes_are_shown_in_another_order_than_the_pictures_have():
    assert sections_of([CFG, SEED], [1, 0]) == [
        Section((Table(((0, 3), (1, 4), (2, 5)), CFG.labels, SEED.labels),))
    ]
    tables = sections_of([MODEL, CFG, SEED], [2, 1, 0])[0].tables
    assert [(table.title, table.columns) for table in tables] == [
        (name, MODEL.labels) for name in SEED.labels
    ]
    assert tables[1].numbers == ((1, 7), (4, 10))


def test_one_axis_is_one_row():
    assert sections_of([SEED]) == [Section((Table(((0, 1, 2),), SEED.labels, ("",)),))]


def test_every_picture_keeps_its_pixels_in_its_place():
    pictures = plain(6)
    sheet = draw_grid(pictures, sections_of([CFG, SEED]))
    places = [found(sheet, picture) for picture in pictures]
    assert {place[2:] for place in places} == {(64, 64)}
    assert len({place[0] for place in places[:3]}) == 3 and len({place[1] for place in places[:3]}) == 1
    assert [place[0] for place in places[:3]] == [place[0] for place in places[3:]]
    assert places[3][1] > places[0][1] + 64


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_labels_stand_above_columns_and_left_of_rows(colours):
    pictures = plain(6)
    sheet = draw_grid(pictures, sections_of([CFG, SEED]), colours=colours)
    bare = draw_grid(pictures, [Section((Table(((0, 1, 2), (3, 4, 5))),))], colours=colours)
    assert sheet.shape[1] > bare.shape[1] and sheet.shape[2] > bare.shape[2]
    left, top, _, _ = found(sheet, pictures[0])
    paper = sheet[0, 0, 0]
    above = (sheet[0, :top, left : left + 64] - paper).abs().amax()
    beside = (sheet[0, top : top + 64, :left] - paper).abs().amax()
    corner = (sheet[0, :top, :left] - paper).abs().amax()
    assert above > 0.5 and beside > 0.5 and corner == 0


def test_pictures_of_other_shapes_are_fitted_and_not_stretched():
    pictures = [*plain(3, 96, 64), torch.full((48, 96, 3), 0.9)]
    sheet = draw_grid(pictures, contact_sheet(4, 2))
    assert found(sheet, pictures[0])[2:] == (64, 96)
    assert found(sheet, pictures[3])[2:] == (96, 48)
    pictures[3] = torch.full((480, 960, 3), 0.9)
    scaled = draw_grid(pictures, contact_sheet(4, 2), picture_size=96)
    # 960 x 480 is fitted into the cell of 96 x 48 that it makes itself, the tall ones into its height.
    assert found(scaled, pictures[3])[2:] == (96, 48)
    assert found(scaled, pictures[0])[2:] == (32, 48)


def test_grey_and_transparent_pictures_are_shown():
    grey, clear = torch.full((32, 32, 1), 0.3), torch.zeros(32, 32, 4)
    sheet = draw_grid([grey, clear], contact_sheet(2, 2))
    assert found(sheet, torch.full((1, 1, 3), 0.3))[2:] == (32, 32)
    assert (sheet[0, :, 40:] != 0).any(-1).all()  # black without opacity is not black


def test_captions_stand_under_their_pictures():
    pictures = plain(4)
    sheet = draw_grid(pictures, contact_sheet(4, 2, ("one", "two", "three")))
    first, third, last = (found(sheet, pictures[place]) for place in (0, 2, 3))
    under = sheet[0, first[1] + 64 : third[1], first[0] : first[0] + 64]
    assert (under < 0.5).any()
    assert not (sheet[0, last[1] + 64 :, last[0] : last[0] + 64] < 0.5).any()


def test_type_grows_with_the_pictures_and_stays_legible_on_small_ones():
    sizes = {}
    for side in (32, 128, 512, 1024):
        sheet = draw_grid(plain(2, side, side), sections_of([Labelled("x", ("a", "b"))]))
        sizes[side] = found(sheet, plain(2, side, side)[0])[1]
    assert sizes[32] == sizes[128] < sizes[512] < sizes[1024]


def test_long_prompts_do_not_widen_columns():
    long = Labelled("prompt", ("a very long prompt " * 20, "short"))
    pictures = plain(2, 128, 128)
    sheet = draw_grid(pictures, sections_of([long]))
    first, second = (found(sheet, picture) for picture in pictures)
    assert second[0] - first[0] < 128 + 20


def test_tables_are_laid_out_rather_wide_than_long():
    six = [Table(((0,),), title=str(number)) for number in range(6)]
    section = Drawing((64, 64), 13, PALETTES["light"]).section(Section(tuple(six)), 1)
    assert section.across == 3
    assert section.width > section.height


def test_a_title_is_never_cut_by_a_narrow_grid():
    pictures = plain(1, 16, 16)
    narrow = draw_grid(pictures, contact_sheet(1, 1), title="An extraordinarily")
    assert narrow.shape[2] > 100


def test_a_grid_that_is_too_large_names_the_size_that_fits():
    pictures = [torch.zeros(1, 1, 3).expand(2, 2000, 3)] * 10
    with pytest.raises(Unsuitable, match="a side holds 16384") as raised:
        draw_grid(pictures, contact_sheet(10, 10))
    assert (raised.value.input, raised.value.remedy) == ("picture_size", "Set picture_size to 1544.")
    assert max(draw_grid(pictures, contact_sheet(10, 10), picture_size=1544).shape) <= 16384
