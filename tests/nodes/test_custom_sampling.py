"""Custom sampling by nodes: the workflows that ship, what KSampler does in parts, and what cannot be done."""

import json

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

from compat.metadata import read_texts
from nodes import custom_sampling, guiders, model_sampling, noise, samplers, sampling, sigmas
from tests.diffusion.sampling.tiny import random_cond, random_latent, tiny_model
from tests.nodes.bench import changed, template

WORKFLOWS = ("custom_sampling", "two_stage_refine", "watch_diffusion")


class Quiet:
    """A context that tells nobody, of a run that nobody cancels."""

    def __init__(self):
        self.told = []

    def progress(self, done, total):
        self.told.append((done, total))

    def check_cancelled(self):
        pass

    def preview(self, data, mime=""):
        pass

    def resolve(self, kind, name):
        raise FileNotFoundError(name)


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflow_runs(bench, name):
    ran = bench.run(template(name))
    assert ran.finished.status == "succeeded", ran.finished.problems
    (picture,) = (each for each in ran.names if each.startswith("Tessera"))
    assert bench.picture(picture).shape == (128, 128, 3)


def test_watching_shows_every_step(bench):
    ran = bench.run(changed(template("watch_diffusion"), levels={"steps": 5}, forward={"frames": 4}))
    frames = {}
    for name in ran.names:
        if name.endswith(".webp"):
            path = bench.folders.resolve("output", name)
            with Image.open(path) as image:
                frames[name] = [np.asarray(each.convert("RGB")) for each in ImageSequence.Iterator(image)]
            assert json.loads(read_texts(path.read_bytes())["tessera"])["title"] == "Watch diffusion"
    assert {name: len(each) for name, each in frames.items()} == {
        "watch/believed_00001_.webp": 5, "watch/noisy_00001_.webp": 5, "watch/forward_00001_.webp": 4,
    }  # fmt: skip
    (result,) = (bench.picture(name) for name in ran.names if name.startswith("Tessera"))
    # The last step goes to none: what is left is what was believed, and the result.
    assert np.array_equal(frames["watch/believed_00001_.webp"][-1], result)
    assert np.array_equal(frames["watch/noisy_00001_.webp"][-1], result)
    assert ("capture", 5, 5) in ran.progress and ran.previews


def test_workflow_of_parts_is_the_picture_of_ksampler(bench):
    whole = changed(template("text_to_image"), sampler={"steps": 4, "sampler_name": "euler", "seed": 3})
    parts = changed(template("watch_diffusion"), levels={"steps": 4}, noise={"noise_seed": 3})
    for each in parts["nodes"]:
        each["mode"] = "muted" if each["id"] in ("believed", "noisy", "forwards", "curves") else "active"
    ours, theirs = (bench.picture(bench.run(document).names[-1]) for document in (parts, whole))
    assert np.array_equal(ours, theirs)


def test_changed_levels_of_the_second_stage_leave_the_first(bench):
    document = template("two_stage_refine")
    bench.run(document)
    ran = bench.run(changed(document, calm={"sampler_name": "euler"}))
    assert ran.did_run == {"calm", "second", "decode", "save"}


def sampled(model, *, levels, sampler="euler", latent=None, guider=None, choice=None, context=None):
    """Both outputs of SamplerCustomAdvanced."""
    from diffusion.values import Latent

    latent = latent or Latent(torch.zeros(1, 4, 8, 8))
    guider = guider or guiders.cfg_guider(model, (random_cond(1),), (random_cond(2),), 1.0)
    sampler = samplers.k_sampler_select(sampler) if isinstance(sampler, str) else sampler
    choice = choice or noise.random_noise(3)
    return custom_sampling.sampler_custom_advanced(
        context or Quiet(), choice, guider, sampler, levels, latent
    )


ALL_SAMPLERS = {
    "euler_ancestral": samplers.sampler_euler_ancestral(2.0, 0.5),
    "euler_ancestral_cfg_pp": samplers.sampler_euler_ancestral_cfg_pp(),
    "euler_cfg_pp": samplers.sampler_euler_cfg_pp("regular"),
    "euler_cfg_pp alternative": samplers.sampler_euler_cfg_pp("alternative"),
    "2m_sde": samplers.sampler_dpmpp_2m_sde("midpoint", 0.0),
    "2m_sde heun": samplers.sampler_dpmpp_2m_sde("heun", 3.0),
    "2s_ancestral": samplers.sampler_dpmpp_2s_ancestral(2.0),
    "3m_sde": samplers.sampler_dpmpp_3m_sde(2.0),
    "dpmpp_sde": samplers.sampler_dpmpp_sde(100.0, 1.0, 0.3),
    "adaptive": samplers.sampler_dpm_adaptive(2, eta=0.5),
    "lms": samplers.sampler_lms(100),
    "er_sde": samplers.sampler_er_sde("ER-SDE", 2),
    "er_sde ode": samplers.sampler_er_sde("ODE"),
    "er_sde reverse": samplers.sampler_er_sde("Reverse-time SDE", eta=0.5),
    "sa_solver": samplers.sampler_sa_solver(tiny_model(), use_pece=True, simple_order_2=True),
    "sa_solver plain": samplers.sampler_sa_solver(tiny_model(), predictor_order=1, corrector_order=0),
}


@pytest.mark.parametrize("name", ALL_SAMPLERS)
def test_every_sampler_with_options_makes_a_picture(model, name):
    levels = sigmas.basic_scheduler(model, "karras", 6)
    guider = guiders.cfg_guider(model, (random_cond(1),), (random_cond(2),), 2.0)
    output, believed = sampled(model, levels=levels, sampler=ALL_SAMPLERS[name], guider=guider)
    assert output.samples.isfinite().all() and output.samples.std() > 0.1
    own_end = name in ("adaptive", "euler_cfg_pp alternative")
    assert torch.equal(output.samples, believed.samples) != own_end


def test_options_change_the_picture(model):
    levels = sigmas.basic_scheduler(model, "karras", 6)
    guider = guiders.cfg_guider(model, (random_cond(1),), (random_cond(2),), 2.0)
    pictures = [
        sampled(model, levels=levels, sampler=each, guider=guider)[0].samples
        for each in ALL_SAMPLERS.values()
    ]
    assert not any(torch.equal(a, b) for i, a in enumerate(pictures) for b in pictures[:i])


def test_custom_sampling_is_the_advanced_one_with_its_own_seed(model):
    from diffusion.values import Latent

    levels, latent = sigmas.karras_scheduler(5), Latent(random_latent(5, 2, 4, 8, 8))
    sides = ((random_cond(1),), (random_cond(2),))
    choice = samplers.k_sampler_select("euler_ancestral")
    for add_noise, source in ((True, noise.random_noise(3)), (False, noise.disable_noise())):
        ours = custom_sampling.sampler_custom(
            Quiet(), model, add_noise=add_noise, noise_seed=3 if add_noise else 0, cfg=2.0, positive=sides[0],
            negative=sides[1], sampler=choice, sigmas=levels, latent_image=latent,
        )  # fmt: skip
        guider = guiders.cfg_guider(model, *sides, 2.0)
        theirs = sampled(model, levels=levels, sampler=choice, latent=latent, guider=guider, choice=source)
        assert all(torch.equal(a.samples, b.samples) for a, b in zip(ours, theirs, strict=True))


def test_guiders_agree_where_they_mean_the_same(model):
    a, b, c = ((random_cond(seed),) for seed in (1, 2, 3))
    levels = sigmas.karras_scheduler(4)

    def picture(guider):
        return sampled(model, levels=levels, guider=guider)[0].samples

    basic, alone = guiders.basic_guider(model, a), guiders.cfg_guider(model, a, b, 1.0)
    assert torch.equal(picture(basic), picture(alone))
    dual = guiders.dual_cfg_guider(model, a, a, b, 5.0, 3.0, "regular")
    nested = guiders.dual_cfg_guider(model, a, c, b, 1.0, 3.0, "nested")
    plain = picture(guiders.cfg_guider(model, a, b, 3.0))
    torch.testing.assert_close(picture(dual), plain, rtol=0, atol=2e-4)
    torch.testing.assert_close(picture(nested), plain, rtol=0, atol=2e-4)


@pytest.mark.parametrize(("cfg", "rows"), [(1.0, 1), (0.0, 2), (4.0, 2)])
def test_guidance_of_one_asks_once_a_step(model, cfg, rows):
    model.network.calls = []
    guider = guiders.cfg_guider(model, (random_cond(1),), (random_cond(2),), cfg)
    context = Quiet()
    sampled(model, levels=sigmas.karras_scheduler(6), guider=guider, context=context)
    assert model.network.calls == [rows] * 6
    assert context.told == [(done, 6) for done in range(1, 7)]


def test_guidance_of_none_is_the_negative_prompt(model):
    a, b = (random_cond(1),), (random_cond(2),)
    levels = sigmas.karras_scheduler(4)
    none = sampled(model, levels=levels, guider=guiders.cfg_guider(model, a, b, 0.0))[0].samples
    away = sampled(model, levels=levels, guider=guiders.basic_guider(model, b))[0].samples
    torch.testing.assert_close(none, away, rtol=0, atol=2e-4)


@pytest.mark.parametrize("levels", [(), (5.0,), (0.0,), (5.0, 5.0)])
def test_no_steps_leave_the_latent(model, levels):
    from diffusion.values import Latent

    latent = Latent(random_latent(5, 1, 4, 8, 8))
    output, believed = sampled(model, levels=levels, latent=latent)
    assert output is latent and believed is latent
    step_output, *steps = custom_sampling.step_capture(
        Quiet(), noise.random_noise(1), guiders.basic_guider(model, (random_cond(1),)),
        samplers.k_sampler_select("euler"), levels, latent,
    )  # fmt: skip
    assert step_output is latent and steps == [latent, latent]


def test_denoising_of_none_has_no_levels(model):
    assert sigmas.basic_scheduler(model, "karras", 20, 0.0) == ()
    assert sigmas.align_your_steps_scheduler("SD1", 10, 0.0) == ()


@pytest.mark.parametrize("size", [(3, 5), (4, 6), (9, 7)])
def test_sizes_that_do_not_divide_are_sampled(model, size):
    from diffusion.values import Latent

    output, _ = sampled(model, levels=sigmas.karras_scheduler(3), latent=Latent(torch.zeros(1, 4, *size)))
    assert output.samples.shape == (1, 4, *size) and output.samples.isfinite().all()


@pytest.mark.parametrize(
    ("levels", "sampler", "message"),
    [
        ((5.0, float("nan"), 0.0), "euler", "level 1 is nan"),
        ((5.0, -1.0), "euler", "level 1 is -1"),
        ((5.0, 0.0, 1.0), "euler", "level 1 of 3 is 0"),
        ((1.0, 5.0, 0.0), "dpmpp_2m_sde", "can only fall"),
        ((1.0, 5.0, 0.0), "uni_pc", "can only fall"),
    ],
)
def test_levels_that_lead_nowhere_are_a_problem_of_their_input(model, levels, sampler, message):
    from graph import NodeError

    with pytest.raises(NodeError, match=message) as refused:
        sampled(model, levels=levels, sampler=sampler)
    assert (refused.value.input, refused.value.code) == ("sigmas", "unsuitable") and refused.value.remedy


@pytest.mark.parametrize("sampler", ["euler", "heun", "dpmpp_2m"])
def test_levels_that_rise_lead_to_noise_and_back(model, sampler):
    """Unsampling: the picture's own noise leads to the picture again, as far as the steps are small."""
    from diffusion.values import Latent

    latent = Latent(random_latent(5, 1, 4, 8, 8) * 0.5)
    down = sigmas.set_first_sigma(sigmas.karras_scheduler(60, 1.0), 1.0)
    guided = {"sampler": sampler, "choice": noise.disable_noise()}
    noisy, _ = sampled(model, levels=sigmas.flip_sigmas(down), latent=latent, **guided)
    back, _ = sampled(model, levels=down, latent=noisy, **guided)
    moved = (noisy.samples - latent.samples).abs().mean()
    assert (back.samples - latent.samples).abs().mean() < 0.1 * moved


def test_prompt_of_another_model_blames_the_guider(model):
    from dataclasses import replace

    from graph import NodeError

    wide = replace(random_cond(1), tensor=torch.zeros(1, 77, 1024))
    with pytest.raises(NodeError, match="1024 numbers") as refused:
        sampled(model, levels=(5.0, 0.0), guider=guiders.basic_guider(model, (wide,)))
    assert refused.value.input == "guider"


def test_adaptive_steps_that_find_no_way_say_so(model):
    from graph import NodeError

    for options in ({"h_init": 0.0}, {"accept_safety": 5.0}, {"rtol": 0.0, "atol": 0.0}):
        with pytest.raises(NodeError) as refused:
            sampled(model, levels=(5.0, 1.0, 0.0), sampler=samplers.sampler_dpm_adaptive(**options))
        assert refused.value.remedy
    with pytest.raises(NodeError, match="r is 0"):
        samplers.sampler_dpmpp_sde(r=0)


def test_batch_seed_behaviour_gives_all_one_noise_or_each_its_own(model):
    from diffusion.values import Latent

    latent = Latent(torch.zeros(3, 4, 8, 8), batch_index=(4, 2, 0))
    fixed = noise.latent_batch_seed_behavior(latent, "fixed")
    own = noise.latent_batch_seed_behavior(fixed, "random")
    assert (fixed.batch_index, own.batch_index) == ((4, 4, 4), None)
    assert latent.batch_index == (4, 2, 0)


def test_steps_kept_are_those_of_the_way(model):
    from diffusion.values import Latent

    levels = sigmas.karras_scheduler(5)
    guider, choice = guiders.basic_guider(model, (random_cond(1),)), noise.random_noise(1)
    euler, latent = samplers.k_sampler_select("euler"), Latent(torch.zeros(2, 4, 8, 8))
    output, believed, noisy = custom_sampling.step_capture(
        Quiet(), choice, guider, euler, levels, latent, every_n=2
    )
    assert believed.samples.shape == noisy.samples.shape == (6, 4, 8, 8)
    assert torch.equal(noisy.samples[[2, 5]], output.samples)
    for k in (0, 2):
        part, seen = sampled(model, levels=levels[: k + 2], guider=guider, choice=choice, latent=latent)
        scaled = part.samples / (levels[k + 1] ** 2 + 1) ** 0.5
        torch.testing.assert_close(noisy.samples[[k // 2, 3 + k // 2]], scaled)
        torch.testing.assert_close(believed.samples[[k // 2, 3 + k // 2]], seen.samples)


def test_model_nodes_make_other_models_and_keep_the_given(model):
    from diffusion.sampling.steering import RescaleCfg

    v = model_sampling.model_sampling_discrete(model, "v_prediction", True)
    assert (v.prediction, v.schedule.sigma_max > 4000, model.prediction) == ("v", True, "eps")
    rescaled = model_sampling.rescale_cfg(model, 0.5)
    assert rescaled.steerings == (RescaleCfg(0.5),) and model.steerings == ()
    levels = sigmas.basic_scheduler(v, "karras", 3)
    assert levels[0] == pytest.approx(v.schedule.sigma_max)


def test_percent_and_split_nodes_answer(model):
    assert sigmas.sampling_percent_to_sigma(model, 0.5) == model.schedule.sigma(499.5)
    assert sigmas.split_sigmas((3.0, 2.0, 0.0), 1) == ((3.0, 2.0), (2.0, 0.0))
    assert sampling.followed(Quiet(), model, iter(())) is None
