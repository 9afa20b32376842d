"""Every sampler by its name."""

from diffusion.sampling import cfg_pp, dpm_solver, heun, k_diffusion, multistep, stochastic
from diffusion.sampling.steps import Denoise, Noise, Sampler, SidedDenoise, Step

__all__ = ["BROWNIAN", "DROP_SECOND_LAST", "RISING", "SAMPLERS", "SIDED"]
__all__ += ["Denoise", "Noise", "Sampler", "SidedDenoise", "Step"]

# By ComfyUI's names. Its `_gpu` variants differ only in where noise is drawn, which here is one place.
SAMPLERS: dict[str, Sampler] = {
    "euler": k_diffusion.sample_euler,
    "euler_cfg_pp": cfg_pp.sample_euler_cfg_pp,
    "euler_ancestral": k_diffusion.sample_euler_ancestral,
    "euler_ancestral_cfg_pp": cfg_pp.sample_euler_ancestral_cfg_pp,
    "heun": k_diffusion.sample_heun,
    "heunpp2": heun.sample_heunpp2,
    "dpm_2": k_diffusion.sample_dpm_2,
    "dpm_2_ancestral": k_diffusion.sample_dpm_2_ancestral,
    "lms": k_diffusion.sample_lms,
    "dpm_fast": dpm_solver.sample_dpm_fast,
    "dpm_adaptive": dpm_solver.sample_dpm_adaptive,
    "dpmpp_2s_ancestral": k_diffusion.sample_dpmpp_2s_ancestral,
    "dpmpp_2s_ancestral_cfg_pp": cfg_pp.sample_dpmpp_2s_ancestral_cfg_pp,
    "dpmpp_sde": k_diffusion.sample_dpmpp_sde,
    "dpmpp_sde_gpu": k_diffusion.sample_dpmpp_sde,
    "dpmpp_2m": k_diffusion.sample_dpmpp_2m,
    "dpmpp_2m_cfg_pp": cfg_pp.sample_dpmpp_2m_cfg_pp,
    "dpmpp_2m_sde": k_diffusion.sample_dpmpp_2m_sde,
    "dpmpp_2m_sde_gpu": k_diffusion.sample_dpmpp_2m_sde,
    "dpmpp_2m_sde_heun": k_diffusion.sample_dpmpp_2m_sde_heun,
    "dpmpp_2m_sde_heun_gpu": k_diffusion.sample_dpmpp_2m_sde_heun,
    "dpmpp_3m_sde": k_diffusion.sample_dpmpp_3m_sde,
    "dpmpp_3m_sde_gpu": k_diffusion.sample_dpmpp_3m_sde,
    # Ancestral sampling of arXiv 2006.11239 in this form is Euler ancestral with eta 1; the goldens agree.
    "ddpm": k_diffusion.sample_euler_ancestral,
    "lcm": k_diffusion.sample_lcm,
    "ipndm": multistep.sample_ipndm,
    "ipndm_v": multistep.sample_ipndm_v,
    "deis": multistep.sample_deis,
    "res_multistep": multistep.sample_res_multistep,
    "res_multistep_cfg_pp": cfg_pp.sample_res_multistep_cfg_pp,
    "res_multistep_ancestral": multistep.sample_res_multistep_ancestral,
    "res_multistep_ancestral_cfg_pp": cfg_pp.sample_res_multistep_ancestral_cfg_pp,
    "gradient_estimation": multistep.sample_gradient_estimation,
    "gradient_estimation_cfg_pp": cfg_pp.sample_gradient_estimation_cfg_pp,
    "er_sde": stochastic.sample_er_sde,
    "seeds_2": stochastic.sample_seeds_2,
    "seeds_3": stochastic.sample_seeds_3,
    "sa_solver": stochastic.sample_sa_solver,
    "sa_solver_pece": stochastic.sample_sa_solver_pece,
    "ddim": k_diffusion.sample_euler,
    "uni_pc": multistep.sample_uni_pc,
    "uni_pc_bh2": multistep.sample_uni_pc_bh2,
    "plms": multistep.sample_plms,
    "restart": heun.sample_restart,
}

# Samplers that look between two levels: their schedules leave out the last level but one (facts: section 9).
DROP_SECOND_LAST = {"dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"}
# Samplers for the stochastic equation, whose noise comes from one path over all levels, as in k-diffusion.
BROWNIAN = {
    *("dpmpp_sde", "dpmpp_sde_gpu", "dpmpp_2m_sde", "dpmpp_2m_sde_gpu", "dpmpp_2m_sde_heun"),
    *("dpmpp_2m_sde_heun_gpu", "dpmpp_3m_sde", "dpmpp_3m_sde_gpu"),
}
# Samplers that may go from picture to noise, too.
RISING = {
    *("euler", "euler_cfg_pp", "ddim", "heun", "heunpp2", "dpm_2", "lms", "dpmpp_2m", "dpmpp_2m_cfg_pp"),
    *("ipndm", "ipndm_v", "deis", "res_multistep", "res_multistep_cfg_pp", "plms"),
}
# Samplers that ask for both sides of the guidance.
SIDED = {name for name in SAMPLERS if name.endswith("_cfg_pp")}
