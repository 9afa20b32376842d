"""Samples: generated values for inputs, by the type of their wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from graph.curves import Curve
from graph.folders import Folders
from graph.nodetype import NodeType
from graph.sockets import Input, Lazy
from graph.widgets import ChoiceWidget, CurveWidget, FileWidget, NumberWidget, TextWidget, ToggleWidget

TALL, WIDE = 48, 64
"""Pixels of a generated picture."""
MOST_CHOICES = 8
LARGEST = 64
"""Numbers above are not tried: most of them count pixels, steps or repetitions."""
PLAIN: Mapping[str, tuple[object, ...]] = {
    "INT": (3, 1),
    "FLOAT": (0.5, 1.0),
    "STRING": ("a red apple", ""),
    "BOOLEAN": (True, False),
    "ANY": (3, "text"),
}
BY_NODE: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "SAMPLER": ("KSamplerSelect", {"sampler_name": "euler"}),
    "NOISE": ("RandomNoise", {"noise_seed": 1}),
    "GUIDER": ("BasicGuider", {"model": "MODEL", "conditioning": "CONDITIONING"}),
    "LATENT_OPERATION": ("LatentOperationTonemapReinhard", {"multiplier": 1.0}),
}
"""Types whose values a built-in node makes; an argument that names a type is a value of it."""
LOADED = ("MODEL", "CLIP", "VAE", "CONDITIONING")
"""Types whose values a checkpoint gives."""


class NoSample(Exception):
    """An input for which nothing can be generated."""


class Samples:
    """Values of each type, each made once; what a pack's own nodes make is offered to the others."""

    def __init__(self, types: Mapping[str, NodeType], folders: Folders) -> None:
        self._types, self._folders = types, folders
        self._made: dict[str, tuple[object, ...]] = dict(PLAIN)

    def offer(self, type_name: str, value: object) -> None:
        """A value of a type that only the pack knows."""
        self._made.setdefault(type_name, (value,))

    def of(self, type_name: str) -> tuple[object, ...]:
        """One or two values of a type; NoSample where there is no way to make one."""
        if type_name not in self._made:
            self._made[type_name] = self._make(type_name)
        return self._made[type_name]

    def _make(self, type_name: str) -> tuple[object, ...]:
        if type_name in LOADED:
            self._made |= self._loaded()
            return self._made[type_name]
        if type_name in BY_NODE:
            id, arguments = BY_NODE[type_name]
            if id in self._types:
                given = {name: self._argument(value) for name, value in arguments.items()}
                return (self._types[id].run(**given),)
        if type_name in TENSORS:
            return TENSORS[type_name]()
        raise NoSample(f"nothing makes a {type_name} here")

    def _argument(self, value: object) -> object:
        return self.of(value)[0] if isinstance(value, str) and value in LOADED else value

    def _loaded(self) -> dict[str, tuple[object, ...]]:
        """The parts of the first checkpoint, and what they see in two prompts."""
        from diffusion.checkpoint.load import load_checkpoint

        names = self._folders.names("checkpoints")
        if not names:
            raise NoSample("models/checkpoints holds no checkpoint")
        own = [name for name in names if name.startswith("tessera-emoji")]
        loaded = load_checkpoint(self._folders.resolve("checkpoints", (own or names)[0]))
        prompts = tuple(loaded.clip.encode(words) for words in ("a red apple", "two owls"))
        return {
            "MODEL": (loaded.model,),
            "CLIP": (loaded.clip,),
            "VAE": (loaded.vae,),
            "CONDITIONING": prompts,
        }


def _pictures() -> tuple[object, ...]:
    return _random(1, TALL, WIDE, 3), _random(2, TALL, WIDE, 3)


def _masks() -> tuple[object, ...]:
    return _random(1, TALL, WIDE), _random(2, TALL, WIDE)


def _latents() -> tuple[object, ...]:
    from diffusion.values import Latent

    return tuple(Latent(_random(count, 4, TALL // 8, WIDE // 8)) for count in (1, 2))


def _random(*shape: int) -> Any:
    import torch

    return torch.rand(shape, generator=torch.Generator().manual_seed(sum(shape)))


TENSORS: Mapping[str, Callable[[], tuple[object, ...]]] = {
    "IMAGE": _pictures,
    "MASK": _masks,
    "LATENT": _latents,
    "SIGMAS": lambda: ((14.6, 3.0, 0.5, 0.0), (1.0, 0.0)),
}


def variants(declared: NodeType, samples: Samples, folders: Folders) -> Iterator[dict[str, Any]]:
    """Arguments for one call each: the defaults, all inputs, then each widget's other values one by one."""
    bare = {
        given.name: _first(given, samples, folders)
        for given in declared.inputs
        if given.required or given.widget
    }
    yield bare
    sockets = [given for given in declared.inputs if given.widget is None]
    if sockets:
        full = {given.name: _taken(given, samples, folders, last=True) for given in sockets}
        yield {**bare, **{name: value for name, value in full.items() if value is not None}}
    for given in declared.inputs:
        for value in _others(given, folders):
            if value != bare.get(given.name):
                yield {**bare, given.name: value}


def _taken(given: Input, samples: Samples, folders: Folders, *, last: bool) -> object:
    """A socket's value; None for one that may stay open and that nothing can be made for."""
    try:
        return _first(given, samples, folders, last=last)
    except NoSample:
        if given.required:
            raise
        return None


def _first(given: Input, samples: Samples, folders: Folders, *, last: bool = False) -> object:
    if given.widget is not None:
        return _literal(given, folders)
    values = samples.of(given.types[0].name)
    if given.list:
        return [*values]
    value = values[-1 if last else 0]
    return Lazy(lambda: value) if given.lazy else value


def _literal(given: Input, folders: Folders) -> object:
    """A widget's default as the node gets it, or else the first value that it takes."""
    widget = given.widget
    if widget is None or isinstance(widget, FileWidget) or given.required:
        values = _others(given, folders)
        if not values:
            raise NoSample(f"there is nothing to choose for {given.name}")
        return values[0]
    return given.default


def _others(given: Input, folders: Folders) -> list[object]:
    """Some values that a widget takes."""
    match given.widget:
        case ChoiceWidget() as widget:
            return list(widget.options()[:MOST_CHOICES])
        case ToggleWidget():
            return [True, False]
        case TextWidget():
            return ["a red apple", ""]
        case NumberWidget(kind=kind, min=low, max=high):
            least = 1 if low is None else max(low, -LARGEST) if high is None or high > -LARGEST else low
            most = max(least, LARGEST if high is None else min(high, LARGEST))
            return [float(end) if kind == "float" else int(end) for end in (least, most)]
        case CurveWidget(min=low, max=high):
            return [Curve.line(high, low), Curve.flat(low)]
        case FileWidget() as widget:
            return [widget.canonical(name, folders) for name in widget.names(folders)[:2]]
    return []


def fresh(value: Any) -> Any:
    """A value that its node may spoil without spoiling that of others; networks are shared."""
    import torch

    from diffusion.values import Latent

    if isinstance(value, torch.Tensor):
        return value.clone()
    if isinstance(value, Latent):
        return value.with_samples(value.samples.clone())
    return list(map(fresh, value)) if isinstance(value, list) else value


def fill(folders: Folders) -> None:
    """A picture in the input folder, for nodes that choose one."""
    from diffusion.images import save_png

    for kind in ("input", "output", "temp"):
        folders.folder(kind).mkdir(parents=True, exist_ok=True)
    if not folders.names("input"):
        save_png(_random(TALL, WIDE, 3), folders.folder("input"), "sample", {})


def scratch(root: Path, real: Folders) -> Folders:
    """Folders of one trial: files are written below `root`, models are those of the program."""
    models = {path.name: [path] for path in (real.root / "models").glob("*") if path.is_dir()}
    kinds = {"checkpoints", *models}
    made = Folders(root, {kind: real.directories(kind) for kind in kinds})
    fill(made)
    return made
