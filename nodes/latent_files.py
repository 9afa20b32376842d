"""Nodes that keep latents and autoencoders in files."""

from functools import partial
from pathlib import Path
from typing import Annotated

from graph import Artifact, Context, File, node
from nodes.errors import reported
from nodes.saving import save_file
from nodes.types import Latent, Vae

Prefix = Annotated[str, "folders allowed"]


@node(
    id="SaveLatent",
    title="SaveLatent",
    category="_for_testing",
    lane="io",
    sink=True,
    search=("write", "keep"),
)
def save_latent_file(
    context: Context, samples: Latent, filename_prefix: Prefix = "latents/Tessera"
) -> tuple[Artifact, ...]:
    """Write latents into the output folder, as ComfyUI writes and reads them."""
    from diffusion.checkpoint.save import save_latent

    return save_file(context, filename_prefix, partial(save_latent, samples))


@node(id="LoadLatent", title="LoadLatent", category="_for_testing", lane="io", search=("open", "read"))
def load_latent_file(
    latent: Annotated[
        Path, File("input", extensions=(".latent",)), "a file of Save Latent, in the input folder"
    ],
) -> Latent:
    """Read latents that were saved."""
    from diffusion.checkpoint.save import load_latent

    with reported("latent"):
        return load_latent(latent)


@node(
    id="VAESave", title="VAESave", category="advanced/model_merging", lane="io", sink=True, search=("write",)
)
def vae_save(context: Context, vae: Vae, filename_prefix: Prefix = "vae/Tessera_vae") -> tuple[Artifact, ...]:
    """Write a VAE into the output folder, in the original layout."""
    from diffusion.checkpoint.save import save_vae

    return save_file(context, filename_prefix, partial(save_vae, vae))
