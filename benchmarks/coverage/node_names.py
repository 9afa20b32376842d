"""Ids of nodes that belong together, where a row of the table has many."""

SCHEDULERS = (
    *("BasicScheduler", "KarrasScheduler", "ExponentialScheduler", "PolyexponentialScheduler"),
    *(
        "VPScheduler",
        "BetaSamplingScheduler",
        "LaplaceScheduler",
        "SDTurboScheduler",
        "AlignYourStepsScheduler",
    ),
)
SAMPLER_NODES = (
    *(
        "KSamplerSelect",
        "SamplerEulerAncestral",
        "SamplerEulerAncestralCFGPP",
        "SamplerEulerCFGpp",
        "SamplerLMS",
    ),
    *("SamplerDPMAdaptative", "SamplerDPMPP_2S_Ancestral", "SamplerDPMPP_SDE", "SamplerDPMPP_2M_SDE"),
    *("SamplerDPMPP_3M_SDE", "SamplerER_SDE", "SamplerSASolver"),
)
SIGMAS = (
    *("SplitSigmas", "SplitSigmasDenoise", "FlipSigmas", "SetFirstSigma", "ExtendIntermediateSigmas"),
    "SamplingPercentToSigma",
)
MASKS = (
    *("ImagePadForOutpaint", "GrowMask", "FeatherMask", "MaskComposite", "LoadImageMask", "SolidMask"),
    *("ThresholdMask", "CropMask", "ImageToMask", "MaskToImage", "ImageCompositeMasked", "MaskBounds"),
    "MaskPreview",
)
OPERATIONS = (
    *("LatentApplyOperation", "LatentApplyOperationCFG", "LatentOperationSharpen"),
    "LatentOperationTonemapReinhard",
)
ATTENTION = ("UNetSelfAttentionMultiply", "UNetCrossAttentionMultiply", "CLIPAttentionMultiply")
IMAGES = (
    *(
        "LoadImage",
        "LoadImageOutput",
        "SaveImage",
        "PreviewImage",
        "EmptyImage",
        "ImageScale",
        "ImageScaleBy",
    ),
    *("ImageScaleToTotalPixels", "ImageScaleToMaxDimension", "ResizeAndPadImage", "ImageCrop", "ImageFlip"),
    *("ImageRotate", "ImageStitch", "ImageInvert", "ImageBatch", "ImageFromBatch", "RepeatImageBatch"),
    *("ImageBlend", "ImageBlur", "ImageSharpen", "ImageQuantize", "ImageAddNoise", "Morphology"),
    *("ImageRGBToYUV", "ImageYUVToRGB", "ImageColorToMask", "InvertMask", "JoinImageWithAlpha"),
    *("SplitImageWithAlpha", "PorterDuffImageComposite", "GetImageSize", "SaveImageWebsocket"),
)
LATENTS = (
    *("LoadLatent", "SaveLatent", "EmptyLatentImage", "LatentUpscale", "LatentUpscaleBy", "LatentCrop"),
    *("LatentFlip", "LatentRotate", "LatentConcat", "LatentCut", "LatentComposite", "LatentCompositeMasked"),
    *("LatentBlend", "LatentAdd", "LatentSubtract", "LatentMultiply", "LatentInterpolate", "LatentBatch"),
    *("LatentFromBatch", "RepeatLatentBatch"),
)
VALUES = (
    *("PrimitiveInt", "PrimitiveFloat", "PrimitiveBoolean", "PrimitiveString", "PrimitiveStringMultiline"),
    *("PrimitiveSeed", "PreviewAny", "LazySwitch", "LazyIndexSwitch", "StringConcatenate", "StringSubstring"),
    *("StringLength", "StringTrim", "StringReplace", "StringContains", "StringCompare", "CaseConverter"),
    *("RegexMatch", "RegexExtract", "RegexReplace"),
)
