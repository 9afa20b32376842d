"""What packs get for models, text encoders, VAEs and the like: handles with the few methods that hold here.

A handle stands for a value of ours that nobody can change. It says what it does not have of ComfyUI's object.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, Self

from compat.nodes.importing import MissingPart

if TYPE_CHECKING:
    from torch import Tensor

    from diffusion.prompt.tokens import Token
    from diffusion.values import Model, TextEncoder, Vae

UNIT = 0.18215
"""What ComfyUI's latents are multiplied by on our wires; the one number for all, as in files of latents."""


class Handle:
    """Any value of ours that packs can pass on."""

    theirs = "object"

    def __init__(self, value: Any) -> None:
        self.value = value

    def __getattr__(self, name: str) -> NoReturn:
        kind = type(self.__dict__.get("value")).__name__
        raise MissingPart(f"{self.theirs}.{name} (of a {kind})")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def clone(self) -> Self:
        return type(self)(self.value)


class ModelHandle(Handle):
    """A model: it can be passed on, and asked for its noise levels."""

    theirs = "ModelPatcher"
    value: Model

    def get_model_object(self, name: str) -> Any:
        if name != "model_sampling":
            raise MissingPart(f"ModelPatcher.get_model_object({name!r})")
        return NoiseLevels(self.value)

    def is_clone(self, other: object) -> bool:
        return isinstance(other, ModelHandle) and other.value.network is self.value.network

    def model_size(self) -> int:
        from diffusion.memory import bytes_of

        return bytes_of(self.value.network)

    def model_dtype(self) -> Any:
        from diffusion.memory import dtype_of

        return dtype_of(self.value.network)

    @property
    def load_device(self) -> Any:
        from diffusion.memory import default_device

        return default_device()

    @property
    def offload_device(self) -> Any:
        import torch

        return torch.device("cpu")


class NoiseLevels:
    """A model's schedule under ComfyUI's names."""

    def __init__(self, model: Model) -> None:
        self.schedule = model.schedule

    @property
    def sigmas(self) -> Tensor:
        import torch

        return torch.tensor(self.schedule.sigmas, dtype=torch.float32)

    @property
    def sigma_min(self) -> Tensor:
        return self.sigmas[0]

    @property
    def sigma_max(self) -> Tensor:
        return self.sigmas[-1]

    def timestep(self, sigma: Tensor) -> Tensor:
        """The training step of the nearest level."""
        distances = sigma.log().reshape(-1, 1) - self.sigmas.log().to(sigma.device)
        return distances.abs().argmin(dim=1).view(sigma.shape).to(sigma.device)

    def sigma(self, timestep: Tensor) -> Tensor:
        """The level of a training step, between two of them by their logarithms."""
        steps = timestep.float().clamp(0, len(self.sigmas) - 1)
        low, high, part = steps.floor().long(), steps.ceil().long(), steps.frac()
        levels = self.sigmas.log().to(timestep.device)
        return ((1 - part) * levels[low] + part * levels[high]).exp()

    def percent_to_sigma(self, percent: float) -> float:
        import torch

        if percent <= 0:
            return 999999999.9
        if percent >= 1:
            return 0.0
        return float(self.sigma(torch.tensor((1.0 - percent) * 999.0)))


class ClipHandle(Handle):
    """A text encoder: texts become tokens with weights, and these conditioning."""

    theirs = "CLIP"
    value: TextEncoder

    def clip_layer(self, layer: int) -> None:
        """Read at another layer: the handle is a pack's own, the encoder behind it stays."""
        self.value = self.value.with_layer(layer)

    def tokenize(self, text: str, return_word_ids: bool = False, **_: object) -> dict[str, Any]:
        """Windows of 77 (token or vector, weight), with the begin and the end, by the encoder's letter."""
        from compat.nodes.here import host
        from diffusion.adapters.embeddings import finder
        from diffusion.prompt.comfy import windows

        folders = host().folders
        names, resolve = partial(folders.names, "embeddings"), partial(folders.resolve, "embeddings")
        find = finder(names, resolve, self.value.network.config.width)
        if return_word_ids:
            raise MissingPart("CLIP.tokenize(return_word_ids=True)")
        return {self._letter: [self._row(each) for each in windows(self.value.tokenizer, text, find)]}

    @property
    def _letter(self) -> str:
        return "h" if self.value.family == "sd2" else "l"

    def _row(self, window: list[Token]) -> list[tuple[Any, float]]:
        tokenizer = self.value.tokenizer
        row: list[tuple[Any, float]] = [(tokenizer.begin, 1.0)]
        row += [(token.id if token.vector is None else token.vector, token.weight) for token in window]
        row.append((tokenizer.end, 1.0))
        return row + [(tokenizer.pad, 1.0)] * (tokenizer.window_size - len(row))

    def encode_from_tokens(
        self, tokens: Mapping[str, Any], return_pooled: bool = False, return_dict: bool = False
    ) -> Any:
        """Vectors [1, 77 * windows, D]; Stable Diffusion 1 and 2 have no use for a pooled one."""
        vectors = self._encode(tokens)
        if return_dict:
            return {"cond": vectors, "pooled_output": None}
        return (vectors, None) if return_pooled else vectors

    def encode_from_tokens_scheduled(
        self, tokens: Mapping[str, Any], add_dict: Mapping[str, Any] | None = None, **_: object
    ) -> list[list[Any]]:
        return [[self._encode(tokens), {"pooled_output": None, **(add_dict or {})}]]

    def encode(self, text: str) -> Tensor:
        return self._encode(self.tokenize(text))

    def _encode(self, tokens: Mapping[str, Any]) -> Tensor:
        """By ComfyUI's rules: what words with weights are is mixed with what no words are."""
        from diffusion.prompt.encode import encode_windows, one_row, ready
        from diffusion.prompt.weighting import from_empty, weights_of

        if self._letter not in tokens:
            raise ValueError(f"the tokens are those of another text encoder: {', '.join(tokens)}")
        filled = [_window(row, self.value.tokenizer.end) for row in tokens[self._letter]]
        with ready(self.value) as encoder:
            vectors = encode_windows(encoder, filled)
            weights = weights_of(filled, vectors.shape[1])
            if (weights != 1).any():
                vectors = from_empty(vectors, weights, encode_windows(encoder, [[]]))
        return one_row(vectors)


def _window(row: list[tuple[Any, ...]], end: int) -> list[Token]:
    """A row of 77 without its begin, end and padding."""
    from diffusion.prompt.tokens import Token

    found = []
    for what, weight, *_ in row[1:]:
        if isinstance(what, int) and what == end:
            break
        found.append(Token(what, weight) if isinstance(what, int) else Token(0, weight, what))
    return found


def _tell(done: int, total: int) -> None:
    """The progress of the step that runs."""
    from compat.nodes.here import STEP

    step = STEP.get()
    if step is not None:
        step.check_cancelled()
        step.progress(done, total)


class VaeHandle(Handle):
    """An autoencoder, between pictures and the unscaled latents of ComfyUI's wires."""

    theirs = "VAE"
    value: Vae
    latent_channels = 4

    def decode(self, samples: Tensor, **_: object) -> Tensor:
        return self.value.decode(samples.float().cpu() * UNIT)

    def encode(self, pixels: Tensor) -> Tensor:
        return self.value.encode(pixels.float().cpu()) / UNIT

    def decode_tiled(
        self, samples: Tensor, tile_x: int = 64, tile_y: int = 64, overlap: int = 16, **_: object
    ) -> Tensor:
        """Tiles are given in latent pixels."""
        from diffusion.tiles import decode_tiled

        factor = self.value.factor
        tile, over = min(tile_x, tile_y) * factor, overlap * factor
        return decode_tiled(self.value, samples.float().cpu() * UNIT, tile=tile, overlap=over, on_tile=_tell)

    def encode_tiled(
        self, pixels: Tensor, tile_x: int = 512, tile_y: int = 512, overlap: int = 64, **_: object
    ) -> Tensor:
        """Tiles are given in pixels."""
        from diffusion.tiles import encode_tiled

        tile, over = min(tile_x, tile_y), overlap
        return encode_tiled(self.value, pixels.float().cpu(), tile=tile, overlap=over, on_tile=_tell) / UNIT

    def spacial_compression_decode(self) -> int:
        return self.value.factor

    spacial_compression_encode = spacial_compression_decode

    @property
    def downscale_ratio(self) -> int:
        return self.value.factor

    upscale_ratio = downscale_ratio

    def throw_exception_if_invalid(self) -> None:
        """A VAE of ours is always a whole one."""


def handle(value: Any) -> Handle:
    """The handle of a value of our library."""
    from diffusion.values import Model, TextEncoder, Vae

    kinds: tuple[tuple[type, type[Handle]], ...] = (
        (Model, ModelHandle),
        (TextEncoder, ClipHandle),
        (Vae, VaeHandle),
    )
    return next((made for kind, made in kinds if isinstance(value, kind)), Handle)(value)
