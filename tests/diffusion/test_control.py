"""What guides sampling beside the text, on tiny real networks and against diffusers."""

import math
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from diffusion.checkpoint.control_files import controlnet_recipe
from diffusion.checkpoint.diffusers_names import diffusers_unet
from diffusion.checkpoint.keymaps import apply
from diffusion.control import (
    Control,
    ControlModel,
    hint_at,
    inpaint_hint,
    make_control,
    shared_with_negative,
    with_control,
)
from diffusion.errors import Unsuitable
from diffusion.models.controlnet import ControlNet, ControlNetConfig
from diffusion.models.t2i_adapter import AdapterConfig, build_adapter
from diffusion.models.unet import UNet, UNetConfig
from diffusion.sampling.run import Settings, sample
from diffusion.sampling.schedules import NoiseSchedule
from diffusion.values import Area, Cond, Latent, Model
from graph.curves import Curve
from tests.diffusion.golden import Golden

SMALL = UNetConfig(
    model_channels=32,
    multipliers=(1, 2),
    res_blocks=2,
    attention_levels=(True, False),
    self_attention_levels=(True, True),
    context_dim=24,
)
SCHEDULE = NoiseSchedule.scaled_linear()
EVERYWHERE = (slice(0, 8), slice(0, 8))
STEPS = 4
# Pictures of untrained networks reach 15; another order of sums moves them by up to 6e-5.
CLOSE = {"atol": 2e-4, "rtol": 0}


def seeded(network: nn.Module, seed: int) -> nn.Module:
    """Random weights that keep the size of what passes through, also where they would start as zero."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if parameter.ndim > 1:
                parameter.normal_(0, (len(parameter) / parameter.numel()) ** 0.5, generator=generator)
            else:
                parameter.normal_(float(name.endswith("weight")), 0.1, generator=generator)
    return network.eval().requires_grad_(False)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(seeded(UNet(SMALL), 1))


@pytest.fixture(scope="module")
def net() -> ControlModel:
    return ControlModel(seeded(ControlNet(ControlNetConfig(SMALL)), 2), name="canny.safetensors")


@pytest.fixture(scope="module")
def adapter() -> ControlModel:
    return ControlModel(seeded(build_adapter(AdapterConfig(1, (32, 64))), 3), name="sketch.safetensors")


PICTURE = normal(1, 64, 64, 3, seed=9).sigmoid()
POSITIVE, NEGATIVE = (Cond(normal(1, 5, 24, seed=11)),), (Cond(normal(1, 5, 24, seed=12)),)


def sampled(
    model: Model,
    positive: Sequence[Cond],
    negative: Sequence[Cond] = NEGATIVE,
    *,
    batch: int = 1,
    cfg: float = 3.0,
) -> Tensor:
    settings = Settings(seed=1, steps=STEPS, cfg=cfg, sampler="euler", scheduler="normal")
    latent = Latent(torch.zeros(batch, 4, 8, 8))
    *_, last = sample(model, tuple(positive), tuple(negative), latent, settings)
    return last.x


@contextmanager
def counted(network: nn.Module):
    """Batch sizes of all calls of a network."""
    sizes: list[int] = []
    hook = network.register_forward_hook(lambda module, inputs, out: sizes.append(len(inputs[0])))
    yield sizes
    hook.remove()


def differs(a: Tensor, b: Tensor) -> bool:
    return bool((a - b).abs().max() > 1e-3)


# --- one call against references


def test_strength_scales_the_originals_answers() -> None:
    golden = Golden("tiny_controlnet_sd1")
    config = UNetConfig(**(vars(SMALL) | {"res_blocks": 1, "heads": 4, "attention_levels": (True, True)}))
    network = ControlNet(ControlNetConfig(config)).eval()
    network.load_state_dict(golden.weights)
    image = golden["hint"].movedim(1, -1)
    control = make_control(ControlModel(network), image, strength=0.5)
    residuals = control.placed(golden["x"], EVERYWHERE, SCHEDULE).residuals(
        golden["x"], golden["t"], golden["context"]
    )
    for index, skip in enumerate((*residuals.skips, residuals.middle)):
        torch.testing.assert_close(skip, 0.5 * golden[f"control_{index}"], atol=2e-5, rtol=0)


def diffusers_pair(config: UNetConfig) -> tuple[nn.Module, nn.Module]:
    """diffusers' UNet and ControlNet of a shape, seeded."""
    from diffusers import ControlNetModel, UNet2DConditionModel

    kinds = ["CrossAttn" if attention else "" for attention in config.attention_levels]
    shape = {
        "block_out_channels": config.widths,
        "layers_per_block": config.res_blocks,
        "cross_attention_dim": config.context_dim,
        "attention_head_dim": tuple(config.heads_at(width) for width in config.widths),
        "use_linear_projection": config.linear_projections,
        "down_block_types": tuple(f"{kind}DownBlock2D" for kind in kinds),
    }
    ups = tuple(f"{kind}UpBlock2D" for kind in reversed(kinds))
    return seeded(UNet2DConditionModel(**shape, up_block_types=ups), 5), seeded(ControlNetModel(**shape), 6)


def ours_of(theirs: nn.Module, network: nn.Module, recipe: tuple) -> nn.Module:
    network.load_state_dict(apply(recipe, theirs.state_dict()))
    return network.eval()


@torch.inference_mode()
@pytest.mark.parametrize("changes", [{}, {"head_dim": 16, "linear_projections": True}], ids=["sd1", "sd2"])
def test_a_guided_step_is_that_of_diffusers(changes: dict) -> None:
    config = UNetConfig(**(vars(SMALL) | changes))
    their_unet, their_net = diffusers_pair(config)
    unet = ours_of(their_unet, UNet(config), diffusers_unet(config))
    network = ControlNet(ControlNetConfig(config))
    net = ours_of(their_net, network, controlnet_recipe(their_net.state_dict()))
    x, t, context = normal(2, 4, 8, 8), torch.tensor([601, 601]), normal(2, 7, 24)
    hint = PICTURE.movedim(-1, 1).expand(2, -1, -1, -1)
    down, mid = their_net(x, t, context, controlnet_cond=hint, conditioning_scale=0.8, return_dict=False)
    expected = their_unet(
        x, t, context, down_block_additional_residuals=down, mid_block_additional_residual=mid
    ).sample
    placed = make_control(ControlModel(net), PICTURE, strength=0.8).placed(x, EVERYWHERE, SCHEDULE)
    residuals = placed.residuals(x, t, context)
    for ours, theirs in zip((*residuals.skips, residuals.middle), (*down, mid), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)
    torch.testing.assert_close(unet(x, t, context, control=residuals), expected, atol=2e-5, rtol=0)
    assert differs(unet(x, t, context), expected)


@torch.inference_mode()
@pytest.mark.parametrize("pooled", [False, True])
def test_guess_mode_and_pooling_are_those_of_diffusers(pooled: bool) -> None:
    _, theirs = diffusers_pair(SMALL)
    theirs.register_to_config(global_pool_conditions=pooled)
    net = ours_of(theirs, ControlNet(ControlNetConfig(SMALL)), controlnet_recipe(theirs.state_dict()))
    x, t, context = normal(1, 4, 8, 8), torch.tensor([601]), normal(1, 7, 24)
    answers = theirs(x, t, context, PICTURE.movedim(-1, 1), guess_mode=not pooled)
    expected = (*answers.down_block_res_samples, answers.mid_block_res_sample)
    # diffusers spreads 0.1 .. 1 evenly in logarithms, which for 13 answers is 0.825^n.
    model = ControlModel(net, decay=1.0 if pooled else 0.1 ** (1 / (len(expected) - 1)), pooled=pooled)
    residuals = make_control(model, PICTURE, strength=1.0).placed(x, EVERYWHERE, SCHEDULE)
    ours = residuals.residuals(x, t, context)
    for one, other in zip((*ours.skips, ours.middle), expected, strict=True):
        torch.testing.assert_close(one, other.expand_as(one), atol=1e-5, rtol=0)


@torch.inference_mode()
@pytest.mark.parametrize("res_blocks", [1, 2])
def test_a_step_with_an_adapter_is_that_of_diffusers(res_blocks: int) -> None:
    config = replace(SMALL, res_blocks=res_blocks)
    their_unet, _ = diffusers_pair(config)
    unet = ours_of(their_unet, UNet(config), diffusers_unet(config))
    network = seeded(build_adapter(AdapterConfig(3, (32, 64))), 3)
    x, t, context = normal(2, 4, 8, 8), torch.tensor([601, 601]), normal(2, 7, 24)
    features = [0.7 * feature.repeat(2, 1, 1, 1) for feature in network(PICTURE.movedim(-1, 1))]
    expected = their_unet(x, t, context, down_intrablock_additional_residuals=features).sample
    placed = make_control(ControlModel(network), PICTURE, strength=0.7).placed(x, EVERYWHERE, SCHEDULE)
    residuals = placed.residuals(x, t, context)
    assert [tuple(each.shape) for each in residuals.levels] == [(1, 32, 8, 8), (1, 64, 4, 4)]
    torch.testing.assert_close(unet(x, t, context, control=residuals), expected, atol=2e-5, rtol=0)
    assert differs(unet(x, t, context), expected)


# --- hints


def test_hint_of_another_size_gives_the_nearest_pixels_of_its_centre() -> None:
    like = torch.zeros(1, 4, 2, 3)
    hint = torch.arange(40.0)[None, None, :, None].expand(1, 3, 40, 24)  # rows tell their number
    seen = hint_at(hint, like, (slice(0, 2), slice(0, 3)))
    assert seen.shape == (1, 3, 16, 24)
    assert seen[0, 0, :, 0].tolist() == list(range(12, 28))
    assert hint_at(hint, like, (slice(1, 2), slice(1, 3)))[0, 0, :, 0].tolist() == list(range(20, 28))


def test_hints_of_a_batch_are_used_in_turn() -> None:
    hints = torch.stack([torch.full((3, 64, 64), float(index)) for index in range(2)])
    assert [tuple(each.unique().tolist()) for each in hint_at(hints, normal(3, 4, 8, 8), EVERYWHERE)] == [
        (0.0,),
        (1.0,),
        (0.0,),
    ]
    assert len(hint_at(hints[:1], normal(3, 4, 8, 8), EVERYWHERE)) == 1
    assert len(hint_at(hints, normal(1, 4, 8, 8), EVERYWHERE)) == 1


def test_grey_hints_are_repeated_alpha_is_dropped_and_lines_are_averaged(
    net: ControlModel, adapter: ControlModel
) -> None:
    grey, colour = normal(1, 8, 8, 1).sigmoid(), normal(1, 8, 8, 4).sigmoid()
    assert torch.equal(make_control(net, grey, strength=1.0).hint, grey.movedim(-1, 1).repeat(1, 3, 1, 1))
    assert torch.equal(make_control(net, colour, strength=1.0).hint, colour[..., :3].movedim(-1, 1))
    lines = make_control(adapter, colour, strength=1.0).hint
    torch.testing.assert_close(lines, colour[..., :3].mean(-1)[:, None])


def test_masked_places_of_a_picture_to_fill_in_are_minus_one() -> None:
    mask = torch.zeros(1, 32, 32)
    mask[:, :16] = 1
    hint = inpaint_hint(PICTURE, mask)
    assert (hint[:, :32] == -1).all() and torch.equal(hint[:, 32:], PICTURE[:, 32:])
    assert PICTURE.min() >= 0


# --- sampling


@pytest.mark.parametrize("settings", [{"strength": 0.0}, {"strength": 1.0, "start": 0.5, "end": 0.5}])
def test_control_that_never_acts_costs_and_changes_nothing(
    model: Model, net: ControlModel, settings: dict
) -> None:
    control = make_control(net, PICTURE, **settings)
    assert with_control(POSITIVE, control) == POSITIVE
    with counted(net.network) as calls, counted(net.network.input_hint_block) as hints:
        sampled(model, with_control(POSITIVE, control))
    assert calls == hints == []


def test_control_shared_by_both_sides_is_asked_once_a_step(model: Model, net: ControlModel) -> None:
    control = make_control(net, PICTURE, strength=1.0)
    sides = with_control(POSITIVE, control), with_control(NEGATIVE, control)
    hint_block = net.network.input_hint_block
    with counted(net.network) as controls, counted(model.network) as steps, counted(hint_block) as hints:
        guided = sampled(model, *sides)
    assert (controls, steps, hints) == ([2] * STEPS, [2] * STEPS, [1])
    assert differs(guided, sampled(model, POSITIVE))


def test_controls_act_within_their_ranges_only(model: Model, net: ControlModel) -> None:
    whole = make_control(net, PICTURE, strength=1.0)
    halves = [replace(whole, end=0.5), replace(whole, start=0.5)]
    counts = []
    for control in halves:
        with counted(net.network) as calls:
            sampled(model, with_control(POSITIVE, control), with_control(NEGATIVE, control))
        counts.append(len(calls))
    assert counts == [2, 2]
    both = [with_control(with_control(side, halves[0]), halves[1]) for side in (POSITIVE, NEGATIVE)]
    expected = sampled(model, with_control(POSITIVE, whole), with_control(NEGATIVE, whole))
    torch.testing.assert_close(sampled(model, *both), expected, **CLOSE)


def test_strengths_of_stacked_controls_add_up(model: Model, net: ControlModel, adapter: ControlModel) -> None:
    def stacked(*controls: Control) -> Tensor:
        sides = [POSITIVE, NEGATIVE]
        for control in controls:
            sides = [with_control(side, control) for side in sides]
        return sampled(model, *sides)

    third, rest, whole = (make_control(net, PICTURE, strength=s) for s in (0.3, 0.7, 1.0))
    lines = make_control(adapter, PICTURE, strength=1.0)
    torch.testing.assert_close(stacked(third, rest), stacked(whole), **CLOSE)
    torch.testing.assert_close(stacked(third, lines, rest), stacked(lines, whole), **CLOSE)
    assert differs(stacked(whole), stacked(third)) and differs(stacked(whole), stacked(lines, whole))


def over_time(model: Model, net: ControlModel, curve: Curve | None, strength: float = 1.0) -> Tensor:
    control = make_control(net, PICTURE, strength=strength, over=curve)
    return sampled(model, with_control(POSITIVE, control), with_control(NEGATIVE, control))


@pytest.mark.parametrize("kind", ["net", "adapter"])
def test_a_flat_curve_is_that_strength_to_the_bit(
    model: Model, kind: str, request: pytest.FixtureRequest
) -> None:
    made_of = request.getfixturevalue(kind)
    assert torch.equal(
        over_time(model, made_of, Curve.flat(0.7)), over_time(model, made_of, None, strength=0.7)
    )


def test_strength_follows_a_curve_and_nothing_is_asked_where_it_is_0(model: Model, net: ControlModel) -> None:
    first_half = Curve(((0.0, 1.0), (0.5, 0.0)), "step")
    with counted(net.network) as calls:
        made = over_time(model, net, first_half)
    assert calls == [2, 2]
    steps = Cond(POSITIVE[0].tensor, steps=(0, 2)), Cond(NEGATIVE[0].tensor, steps=(0, 2))
    later = Cond(POSITIVE[0].tensor, steps=(2, STEPS)), Cond(NEGATIVE[0].tensor, steps=(2, STEPS))
    control = make_control(net, PICTURE, strength=1.0)
    sides = [(*with_control((now,), control), then) for now, then in zip(steps, later, strict=True)]
    assert torch.equal(made, sampled(model, *sides))
    fading = over_time(model, net, Curve.line(1, 0))
    assert differs(fading, made) and differs(fading, over_time(model, net, None))


def test_a_curve_of_nothing_costs_nothing(model: Model, net: ControlModel) -> None:
    assert with_control(POSITIVE, make_control(net, PICTURE, strength=1.0, over=Curve.flat(0))) == POSITIVE


def test_picture_of_a_batch_follows_its_own_hint(model: Model, net: ControlModel) -> None:
    hints = torch.cat([PICTURE, 1 - PICTURE])

    def with_hint(hint: Tensor, batch: int) -> Tensor:
        control = make_control(net, hint, strength=1.0)
        return sampled(model, with_control(POSITIVE, control), with_control(NEGATIVE, control), batch=batch)

    together = with_hint(hints, 2)
    torch.testing.assert_close(together[:1], with_hint(PICTURE, 1), **CLOSE)
    same = with_hint(PICTURE, 2)
    torch.testing.assert_close(same[:1], together[:1], **CLOSE)
    assert differs(same[1], together[1])


def test_hint_is_cropped_with_the_area_of_its_prompt(model: Model, net: ControlModel) -> None:
    area = Area(0, 2, 8, 4)
    here = Cond(POSITIVE[0].tensor, area=area)
    painted = PICTURE.clone()
    painted[:, :, 16:48] = 0.5  # columns of the area
    outside = PICTURE.clone()
    outside[:, :, :16], outside[:, :, 48:] = 0.5, 0.5
    results = [
        sampled(model, [*POSITIVE, *with_control((here,), make_control(net, hint, strength=1.0))])
        for hint in (PICTURE, outside, painted)
    ]
    torch.testing.assert_close(results[0], results[1], atol=0, rtol=0)
    assert differs(results[0], results[2])


def test_areas_and_whole_pictures_are_placed_by_the_crop(net: ControlModel) -> None:
    x, t, context = normal(1, 4, 8, 8), torch.tensor([601]), normal(1, 7, 24)
    control = make_control(net, PICTURE, strength=1.0)
    region = (slice(0, 4), slice(2, 8))
    cropped = make_control(net, PICTURE[:, :32, 16:], strength=1.0)
    crop = x[..., *region]
    placed = control.placed(x, region, SCHEDULE).residuals(crop, t, context)
    alone = cropped.placed(crop, (slice(0, 4), slice(0, 6)), SCHEDULE).residuals(crop, t, context)
    assert all(torch.equal(a, b) for a, b in zip(placed.skips, alone.skips, strict=True))


def test_model_that_reads_more_than_a_latent_is_guided_by_the_latent_alone(net: ControlModel) -> None:
    inpainting = Model(seeded(UNet(UNetConfig(**(vars(SMALL) | {"in_channels": 9}))), 1))
    sides = [(replace(side[0], concat=normal(1, 5, 8, 8)),) for side in (POSITIVE, NEGATIVE)]
    control = make_control(net, PICTURE, strength=1.0)
    with counted(net.network) as calls:
        guided = sampled(inpainting, *(with_control(side, control) for side in sides))
    assert calls == [2] * STEPS and differs(guided, sampled(inpainting, *sides))


def test_placed_control_knows_its_levels(net: ControlModel) -> None:
    def levels(start: float, end: float) -> tuple[float, float]:
        control = replace(make_control(net, PICTURE, strength=1.0), start=start, end=end)
        placed = control.placed(normal(1, 4, 8, 8), EVERYWHERE, SCHEDULE)
        return placed.first, placed.last

    assert levels(0, 1) == (math.inf, 0.0)
    assert levels(0.25, 0.75) == (SCHEDULE.sigma(0.75 * 999), SCHEDULE.sigma(0.25 * 999))


# --- sides


def test_control_for_both_sides_reaches_the_negative_one(net: ControlModel) -> None:
    control = make_control(net, PICTURE, strength=1.0, both_sides=True)
    alone = make_control(net, PICTURE, strength=1.0)
    positive = with_control(POSITIVE, control)
    shared = shared_with_negative((positive, NEGATIVE))
    assert [cond.control for side in shared for cond in side] == [(control,), (control,)]
    assert shared_with_negative((with_control(POSITIVE, alone), NEGATIVE))[1] == NEGATIVE
    own = with_control(NEGATIVE, alone)
    assert shared_with_negative((positive, own))[1] == own
    assert shared_with_negative((positive,)) == (positive,)


def test_two_guided_entries_make_two_of_one_negative(net: ControlModel) -> None:
    controls = [make_control(net, PICTURE, strength=s, both_sides=True) for s in (0.5, 1.0)]
    positive = tuple(cond for control in controls for cond in with_control(POSITIVE, control))
    placed = Cond(NEGATIVE[0].tensor, area=Area(0, 0, 4, 4))
    _, negative = shared_with_negative((positive, (placed, *NEGATIVE)))
    assert [cond.control for cond in negative] == [(), (controls[0],), (controls[1],)]
    assert negative[0] is placed
    _, same = shared_with_negative((positive[:1], NEGATIVE * 2))
    assert [cond.control for cond in same] == [(controls[0],), ()]


# --- what does not fit


def test_control_of_another_family_says_both(net: ControlModel, adapter: ControlModel) -> None:
    sd2 = UNetConfig(**(vars(SMALL) | {"context_dim": 1024}))
    with pytest.raises(
        Unsuitable, match=r"canny.safetensors is for .* 24 numbers .* model is for Stable Diffusion 2"
    ):
        make_control(net, PICTURE, strength=1.0).check_fit(sd2)
    make_control(adapter, PICTURE, strength=1.0).check_fit(sd2)
    wide = UNetConfig(**(vars(SMALL) | {"model_channels": 64}))
    with pytest.raises(
        Unsuitable, match=r"sketch.safetensors is for levels 32, 64 wide, the model is for levels 64"
    ):
        make_control(adapter, PICTURE, strength=1.0).check_fit(wide)
    make_control(net, PICTURE, strength=1.0).check_fit(SMALL)


def test_adapters_have_no_levels_to_weigh(adapter: ControlModel) -> None:
    with pytest.raises(Unsuitable, match=r"sketch.safetensors is a T2I-adapter"):
        adapter.with_weights(decay=0.825, pooled=None)


def test_weights_keep_or_change_what_the_file_asks_for(net: ControlModel) -> None:
    pooled = replace(net, pooled=True)
    assert pooled.with_weights(decay=0.9, pooled=None).pooled
    assert not pooled.with_weights(decay=0.9, pooled=False).pooled
    assert pooled.with_weights(decay=0.9, pooled=None).decay == 0.9
