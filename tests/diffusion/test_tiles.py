"""Tiles: a change that looks at single pixels gives the same in tiles and whole; and when there are tiles."""

import itertools

import pytest
import torch
import torch.nn.functional as F

from diffusion.errors import OutOfMemory
from diffusion.memory import Placement, placed
from diffusion.models.vae import Autoencoder, VaeConfig
from diffusion.residency import Memory, resident
from diffusion.tiles import DECODING, ENCODING, decode_tiled, encode_tiled, largest_bytes, starts
from diffusion.values import Vae
from tests.diffusion.allocations import Allocated
from tests.diffusion.residents import CPU, Counter, Stopped


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


# --- within memory

CONFIG = VaeConfig(channels=8, multipliers=(1, 2, 2, 2), res_blocks=1)


def limited_vae(budget, dtype=torch.float32):
    """A tiny VAE on a device with so much memory."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = Autoencoder(CONFIG).eval().requires_grad_(False)
    memory = Memory(CPU, budget=budget)
    return Vae(placed(network, Placement(CPU, dtype, memory))), memory


WEIGHTS = sum(tensor.nbytes for tensor in limited_vae(0)[0].network.parameters())
SAMPLES = torch.randn(2, 4, 16, 24, generator=torch.Generator().manual_seed(0))
IMAGE = torch.rand(2, 128, 192, 3, generator=torch.Generator().manual_seed(1))
PIXELS = 128 * 192


def decoding(pixels):
    return int(DECODING * largest_bytes(limited_vae(0)[0], pixels))


def test_a_decode_that_fits_is_done_at_once():
    vae, memory = limited_vae(WEIGHTS + decoding(2 * PIXELS))
    told = []
    vae.decode(SAMPLES, on_tile=lambda *at: told.append(at))
    assert told == [] and memory.peak == memory.budget


@pytest.mark.parametrize(
    ("pixels", "tile", "count"), [(PIXELS, 192, 2), (128 * 128, 128, 4), (64 * 64, 64, 24)]
)
def test_a_decode_that_does_not_goes_by_the_largest_tiles_that_fit(pixels, tile, count):
    vae, memory = limited_vae(WEIGHTS + decoding(pixels))
    told = []
    with Allocated() as allocated:
        picture = vae.decode(SAMPLES, on_tile=lambda *at: told.append(at))
    assert told[-1] == (count, count)
    plenty, _ = limited_vae(2**30)
    expected = decode_tiled(plenty, SAMPLES, tile=tile, overlap=tile // 4, on_tile=ignored)
    torch.testing.assert_close(picture, expected, atol=2e-6, rtol=0)
    assert memory.peak <= memory.budget
    assert allocated.peak <= memory.budget + 4 * picture.nbytes, "pictures are on the host"


def test_an_encode_goes_by_tiles_too():
    plenty, _ = limited_vae(2**30)
    vae, memory = limited_vae(WEIGHTS + int(ENCODING * largest_bytes(plenty, 64 * 64)))
    with Allocated() as allocated:
        latent = vae.encode(IMAGE)
    expected = encode_tiled(plenty, IMAGE, tile=64, overlap=16, on_tile=ignored)
    torch.testing.assert_close(latent, expected, atol=5e-6, rtol=0)
    assert memory.peak <= memory.budget
    assert allocated.peak <= memory.budget + 4 * IMAGE.nbytes


@pytest.mark.parametrize("batch", [1, 2])
def test_what_the_vae_takes_is_estimated_from_above(batch):
    vae, _ = limited_vae(2**30)
    with torch.no_grad(), resident(vae.network) as network:
        with Allocated() as decoded:
            network.decode(SAMPLES[:batch])
        pixels = IMAGE[:batch].movedim(-1, 1)
        with Allocated() as encoded:
            network.encode(pixels)
    largest = largest_bytes(vae, batch * PIXELS)
    assert decoded.peak < DECODING * largest < 2 * decoded.peak
    assert encoded.peak < ENCODING * largest < 2 * encoded.peak


def test_a_vae_too_large_comes_part_by_part():
    small, (plenty, _) = SAMPLES[:1, :, :4, :4], limited_vae(2**30)
    for budget in (WEIGHTS - 1, WEIGHTS + decoding(32 * 32) // 2):
        vae, memory = limited_vae(budget)
        torch.testing.assert_close(vae.decode(small), plenty.decode(small), atol=0, rtol=0)
        assert memory.used < WEIGHTS / 2


def test_no_tile_small_enough_is_out_of_memory():
    vae, _ = limited_vae(WEIGHTS + decoding(64 * 64) // 2)
    with pytest.raises(OutOfMemory, match="no memory for decoding 1 x 64 x 64 pixels"):
        vae.decode(SAMPLES)


def test_decoding_and_encoding_stop_within_a_tile():
    (vae, _), whole = limited_vae(2**30), Counter()
    expected = vae.decode(SAMPLES)
    assert torch.equal(vae.decode(SAMPLES, check=whole), expected)
    assert whole.calls == 18, "the weights are there: these are the parts of the work"
    for work in (vae.decode, vae.encode):
        for done in (0, 5, 10):
            with pytest.raises(Stopped):
                work(SAMPLES if work == vae.decode else IMAGE, check=Counter(done))
    assert torch.equal(vae.decode(SAMPLES), expected)
