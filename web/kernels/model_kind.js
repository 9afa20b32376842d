// What a file of weights is, told from the names in a safetensors header: enough to choose its loader.

/** @typedef {{kind: string, loader: string, input: string, folder: string}} ModelKind */

/** @type {readonly (ModelKind & {has: (name: string) => boolean})[]} the first that has a name decides */
const KINDS = [
  { kind: 'LoRA', loader: 'LoraLoader', input: 'lora_name', folder: 'loras', has: (name) => /lora_(up|down|A|B)|\.alpha$|hada_w1|lokr_w/.test(name) },
  { kind: 'ControlNet', loader: 'ControlNetLoader', input: 'control_net_name', folder: 'controlnet', has: (name) => /^control_model\.|controlnet_cond_embedding|^adapter\.|zero_convs/.test(name) },
  { kind: 'checkpoint', loader: 'CheckpointLoaderSimple', input: 'ckpt_name', folder: 'checkpoints', has: (name) => name.startsWith('model.diffusion_model.') },
  { kind: 'VAE', loader: 'VAELoader', input: 'vae_name', folder: 'vae', has: (name) => /^(first_stage_model\.)?(encoder\.conv_in|decoder\.conv_in)\./.test(name) },
  { kind: 'upscaler', loader: 'UpscaleModelLoader', input: 'model_name', folder: 'upscale_models', has: (name) => /RDB1\.conv1|body\.0\.rdb1|^conv_first\.|upsampler/.test(name) },
]
/** Loaders and their inputs that name a file. @type {readonly (readonly [string, string])[]} */
export const LOADERS = KINDS.map(({ loader, input }) => [loader, input])

const LONGEST_HEADER = 100 * 2 ** 20

/** @param {Iterable<string>} names @returns {ModelKind | null} */
export const kindOfNames = (names) => {
  const all = [...names]
  const found = KINDS.find(({ has }) => all.some(has))
  if (!found) return null
  const { has: _, ...kind } = found
  return kind
}

/** The names in a safetensors file: eight bytes of length, then JSON; only these are read. @param {Blob} file @returns {Promise<string[]>} */
export const safetensorsNames = async (file) => {
  const length = Number(new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true))
  if (length > LONGEST_HEADER || length + 8 > file.size) throw new Error('its header is damaged')
  return Object.keys(JSON.parse(await file.slice(8, 8 + length).text())).filter((name) => name !== '__metadata__')
}
