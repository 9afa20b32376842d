"""Nodes whose outputs keep all that is known of one input."""

from graph import Inferred, Seen, facts_of
from nodes.facts.ranges import check_range

PASSED = {
    # changed models are of the same kind
    "FreeU": {"MODEL": "model"},
    "FreeU_V2": {"MODEL": "model"},
    "HyperTile": {"MODEL": "model"},
    "TomePatchModel": {"MODEL": "model"},
    "PatchModelAddDownscale": {"MODEL": "model"},
    "HypernetworkLoader": {"MODEL": "model"},
    "UNetSelfAttentionMultiply": {"MODEL": "model"},
    "UNetCrossAttentionMultiply": {"MODEL": "model"},
    "RescaleCFG": {"MODEL": "model"},
    "PerturbedAttentionGuidance": {"MODEL": "model"},
    "SelfAttentionGuidance": {"MODEL": "model"},
    "PerpNeg": {"MODEL": "model"},
    "Mahiro": {"patched_model": "model"},
    "APG": {"MODEL": "model"},
    "RenormCFG": {"MODEL": "model"},
    "FreSca": {"MODEL": "model"},
    "Epsilon Scaling": {"MODEL": "model"},
    "GuidanceInterval": {"MODEL": "model"},
    "GuidanceCurve": {"MODEL": "model"},
    "LatentApplyOperationCFG": {"MODEL": "model"},
    "DifferentialDiffusion": {"MODEL": "model"},
    "ClassifierGuidance": {"MODEL": "model"},
    "CLIPSetLastLayer": {"CLIP": "clip"},
    "CLIPAttentionMultiply": {"CLIP": "clip"},
    # pictures of the same size
    "ImageInvert": {"IMAGE": "image"},
    "ImageBlur": {"IMAGE": "image"},
    "ImageSharpen": {"IMAGE": "image"},
    "ImageCurves": {"IMAGE": "image"},
    "ImageQuantize": {"IMAGE": "image"},
    "ImageFlip": {"IMAGE": "image"},
    "ImageAddNoise": {"IMAGE": "image"},
    "Morphology": {"IMAGE": "image"},
    "InvertMask": {"MASK": "mask"},
    "GrowMask": {"MASK": "mask"},
    "FeatherMask": {"MASK": "mask"},
    "ThresholdMask": {"MASK": "mask"},
    # latents of the same size
    "LatentFlip": {"LATENT": "samples"},
    "LatentMultiply": {"LATENT": "samples"},
    "LatentApplyOperation": {"LATENT": "samples"},
    "LatentBatchSeedBehavior": {"LATENT": "samples"},
    "AddNoise": {"LATENT": "latent_image"},
    "LatentBlend": {"LATENT": "samples1"},
    "LatentAdd": {"LATENT": "samples1"},
    "LatentSubtract": {"LATENT": "samples1"},
    "LatentInterpolate": {"LATENT": "samples1"},
    "LatentComposite": {"LATENT": "samples_to"},
    "LatentCompositeMasked": {"LATENT": "destination"},
    # what steers, with something more
    "ControlNetWeights": {"CONTROL_NET": "control_net"},
    "ConditioningSetArea": {"CONDITIONING": "conditioning"},
    "ConditioningSetAreaPercentage": {"CONDITIONING": "conditioning"},
    "ConditioningSetAreaStrength": {"CONDITIONING": "conditioning"},
    "ConditioningSetMask": {"CONDITIONING": "conditioning"},
    "ConditioningSetTimestepRange": {"CONDITIONING": "conditioning"},
    "ConditioningZeroOut": {"CONDITIONING": "conditioning"},
}
"""By node type and output, the input whose facts the output has."""


@facts_of(*PASSED)
def passed(seen: Seen) -> Inferred:
    """Everything that is known stays so; a digest, too: it is that of the file the weights came from."""
    outputs = {output: seen.facts(name) for output, name in PASSED[seen.type_id].items()}
    return Inferred(outputs, tuple(check_range(seen)))
