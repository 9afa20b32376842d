// Which nodes people put at the other end of a wire, by its type, the likeliest first: counted in the templates, then
// filled up by hand. What is not named here is ranked by its sockets alone.

/** @type {Readonly<Record<string, string>>} */
const TAKERS = {
  MODEL: 'KSampler LoraLoader FreeU_V2 CFGGuider BasicScheduler KSamplerAdvanced RescaleCFG ModelSamplingDiscrete',
  CLIP: 'CLIPTextEncode LoraLoader CLIPSetLastLayer PromptEncodeA1111',
  VAE: 'VAEDecode VAEEncode VAEDecodeTiled VAEEncodeForInpaint InpaintModelConditioning',
  CONDITIONING: 'KSampler ControlNetApplyAdvanced ConditioningCombine ConditioningSetArea ConditioningSetMask CFGGuider ConditioningAverage KSamplerAdvanced',
  LATENT: 'VAEDecode KSampler LatentUpscaleBy LatentUpscale SetLatentNoiseMask KSamplerAdvanced VAEDecodeTiled',
  IMAGE: 'SaveImage PreviewImage ImageScale VAEEncode ImageScaleBy ImageUpscaleWithModel ControlNetApplyAdvanced Canny ImageCompositeMasked',
  MASK: 'SetLatentNoiseMask VAEEncodeForInpaint ImageCompositeMasked GrowMask FeatherMask InvertMask MaskToImage MaskPreview MaskComposite',
  CONTROL_NET: 'ControlNetApplyAdvanced ControlNetApply',
  UPSCALE_MODEL: 'ImageUpscaleWithModel',
  GUIDER: 'SamplerCustomAdvanced',
  SAMPLER: 'SamplerCustomAdvanced SamplerCustom',
  SIGMAS: 'SamplerCustomAdvanced SplitSigmas SamplerCustom FlipSigmas',
  NOISE: 'SamplerCustomAdvanced AddNoise',
  STRING: 'CLIPTextEncode StringConcatenate TextToLines PreviewAny',
}

/** @type {Readonly<Record<string, string>>} */
const GIVERS = {
  MODEL: 'CheckpointLoaderSimple LoraLoader FreeU_V2 RescaleCFG ModelSamplingDiscrete',
  CLIP: 'CheckpointLoaderSimple LoraLoader CLIPSetLastLayer CLIPLoader',
  VAE: 'CheckpointLoaderSimple VAELoader',
  CONDITIONING: 'CLIPTextEncode ControlNetApplyAdvanced ConditioningCombine PromptEncodeA1111 ConditioningSetArea',
  LATENT: 'EmptyLatentImage KSampler VAEEncode LatentUpscaleBy SetLatentNoiseMask VAEEncodeForInpaint',
  IMAGE: 'LoadImage VAEDecode ImageScale ImageScaleBy ImageUpscaleWithModel',
  MASK: 'LoadImageMask LoadImage SolidMask MaskComposite ImageColorToMask FeatherMask GrowMask',
  CONTROL_NET: 'ControlNetLoader',
  UPSCALE_MODEL: 'UpscaleModelLoader',
  GUIDER: 'CFGGuider BasicGuider DualCFGGuider',
  SAMPLER: 'KSamplerSelect',
  SIGMAS: 'BasicScheduler KarrasScheduler SplitSigmas',
  NOISE: 'RandomNoise DisableNoise',
  STRING: 'PrimitiveStringMultiline PrimitiveString StringConcatenate',
  INT: 'PrimitiveInt PrimitiveSeed GetImageSize',
  FLOAT: 'PrimitiveFloat PrimitiveInt',
  BOOLEAN: 'PrimitiveBoolean',
}

/** What stands at the other end of a wire, the likeliest first. @param {'output' | 'input'} kind where the wire hangs @param {string} type @returns {readonly string[]} */
export const usualAt = (kind, type) => (kind === 'output' ? TAKERS : GIVERS)[type]?.split(' ') ?? []

/** What nearly every workflow has, the most frequent first: counted in the templates, then filled up by hand. */
const COMMON = ('CLIPTextEncode KSampler CheckpointLoaderSimple VAEDecode SaveImage EmptyLatentImage PreviewImage LoadImage LoraLoader VAEEncode '
  + 'ControlNetApplyAdvanced ControlNetLoader LatentUpscaleBy ImageScale UpscaleModelLoader ImageUpscaleWithModel LoadImageMask VAELoader').split(' ')

/** How usual a type is: 0 most, Infinity not at all. @param {string} type */
export const usualness = (type) => (COMMON.includes(type) ? COMMON.indexOf(type) : Infinity)

/** How far off the way a type stands: trials and what another took the place of are rarely meant. @param {{title: string, category?: string}} type */
export const oddness = ({ title, category = '' }) => (/deprecated/i.test(`${title} ${category}`) ? 3 : category.startsWith('_') ? 2 : /\badvanced\b/.test(category) ? 1 : 0)
