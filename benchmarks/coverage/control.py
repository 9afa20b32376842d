"""ControlNets, T2I-adapters and what draws their hints: against the originals, diffusers and kornia."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.coverage.checkpoint_files import CPU, FULL, Tensors, same, write
from benchmarks.coverage.networks import FULL_ERROR, TINY_ERROR
from benchmarks.coverage.row import Layout, Measured, Run, apart, farthest, loads
from diffusion.checkpoint.control_files import (
    controlnet_recipe,
    detect_controlnet,
    load_control,
    read_adapter,
)
from diffusion.checkpoint.diffusers_names import diffusers_unet
from diffusion.checkpoint.keymaps import apply
from diffusion.control import ControlModel, make_control
from diffusion.models.controlnet import ControlNet, ControlNetConfig
from diffusion.models.t2i_adapter import AdapterConfig, build_adapter
from diffusion.models.unet import Residuals, UNet, UNetConfig
from diffusion.preprocess.canny import canny
from diffusion.preprocess.edges import load_hed, soft_edges
from diffusion.preprocess.people import load_segmentation
from diffusion.sampling.denoiser import added
from diffusion.values import Model
from tests.diffusion.checkpoint import small
from tests.diffusion.golden import Golden, formula_input, load_formula, manifest, uniform
from tests.diffusion.models.test_controlnet import SD1
from tests.diffusion.models.test_controlnet import SMALL as NARROW
from tests.diffusion.models.test_hed import answers, bsds500, published
from tests.diffusion.preprocess.test_people import SHIPPED
from tests.diffusion.test_control import EVERYWHERE, PICTURE, SCHEDULE, SMALL, diffusers_pair, normal, ours_of

ORIGINAL = "lllyasviel ControlNet (golden)"
DIFFUSERS = "diffusers ControlNetModel"
KINDS = {"SD1": {}, "SD2": {"head_dim": 16, "linear_projections": True}}


@torch.inference_mode()
def controlnets(run: Run) -> Iterator[Measured]:
    """One alone, with its UNet, several at once, and its variants."""
    golden, network = Golden("tiny_controlnet_sd1"), ControlNet(ControlNetConfig(NARROW)).eval()
    network.load_state_dict(golden.weights)
    inputs = golden["x"], golden["t"], golden["context"]
    found = network(inputs[0], network.features(golden["hint"]), *inputs[1:])
    pairs = [(each, golden[f"control_{index}"]) for index, each in enumerate(found)]
    yield Measured("ControlNet, narrow", ORIGINAL, farthest(pairs), TINY_ERROR)
    unet = UNet(NARROW).eval()
    unet.load_state_dict(Golden("tiny_unet_sd1").weights)
    pairs = []
    for strength, name in ((1.0, "unet_controlled"), (0.5, "unet_controlled_half")):
        control = make_control(ControlModel(network), golden["hint"].movedim(1, -1), strength=strength)
        residuals = control.placed(inputs[0], EVERYWHERE, SCHEDULE).residuals(*inputs)
        pairs.append((unet(*inputs, control=residuals), golden[name]))
    yield Measured("guided UNet, narrow, strengths 1 and 0.5", ORIGINAL, farthest(pairs), TINY_ERROR)
    for family, changes in KINDS.items():
        yield guided_step(family, UNetConfig(**(vars(SMALL) | changes)))
    yield stacked()
    yield guessed_and_pooled()
    if not run.quick:
        yield published_size()


def asked(model: ControlModel, strength: float, *inputs: Tensor) -> Residuals:
    """What a control says of one picture."""
    return (
        make_control(model, PICTURE, strength=strength)
        .placed(inputs[0], EVERYWHERE, SCHEDULE)
        .residuals(*inputs)
    )


def guided_step(family: str, config: UNetConfig) -> Measured:
    """A UNet under a ControlNet."""
    their_unet, their_net = diffusers_pair(config)
    unet = ours_of(their_unet, UNet(config), diffusers_unet(config))
    net = ours_of(their_net, ControlNet(ControlNetConfig(config)), controlnet_recipe(their_net.state_dict()))
    inputs = normal(2, 4, 8, 8), torch.tensor([601, 601]), normal(2, 7, 24)
    hint = PICTURE.movedim(-1, 1).expand(2, -1, -1, -1)
    down, mid = their_net(*inputs, controlnet_cond=hint, conditioning_scale=0.8, return_dict=False)
    residuals = {"down_block_additional_residuals": down, "mid_block_additional_residual": mid}
    ours = unet(*inputs, control=asked(ControlModel(net), 0.8, *inputs))
    error = apart(ours, their_unet(*inputs, **residuals).sample)
    return Measured(f"guided UNet, {family}", DIFFUSERS, error, TINY_ERROR)


def stacked() -> Measured:
    """Two ControlNets of different strength at once."""
    from diffusers import MultiControlNetModel

    (their_unet, first), (_, second) = diffusers_pair(SMALL), diffusers_pair(SMALL)
    for parameter in second.parameters():
        parameter.data = parameter.data.flip(0)
    unet = ours_of(their_unet, UNet(SMALL), diffusers_unet(SMALL))
    nets = [
        ControlModel(ours_of(each, ControlNet(ControlNetConfig(SMALL)), controlnet_recipe(each.state_dict())))
        for each in (first, second)
    ]
    inputs, hint = (normal(1, 4, 8, 8), torch.tensor([601]), normal(1, 7, 24)), PICTURE.movedim(-1, 1)
    both = MultiControlNetModel([first, second])
    down, mid = both(*inputs, controlnet_cond=[hint, hint], conditioning_scale=[0.8, 0.3], return_dict=False)
    residuals = {"down_block_additional_residuals": down, "mid_block_additional_residual": mid}
    one, other = (asked(net, strength, *inputs) for net, strength in zip(nets, (0.8, 0.3), strict=True))
    error = apart(unet(*inputs, control=added(one, other)), their_unet(*inputs, **residuals).sample)
    return Measured("two at once", "diffusers MultiControlNetModel", error, TINY_ERROR)


def guessed_and_pooled() -> Measured:
    """Guess mode, and answers averaged over the picture as shuffled pictures want them."""
    pairs = []
    for pooled in (False, True):
        _, theirs = diffusers_pair(SMALL)
        theirs.register_to_config(global_pool_conditions=pooled)
        net = ours_of(theirs, ControlNet(ControlNetConfig(SMALL)), controlnet_recipe(theirs.state_dict()))
        inputs = normal(1, 4, 8, 8), torch.tensor([601]), normal(1, 7, 24)
        said = theirs(*inputs, PICTURE.movedim(-1, 1), guess_mode=not pooled)
        expected = (*said.down_block_res_samples, said.mid_block_res_sample)
        # diffusers spreads 0.1 .. 1 evenly in logarithms, which for 13 answers is 0.825^n.
        model = ControlModel(net, decay=1.0 if pooled else 0.1 ** (1 / (len(expected) - 1)), pooled=pooled)
        ours = asked(model, 1.0, *inputs)
        pairs += [
            (one, other.expand_as(one))
            for one, other in zip((*ours.skips, ours.middle), expected, strict=True)
        ]
    return Measured("guess mode, pooled answers", DIFFUSERS, farthest(pairs), TINY_ERROR)


def published_size() -> Measured:
    golden = Golden("full_controlnet_sd15")
    with torch.device("meta"):
        network = ControlNet(SD1)
    load_formula(network)
    features = network.features(formula_input("hint", (1, 3, 64, 64)).abs().clamp(0, 1))
    x, context = formula_input("x", (1, 4, 8, 8)), formula_input("context", (1, 77, 768))
    pairs = [
        (
            torch.cat([each.mean()[None], each.std()[None], each.flatten()[:8]]),
            golden[f"control_{index}_mean_std_first8"],
        )
        for index, each in enumerate(network(x, features, torch.tensor([601]), context))
    ]
    return Measured("ControlNet of published size", ORIGINAL, farthest(pairs), FULL_ERROR)


@torch.inference_mode()
def adapters(_: Run) -> Iterator[Measured]:
    """T2I-adapters alone and in a UNet."""
    from diffusers import T2IAdapter

    golden = Golden("tiny_t2i_adapter")
    network = build_adapter(AdapterConfig(hint_channels=1, widths=(16, 32, 64, 64))).eval()
    network.load_state_dict(golden.weights)
    features = reversed(network(golden["x"]))
    pairs = [(each, golden[f"feature_{level}"]) for level, each in enumerate(features)]
    yield Measured("T2I-adapter, narrow", "TencentARC by ComfyUI (golden)", farthest(pairs), TINY_ERROR)
    pairs = []
    for kind in ("full_adapter", "light_adapter"):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            theirs = T2IAdapter(
                3, [16, 32, 64, 64], num_res_blocks=2, downscale_factor=8, adapter_type=kind
            ).eval()
        config, tensors = read_adapter(dict(theirs.state_dict()))
        ours = build_adapter(config).eval()
        ours.load_state_dict(tensors)
        hint = uniform("hint", (2, 3, 72, 40))
        pairs += zip(ours(hint), theirs(hint), strict=True)
    yield Measured("full and light adapters", "diffusers T2IAdapter", farthest(pairs), TINY_ERROR)


@torch.inference_mode()
def preprocessors(_: Run) -> Iterator[Measured]:
    """What draws hints out of pictures."""
    x = F.interpolate(uniform("canny", (2, 3, 10, 12)), size=(101, 120), mode="bicubic") * 0.5 + 0.5
    wrong = 0.0
    for low, high in ((0.1, 0.2), (0.4, 0.8), (0.2, 1.2)):
        made = canny(x.clamp(0, 1).movedim(1, -1), low, high)
        bits = np.unpackbits(Golden("canny").arrays[f"edges_{low}_{high}"])[: made.numel()]
        wrong = max(wrong, float((made != torch.from_numpy(bits).reshape(made.shape)).float().mean()))
    yield Measured("Canny: share of pixels", "kornia (golden)", wrong, 1e-3)
    network = load_segmentation(SHIPPED, device=CPU)
    x = F.interpolate(uniform("selfie", (1, 3, 8, 8)), size=(256, 256), mode="bicubic") * 0.5 + 0.5
    seen = network(x.clamp(0, 1))[:, 0, ::4, ::4]
    yield Measured("person mask", "LiteRT (golden)", apart(seen, Golden("selfie_segmentation")["out"]), 1e-4)


def soft_edge_numbers(run: Run) -> Iterator[Measured]:
    """HED out of both files that people have."""
    image, pairs = uniform("hed", (1, 35, 21, 3)) * 0.5 + 0.5, []
    own, tensors = run.path("hed/ControlNetHED.pth"), published()
    torch.save(tensors, own)
    said = answers(image.movedim(-1, 1) * 255 - tensors["norm"], tensors)
    pairs.append((soft_edges(load_hed(own, device=CPU), image), (sum(said) / 5).sigmoid()[:, 0]))
    yield Measured("soft edges", "HED in plain operations", farthest(pairs), 1e-4)


def files(run: Run) -> Iterator[Layout]:
    """ControlNets and adapters in every layout, written and read, and published ones by their names."""
    for family, config in (("SD1", small.UNET), ("SD2", small.UNET_SD2)):
        tensors = small.random_weights(ControlNet(ControlNetConfig(config)), 3)
        prefixed = {f"control_model.{name}": each for name, each in tensors.items()}
        path = partial("control/{0}.{1}".format, family)
        yield loads(
            f"{family}, original", partial(reads, write(run.path(path("safetensors")), prefixed), tensors)
        )
        yield loads(
            f"{family}, without its prefix", partial(reads, write(run.path(path("pth")), tensors), tensors)
        )
    halves = {name: each.half() for name, each in tensors.items()}
    yield loads(
        "fp16", partial(reads, write(run.path("control/half.safetensors"), halves), tensors, half=True)
    )
    yield loads("differences to a UNet (DiffControlNetLoader)", partial(reads_difference, run))
    config = AdapterConfig(hint_channels=1, widths=(16, 32))
    tensors = small.random_weights(build_adapter(config), 5)
    yield loads("T2I-adapter .pth", partial(reads, write(run.path("control/t2i.pth"), tensors), tensors))
    for family in ("sd15", "sd21"):
        for name in (f"controlnet-{family}", f"diffusers-controlnet-{family}"):
            yield loads(f"{name}: {len(manifest(name))} keys", partial(becomes, name, f"controlnet-{family}"))
    for name in ("canny", "depth", "color"):
        shapes = manifest(f"t2iadapter-sd15-{name}")
        yield loads(f"t2iadapter-sd15-{name}: {len(shapes)} keys", partial(is_adapter, shapes))
    path = run.path("hed/network-bsds500.pth")
    torch.save(bsds500("net"), path)
    yield loads("HED, network-bsds500.pth", lambda: load_hed(path, device=CPU) is not None)


def reads(path: Path, tensors: Tensors, *, half: bool = False) -> bool:
    """Whether a control's file is read as these tensors."""
    given = {name: each.half().float() for name, each in tensors.items()} if half else tensors
    return same(load_control(path, device=CPU, dtype=FULL).network, given)


def reads_difference(run: Run) -> bool:
    """Whether a file of differences is added to the weights of the model that it was made for."""
    base, expected = UNet(small.UNET), small.random_weights(ControlNet(ControlNetConfig(small.UNET)), 3)
    weights = small.random_weights(base, 4)
    base.load_state_dict(weights)
    stored = {f"control_model.{name}": each - weights.get(name, 0.0) for name, each in expected.items()}
    path = write(run.path("control/difference.safetensors"), stored | {"difference": torch.zeros(0)})
    loaded = load_control(path, device=CPU, dtype=FULL, base=Model(base)).network.state_dict()
    return all(torch.allclose(loaded[name], each, atol=1e-6) for name, each in expected.items())


def becomes(name: str, original: str) -> bool:
    """Whether the tensors of a published ControlNet become those of the original layout, and of a network."""
    given = {key: torch.empty(shape, device="meta") for key, shape in manifest(name).items()}
    found = apply(controlnet_recipe(given), given) if name != original else dict(given)
    found = {key.removeprefix("control_model."): each for key, each in found.items()}
    with torch.device("meta"):
        network: nn.Module = ControlNet(detect_controlnet(found))
    ours = {f"control_model.{key}": tuple(each.shape) for key, each in network.state_dict().items()}
    theirs = {f"control_model.{key}": tuple(each.shape) for key, each in found.items()}
    return ours == theirs == manifest(original)


def is_adapter(shapes: dict[str, Sequence[int]]) -> bool:
    """Whether a published adapter's tensors are those of the network that it is found to be."""
    config, tensors = read_adapter({key: torch.empty(shape, device="meta") for key, shape in shapes.items()})
    with torch.device("meta"):
        network = build_adapter(config)
    return {key: tuple(each.shape) for key, each in network.state_dict().items()} == {
        key: tuple(each.shape) for key, each in tensors.items()
    } and len(tensors) == len(shapes)
