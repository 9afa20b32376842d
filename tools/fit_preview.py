"""Find colours that preview a model's latents: `python -m tools.fit_preview CHECKPOINT PICTURES OUTPUT`.

PICTURES is a folder of pictures like those that the model makes. OUTPUT belongs into models/vae_approx, under
the checkpoint's name.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from diffusion.checkpoint.load import load_checkpoint
from diffusion.images import read_image
from diffusion.preview import fit_colours, linear_colours
from diffusion.resize import resize, scale_image

SIDE = 128


def main(checkpoint: Path, pictures: Path, output: Path) -> None:
    vae = load_checkpoint(checkpoint).vae
    files = sorted(path for path in pictures.iterdir() if path.suffix in (".png", ".jpg", ".webp"))
    images = [scale_image(read_image(path)[0][:1], SIDE, SIDE, "area", crop="center") for path in files]
    samples = torch.cat([vae.encode(image) for image in images])
    small = resize(torch.cat(images).movedim(-1, 1), samples.shape[3], samples.shape[2], "area")
    colours = fit_colours(samples, small)
    error = (linear_colours(samples, colours) - small).abs().mean()
    output.parent.mkdir(parents=True, exist_ok=True)
    save_file({"latent_rgb": colours}, output)
    print(f"{output}: {len(files)} pictures, mean error {error:.3f}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
