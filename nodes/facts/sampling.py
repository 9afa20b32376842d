"""What samplers demand: conditioning and latents of the model's kind; and how to give it to them."""

from collections.abc import Iterator, Mapping, Sequence

from graph import Inferred, Seen, facts_of, known
from graph.infer import Facts
from graph.problems import Fix, Problem, add_link, add_node
from nodes.facts.models import made_for
from nodes.facts.ranges import check_range

Operation = Mapping[str, object]
NEEDS = {
    "inpaint": "It is for inpainting: give it the picture and mask with InpaintModelConditioning.",
    "depth": "It is a depth model: give it the picture's depth with DepthToImageConditioning.",
    "x4": "It is an upscaler: give it the small picture with SD_4XUpscale_Conditioning.",
    "instruct": "It is for editing: give it the picture with InstructPixToPixConditioning.",
    "base": "This conditioning is for an inpainting, depth or upscaling model: choose such a checkpoint.",
}
GIVES = {
    "inpaint": "a picture and a mask",
    "depth": "a depth map",
    "x4": "a small picture",
    "instruct": "a picture to edit",
    "base": "nothing but text",
}


@facts_of("KSampler", "KSamplerAdvanced", "SamplerCustom")
def sampled(seen: Seen) -> Inferred:
    """The latent keeps its size and becomes one of the model's."""
    model = seen.facts("model")
    problems = [*check_sides(seen, model, ("positive", "negative")), *check_latent(seen, model)]
    problems += check_range(seen)
    made = latent_of(seen.facts("latent_image"), model)
    names = ("output", "denoised_output") if seen.type_id == "SamplerCustom" else ("LATENT",)
    return Inferred(dict.fromkeys(names, made), problems)


@facts_of("CFGGuider", "BasicGuider", "PerpNegGuider", "DualCFGGuider")
def guided(seen: Seen) -> Inferred:
    """A guider is of its model's kind; `serves` is the kind that its first conditioning is for."""
    model = seen.facts("model")
    names = [name for name in SIDES if seen.link(name)]
    problems = list(check_sides(seen, model, names))
    serves = seen.facts(names[0]).get("role") if names else None
    guider = {name: model[name] for name in ("family", "role") if name in model}
    return Inferred({"GUIDER": known(**guider, serves=None if problems else serves)}, problems)


SIDES = ("positive", "conditioning", "cond1", "cond2", "negative", "empty_conditioning")
"""The inputs of guiders that take conditioning."""


@facts_of("SamplerCustomAdvanced", "StepCapture")
def sampled_by_guider(seen: Seen) -> Inferred:
    """The latent becomes one of the guider's model's; of its steps there are as many as the levels say."""
    guider = seen.facts("guider")
    problems = [*check_mask_given(seen, guider), *check_latent(seen, guider, "guider")]
    made = latent_of(seen.facts("latent_image"), guider)
    if seen.type_id == "SamplerCustomAdvanced":
        return Inferred({"output": made, "denoised_output": made}, problems)
    steps = {name: fact for name, fact in made.items() if name not in ("batch", "masked")}
    return Inferred({"output": made, "denoised_steps": steps, "noisy_steps": steps}, problems)


def check_mask_given(seen: Seen, guider: Facts) -> Iterator[Problem]:
    """Warn where an inpainting model is given neither conditioning of its own nor a mask on the latent."""
    latent = seen.facts("latent_image")
    if (guider.get("role"), guider.get("serves")) != ("inpaint", "base") or not latent or "masked" in latent:
        return
    yield seen.problem(
        "conditioning_mismatch",
        "guider",
        f"the model takes {GIVES['inpaint']} beside the latent, the conditioning has {GIVES['base']}",
        given="base",
        expected="inpaint",
        remedy=NEEDS["inpaint"],
        fixes=mask_fixes(seen),
        warning=True,
    )


def mask_fixes(seen: Seen) -> list[Fix]:
    """Mask the latent where a mask upstream says, or all of it: all that such a model needs."""
    latent, mask = seen.source("latent_image"), seen.output_above("latent_image", "MASK")
    if latent is None or not seen.has("SetLatentNoiseMask"):
        return []
    label = f"Paint where the mask of {mask[0]} is" if mask else "Paint everything, as from text alone"
    made: tuple[Operation, ...] = ()
    if mask is None:
        given = seen.facts("latent_image")
        mask = (seen.free_id("everything"), "MASK")
        size = {name: given[name] for name in ("width", "height") if name in given}
        made = (add_node(mask[0], "SolidMask", seen.id, **size),)
    name = seen.free_id("masked")
    links = (
        add_link(latent, name, "samples"),
        add_link(mask, name, "mask"),
        add_link((name, "LATENT"), seen.id, "latent_image"),
    )
    return [Fix(label, (add_node(name, "SetLatentNoiseMask", seen.id), *made, *links))]


def factor_for(model: Facts) -> int | None:
    """Pixels per latent pixel of the latents that a model makes."""
    return {"sd1": 8, "sd2": 8, "x4": 4}.get(str(model.get("family")))


def latent_of(latent: Facts, model: Facts) -> Facts:
    """The same latent pixels, as those of the model's VAE."""
    factor, before = factor_for(model), latent.get("factor", 8)
    if factor is None or not isinstance(before, int):
        return latent
    sides = {
        name: side // before * factor
        for name in ("width", "height")
        if isinstance(side := latent.get(name), int)
    }
    return {**latent, **sides, "factor": factor} if latent else latent


def check_sides(seen: Seen, model: Facts, names: Sequence[str]) -> Iterator[Problem]:
    """Conditioning as wide as the model reads it, with what the model needs beside the text."""
    context, role = model.get("context"), str(model.get("role"))
    for name in names:
        side = seen.facts(name)
        width = side.get("width")
        if None not in (width, context) and width != context:
            yield seen.problem(
                "encoder_mismatch",
                name,
                f"the prompt was encoded for {made_for(width)}, the model is of {made_for(context)}",
                given=width,
                expected=made_for(context),
                remedy="Encode the prompt with the CLIP of the model's checkpoint.",
                fixes=encode_again(seen, name, context),
            )
        elif "role" in side and role in NEEDS and not serves(seen, str(side["role"]), role):
            yield seen.problem(
                "conditioning_mismatch",
                name,
                f"the model takes {GIVES[role]} beside the latent, "
                f"the conditioning has {GIVES.get(str(side['role']), 'something else')}",
                given=side["role"],
                expected=role,
                remedy=NEEDS[role],
                fixes=inpaint_fixes(seen) if role == "inpaint" and side["role"] == "base" else (),
                warning=role == "inpaint" and side["role"] == "base",
            )


def serves(seen: Seen, given: str, role: str) -> bool:
    """Whether conditioning for one kind of model is enough for another.

    Where the latent has a mask, an inpainting model needs no conditioning of its own, and that for one serves
    a model that reads nothing but text. An editing model without a picture makes one from text.
    """
    latent = seen.facts("latent_image")
    masked = latent.get("masked") is True or not latent
    return (
        given == role
        or (masked and {given, role} == {"inpaint", "base"})
        or (given, role)
        == (
            "base",
            "instruct",
        )
    )


def encode_again(seen: Seen, name: str, context: object) -> list[Fix]:
    """Lead the CLIP that came with the model into every node that encodes for this side."""
    clip = seen.output_above("model", "CLIP", width=context)  # type: ignore[arg-type]  # a fact
    if clip is None:
        return []
    wrong = [
        (node, given)
        for node, given, facts in seen.inputs_above(name, "CLIP", giving="CONDITIONING")
        if facts.get("width") != context
    ]
    links = tuple(add_link(clip, node, given) for node, given in wrong)
    return [Fix(f"Encode with the CLIP of {clip[0]}", links)] if links else []


def inpaint_fixes(seen: Seen) -> list[Fix]:
    """Put InpaintModelConditioning before the sampler, with the picture that is there, or an empty one."""
    sides = [seen.source(name) for name in ("positive", "negative")]
    vae = seen.output_above("model", "VAE", factor=8)
    if None in sides or vae is None or not seen.has("InpaintModelConditioning"):
        return []
    name = seen.free_id("inpaint")
    picture = seen.output_above("latent_image", "IMAGE")
    mask = seen.output_above("latent_image", "MASK")
    made: tuple[Operation, ...] = ()
    label = f"Paint where the mask of {mask[0]} is" if mask else ""
    if not (picture and mask):
        label = "Paint everything, as from text alone"
        made, picture, mask = whole_picture(seen)
    links = (
        *(
            add_link(end, name, given)
            for given, end in zip(("positive", "negative"), sides, strict=True)
            if end
        ),
        add_link(vae, name, "vae"),
        add_link(picture, name, "pixels"),
        add_link(mask, name, "mask"),
        *(add_link((name, output), seen.id, output) for output in ("positive", "negative")),
        add_link((name, "latent"), seen.id, "latent_image"),
    )
    return [Fix(label, (add_node(name, "InpaintModelConditioning", seen.id), *made, *links))]


def whole_picture(seen: Seen) -> tuple[tuple[Operation, ...], tuple[str, str], tuple[str, str]]:
    """An empty picture of the latent's size, and a mask of all of it."""
    latent = seen.facts("latent_image")
    size = {name: latent[name] for name in ("width", "height") if name in latent}
    image, mask = seen.free_id("empty"), seen.free_id("everything")
    made = (add_node(image, "EmptyImage", seen.id, **size), add_node(mask, "SolidMask", seen.id, **size))
    return made, (image, "IMAGE"), (mask, "MASK")


def check_latent(seen: Seen, model: Facts, above: str = "model") -> Iterator[Problem]:
    """A latent of the model's VAE."""
    given, expected = seen.facts("latent_image").get("factor"), factor_for(model)
    if None in (given, expected) or given == expected:
        return
    vae = seen.output_above(above, "VAE", factor=expected)  # type: ignore[arg-type]  # not None here
    wrong = seen.inputs_above("latent_image", "VAE", giving="LATENT")
    links = tuple(add_link(vae, node, name) for node, name, _ in wrong) if vae else ()
    yield seen.problem(
        "vae_mismatch",
        "latent_image",
        f"the latent has {given} pixels of the picture in each of its own, the model's have {expected}",
        given=given,
        expected=f"a latent of a VAE of factor {expected}",
        remedy="Encode the picture with the VAE of the model's checkpoint.",
        fixes=[Fix(f"Encode with the VAE of {vae[0]}", links)] if vae and links else (),
    )
