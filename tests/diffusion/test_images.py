"""Pictures from files and back: formats, orientation, transparency, damage and names."""

import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from diffusion.errors import UnreadableImage
from diffusion.images import encode_jpeg, read_image, save_png


def gradient(height=6, width=10, channels=3):
    """A picture whose every 8-bit number is exact."""
    count = height * width * channels
    return torch.linspace(0, 255, count).round().reshape(1, height, width, channels) / 255


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_saved_picture_reads_back_exactly(tmp_path, channels):
    picture = gradient(channels=channels)
    name = save_png(picture[0], tmp_path, "a", {})
    image, mask = read_image(tmp_path / name)
    assert torch.equal(image, picture[..., :3].expand(-1, -1, -1, 3))
    assert torch.equal(mask, 1 - picture[..., 3] if channels == 4 else torch.zeros(1, 6, 10))
    assert image.dtype == mask.dtype == torch.float32


@pytest.mark.parametrize("extension", ["jpg", "webp", "bmp", "tif", "gif"])
def test_common_formats_are_read(tmp_path, extension):
    Image.new("RGB", (10, 6), (200, 100, 50)).save(tmp_path / f"a.{extension}")
    image, mask = read_image(tmp_path / f"a.{extension}")
    assert image.shape == (1, 6, 10, 3) and not mask.any()
    torch.testing.assert_close(image[0, 0, 0], torch.tensor([200, 100, 50]) / 255, rtol=0, atol=0.02)


def test_camera_orientation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    Image.new("RGB", (10, 6)).save(tmp_path / "a.jpg", exif=exif)
    assert read_image(tmp_path / "a.jpg")[0].shape == (1, 10, 6, 3)


def test_sixteen_bits_of_grey_keep_their_range(tmp_path):
    Image.fromarray(np.array([[0, 32768, 65535]], dtype=np.uint16)).save(tmp_path / "a.png")
    image, _ = read_image(tmp_path / "a.png")
    torch.testing.assert_close(image[0, 0, :, 0], torch.tensor([0, 0.5, 1]), rtol=0, atol=1e-4)


def test_palette_with_transparency_becomes_a_mask(tmp_path):
    palette = Image.new("P", (2, 1))
    palette.putpalette([255, 0, 0, 0, 255, 0])
    palette.putpixel((1, 0), 1)
    palette.save(tmp_path / "a.png", transparency=1)
    image, mask = read_image(tmp_path / "a.png")
    assert mask.tolist() == [[[0, 1]]] and image[0, 0, 0].tolist() == [1, 0, 0]


def test_frames_of_an_animation_are_a_batch(tmp_path):
    frames = [Image.new("RGB", (4, 4), (shade, 0, 0)) for shade in (0, 100, 200)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert read_image(tmp_path / "a.gif")[0].shape == (3, 4, 4, 3)


def write_empty(path: Path):
    path.touch()


def write_text(path: Path):
    path.write_text("no picture at all")


def write_truncated(path: Path):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:2000])


def write_postscript(path: Path):
    path.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n")


def write_bomb(path: Path):
    Image.new("1", (20_000, 20_000)).save(path)


def write_large(path: Path):
    Image.new("1", (8200, 8200)).save(path)


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (write_empty, "the file is empty"),
        (write_text, "the file is no picture"),
        (write_truncated, "cannot be read"),
        (write_postscript, "the file is no picture"),
        (write_bomb, "too large to open"),
        (write_large, "too large to open: 8200 x 8200 pixels, expected at most 67 million"),
    ],
)
def test_unreadable_file_says_what_is_wrong_and_what_helps(tmp_path, write, says):
    write(tmp_path / "bad.png")
    with pytest.raises(UnreadableImage, match=f"^bad.png.*{says}") as refused:
        read_image(tmp_path / "bad.png")
    assert refused.value.remedy.endswith(".")


def test_names_count_up_from_the_highest(tmp_path):
    picture = gradient()[0]
    assert [save_png(picture, tmp_path, "a", {}) for _ in range(2)] == ["a_00001_.png", "a_00002_.png"]
    (tmp_path / "a_00041_.png").touch()
    (tmp_path / "a_00007_.txt").touch()
    (tmp_path / "ab_00099_.png").touch()
    assert save_png(picture, tmp_path, "a", {}) == "a_00042_.png"


def test_saving_at_once_gives_every_picture_a_name_and_leaves_nothing_else(tmp_path):
    names = []
    work = [
        threading.Thread(target=lambda: names.append(save_png(gradient()[0], tmp_path, "a", {})))
        for _ in range(12)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert sorted(names) == [f"a_{number:05}_.png" for number in range(1, 13)]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


def test_failed_save_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        save_png(torch.zeros(4, 4, 7), tmp_path, "a", {})
    assert not list(tmp_path.iterdir())


def test_texts_of_any_language_travel_with_the_picture(tmp_path):
    texts = {"tessera": "{}", "prompt": "苹果 Äpfel 🍎\n" * 1000}
    name = save_png(gradient()[0], tmp_path, "a", texts)
    with Image.open(tmp_path / name) as image:
        assert image.text == texts
        assert [type(text).__name__ for text in image.text.values()] == ["str", "iTXt"]


def test_numbers_beyond_the_range_are_cut():
    picture = torch.tensor([-1.0, 0.5, 2.0]).reshape(1, 1, 3)
    assert encode_jpeg(picture).startswith(b"\xff\xd8\xff")
