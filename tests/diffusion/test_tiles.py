"""Tiles: a change that looks at single pixels gives the same in tiles and whole."""

import itertools

import pytest
import torch
import torch.nn.functional as F

from diffusion.tiles import decode_tiled, encode_tiled, starts


class Enlarger:
    """Stands for a Vae: its latent pixels are blocks of the picture."""

    factor = 8

    def decode(self, samples):
        return F.interpolate(samples[:, :3], scale_factor=8.0).movedim(1, -1)

    def encode(self, image):
        return F.avg_pool2d(image.movedim(-1, 1), 8)


def ignored(done, total):
    pass


@pytest.mark.parametrize(("tile", "overlap"), [(64, 0), (64, 16), (128, 64), (64, 4096), (4096, 64)])
@pytest.mark.parametrize("size", [(8, 8), (19, 33)])
def test_tiles_give_what_the_whole_gives(tile, overlap, size):
    vae, samples = Enlarger(), torch.rand(2, 4, *size)
    options = {"tile": tile, "overlap": overlap, "on_tile": ignored}
    decoded = decode_tiled(vae, samples, **options)
    torch.testing.assert_close(decoded, vae.decode(samples))
    torch.testing.assert_close(encode_tiled(vae, decoded, **options), samples[:, :3])


def test_every_tile_is_told():
    told = []
    decode_tiled(Enlarger(), torch.rand(1, 4, 16, 8), tile=64, overlap=0, on_tile=lambda *at: told.append(at))
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_tiles_cover_the_side_and_overlap():
    for size in range(1, 40):
        found = list(starts(size, 8, 2))
        assert found[0] == 0 and found[-1] == max(size - 8, 0)
        assert all(0 < b - a <= 6 for a, b in itertools.pairwise(found))
