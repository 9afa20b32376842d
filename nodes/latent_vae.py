"""Nodes that encode and decode with a VAE for inpainting, and in tiles."""

from typing import Annotated

from graph import Context, Range, node
from nodes.errors import reported
from nodes.progress import told_by_tile
from nodes.types import Image, Latent, Mask, Vae

Tile = Annotated[int, Range(64, 4096, 32), "side of a tile in pixels; smaller ones need less memory"]
EncodingTile = Annotated[int, Range(64, 4096, 64), "side of a tile in pixels; smaller ones need less memory"]
Overlap = Annotated[int, Range(0, 4096, 32), "how far tiles fade into each other, in pixels"]
TemporalSize = Annotated[int, Range(8, 4096, 4), "for video, which no VAE here knows"]
TemporalOverlap = Annotated[int, Range(4, 4096, 4), "for video, which no VAE here knows"]


@node(
    id="VAEEncodeForInpaint",
    title="VAE Encode (for Inpainting)",
    category="latent/inpaint",
    lane="gpu",
    search=("mask", "repaint"),
)
def vae_encode_for_inpaint(
    pixels: Image,
    vae: Vae,
    mask: Annotated[Mask, "1 where to paint"],
    grow_mask_by: Annotated[int, Range(0, 64, 1), "how much larger to paint, in pixels"] = 6,
) -> Latent:
    """Encode pictures with what is to be painted greyed out; sampling changes only that."""
    from diffusion.inpaint import encode_for_inpainting

    with reported():
        return encode_for_inpainting(vae, pixels, mask, grow_by=grow_mask_by)


@node(
    id="VAEDecodeTiled",
    title="VAE Decode (Tiled)",
    category="_for_testing",
    lane="gpu",
    search=("memory", "large"),
)
def vae_decode_tiled(
    context: Context,
    samples: Latent,
    vae: Vae,
    tile_size: Tile = 512,
    overlap: Overlap = 64,
    temporal_size: TemporalSize = 64,
    temporal_overlap: TemporalOverlap = 8,
) -> Image:
    """Decode latents tile by tile: large pictures in little memory."""
    from diffusion.tiles import decode_tiled

    with reported():
        return decode_tiled(
            vae, samples.samples, tile=tile_size, overlap=overlap, on_tile=told_by_tile(context)
        )


@node(
    id="VAEEncodeTiled",
    title="VAE Encode (Tiled)",
    category="_for_testing",
    lane="gpu",
    search=("memory", "large"),
)
def vae_encode_tiled(
    context: Context,
    pixels: Image,
    vae: Vae,
    tile_size: EncodingTile = 512,
    overlap: Overlap = 64,
    temporal_size: TemporalSize = 64,
    temporal_overlap: TemporalOverlap = 8,
) -> Latent:
    """Encode pictures tile by tile: large pictures in little memory."""
    from diffusion.tiles import encode_tiled
    from diffusion.values import Latent

    with reported():
        return Latent(
            encode_tiled(vae, pixels, tile=tile_size, overlap=overlap, on_tile=told_by_tile(context))
        )
