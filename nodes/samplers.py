"""Nodes that choose a sampler and set its options: the algorithm that goes from noise to picture."""

from typing import Annotated, Literal

from graph import NodeError, Range, node
from nodes.sampling import SamplerName
from nodes.types import Model, Sampler

CATEGORY = "sampling/custom_sampling/samplers"
Eta = Annotated[float, Range(0, 100, 0.01), "how much noise every step adds; 0 adds none"]
NoiseScale = Annotated[float, Range(0, 100, 0.01), "what the noise of the steps is multiplied by"]
Positive = Annotated[float, Range(0, 100, 0.01)]
Tolerance = Annotated[float, Range(0, 100, 0.01), "how much two solutions may differ"]
NoiseDevice = Annotated[Literal["gpu", "cpu"], "noise is always drawn on the host: both are the same"]
Part = Annotated[float, Range(0, 1, 0.001), "as a part of the way from noise to picture"]


@node(id="KSamplerSelect", title="KSamplerSelect", category=CATEGORY, search=("algorithm",))
def k_sampler_select(sampler_name: SamplerName = "euler") -> Sampler:
    """Choose a sampler by name."""
    from diffusion.sampling.run import SamplerChoice

    return SamplerChoice.of(sampler_name)


@node(id="SamplerEulerAncestral", title="SamplerEulerAncestral", category=CATEGORY, search=("euler a",))
def sampler_euler_ancestral(eta: Eta = 1.0, s_noise: NoiseScale = 1.0) -> Sampler:
    """Euler to below the next level, then noise up to it."""
    from diffusion.sampling.run import SamplerChoice

    return SamplerChoice.of("euler_ancestral", noise_scale=s_noise, eta=eta)


@node(
    id="SamplerEulerAncestralCFGPP",
    title="SamplerEulerAncestralCFG++",
    category=CATEGORY,
    search=("euler a", "cfg pp"),
)
def sampler_euler_ancestral_cfg_pp(
    eta: Annotated[float, Range(0, 1, 0.01), "how much noise every step adds; 0 adds none"] = 1.0,
    s_noise: Annotated[float, Range(0, 10, 0.01), "what the noise of the steps is multiplied by"] = 1.0,
) -> Sampler:
    """Euler ancestral that judges noise by the negative side; give it a cfg of 1 to 2."""
    from diffusion.sampling.run import SamplerChoice

    return SamplerChoice.of("euler_ancestral_cfg_pp", noise_scale=s_noise, eta=eta)


@node(id="SamplerEulerCFGpp", title="SamplerEulerCFG++", category="_for_testing", search=("cfg pp",))
def sampler_euler_cfg_pp(
    version: Annotated[Literal["regular", "alternative"], "the alternative is plain Euler"] = "regular",
) -> Sampler:
    """Euler that judges noise by the negative side; give it a cfg of 1 to 2."""
    from diffusion.sampling.run import SamplerChoice

    return SamplerChoice.of("euler_cfg_pp", alternative=version == "alternative")


@node(id="SamplerDPMPP_2M_SDE", title="SamplerDPMPP_2M_SDE", category=CATEGORY, search=("dpm++",))
def sampler_dpmpp_2m_sde(
    solver_type: Annotated[Literal["midpoint", "heun"], "how the step before corrects this one"] = "midpoint",
    eta: Eta = 1.0,
    s_noise: NoiseScale = 1.0,
    noise_device: NoiseDevice = "gpu",
) -> Sampler:
    """DPM-Solver++ (2M) with noise in every step."""
    from diffusion.sampling.run import SamplerChoice

    return SamplerChoice.of("dpmpp_2m_sde", noise_scale=s_noise, eta=eta, heun=solver_type == "heun")


@node(id="SamplerDPMPP_2S_Ancestral", title="SamplerDPMPP_2S_Ancestral", category=CATEGORY, search=("dpm++",))
def sampler_dpmpp_2s_ancestral(eta: Eta = 1.0, s_noise: NoiseScale = 1.0) -> Sampler:
    """DPM-Solver++ (2S) to below the next level, then noise up to it: two calls a step."""
    from diffusion.sampling.run import SamplerChoice

    return SamplerChoice.of("dpmpp_2s_ancestral", noise_scale=s_noise, eta=eta)


@node(id="SamplerDPMPP_3M_SDE", title="SamplerDPMPP_3M_SDE", category=CATEGORY, search=("dpm++",))
def sampler_dpmpp_3m_sde(
    eta: Eta = 1.0, s_noise: NoiseScale = 1.0, noise_device: NoiseDevice = "gpu"
) -> Sampler:
    """DPM-Solver++ (3M) with noise in every step: for many steps."""
    from diffusion.sampling.run import SamplerChoice

    return SamplerChoice.of("dpmpp_3m_sde", noise_scale=s_noise, eta=eta)


@node(id="SamplerDPMPP_SDE", title="SamplerDPMPP_SDE", category=CATEGORY, search=("dpm++",))
def sampler_dpmpp_sde(
    eta: Eta = 1.0,
    s_noise: NoiseScale = 1.0,
    r: Annotated[float, Range(0, 100, 0.01), "where a step looks ahead: 0.5 is its middle"] = 0.5,
    noise_device: NoiseDevice = "gpu",
) -> Sampler:
    """DPM-Solver++ with noise in every step, and a look at its middle: two calls a step."""
    from diffusion.sampling.run import SamplerChoice

    if r == 0:
        raise NodeError("r is 0, expected above 0", code="unsuitable", input="r", remedy="Give r 0.5.")
    return SamplerChoice.of("dpmpp_sde", noise_scale=s_noise, eta=eta, r=r)


@node(id="SamplerDPMAdaptative", title="SamplerDPMAdaptative", category=CATEGORY, search=("adaptive",))
def sampler_dpm_adaptive(
    order: Annotated[int, Range(2, 3)] = 3,
    rtol: Tolerance = 0.05,
    atol: Tolerance = 0.0078,
    h_init: Annotated[float, Range(0, 100, 0.01), "the first step, in the logarithm of the level"] = 0.05,
    pcoeff: Positive = 0.0,
    icoeff: Positive = 1.0,
    dcoeff: Positive = 0.0,
    accept_safety: Annotated[float, Range(0, 100, 0.01), "below 1; higher accepts fewer steps"] = 0.81,
    eta: Eta = 0.0,
    s_noise: NoiseScale = 1.0,
) -> Sampler:
    """DPM-Solver that chooses its own steps for the whole batch, as long as two solutions agree."""
    from diffusion.sampling.run import SamplerChoice

    accuracy = {"order": order, "rtol": rtol, "atol": atol, "h_init": h_init}
    control = {"pcoeff": pcoeff, "icoeff": icoeff, "dcoeff": dcoeff, "accept_safety": accept_safety}
    return SamplerChoice.of("dpm_adaptive", noise_scale=s_noise, **accuracy, **control, eta=eta)


@node(id="SamplerLMS", title="SamplerLMS", category=CATEGORY, search=("linear multistep",))
def sampler_lms(order: Annotated[int, Range(1, 100), "how many steps it looks back"] = 4) -> Sampler:
    """Linear multistep: one call a step, and its order from the steps before."""
    from diffusion.sampling.run import SamplerChoice

    return SamplerChoice.of("lms", order=order)


@node(id="SamplerER_SDE", title="SamplerER_SDE", category=CATEGORY, search=("extended reverse-time",))
def sampler_er_sde(
    solver_type: Annotated[
        Literal["ER-SDE", "Reverse-time SDE", "ODE"], "how much noise it adds at which level"
    ] = "ER-SDE",
    max_stage: Annotated[int, Range(1, 3), "its order"] = 3,
    eta: Annotated[float, Range(0, 100, 0.01), "of the reverse-time equation: 0 adds no noise"] = 1.0,
    s_noise: NoiseScale = 1.0,
) -> Sampler:
    """The extended reverse-time equation, up to third order."""
    from diffusion.sampling.run import SamplerChoice

    if solver_type == "ER-SDE":
        return SamplerChoice.of("er_sde", noise_scale=s_noise, order=max_stage)
    power = 1.0 if solver_type == "ODE" else eta + 1
    return SamplerChoice.of("er_sde", noise_scale=s_noise, order=max_stage, power=power)


@node(id="SamplerSASolver", title="SamplerSASolver", category=CATEGORY, search=("stochastic adams",))
def sampler_sa_solver(
    model: Annotated[Model, "whose levels the parts of the way are"],
    eta: Annotated[float, Range(0, 10, 0.01), "how much noise it adds"] = 1.0,
    sde_start_percent: Part = 0.2,
    sde_end_percent: Part = 0.8,
    s_noise: NoiseScale = 1.0,
    predictor_order: Annotated[int, Range(1, 6)] = 3,
    corrector_order: Annotated[int, Range(0, 6), "0 does not correct"] = 4,
    use_pece: Annotated[bool, "ask a second time after correcting"] = False,
    simple_order_2: Annotated[bool, "the authors' simple weights at order 2"] = False,
) -> Sampler:
    """Stochastic Adams: predict, ask, correct, with noise on a part of the way."""
    from diffusion.sampling.run import SamplerChoice
    from diffusion.sampling.sigmas import level_at

    below, above = (
        level_at(model.schedule, part, exact=False) for part in (sde_start_percent, sde_end_percent)
    )
    orders = {"predictor_order": predictor_order, "corrector_order": corrector_order}
    ways = {"again": use_pece, "simple": simple_order_2, "noisy_below": below, "noisy_above": above}
    return SamplerChoice.of("sa_solver", noise_scale=s_noise, eta=eta, **orders, **ways)
