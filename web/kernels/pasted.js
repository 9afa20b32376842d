// What a text that comes from elsewhere is: part of a workflow, parameters of A1111, an address, a model's name, or words.

/** @typedef {'json' | 'parameters' | 'address' | 'model' | 'words'} TextKind */

/** What every text of parameters that A1111 writes holds. */
const INFOTEXT = /(^|\n|,\s*)Steps: \d+,/
const ADDRESS = /^https?:\/\/\S+(\s+https?:\/\/\S+)*$/
const MODEL = /^[^\n]+\.(safetensors|sft|ckpt|pt|pth|bin)$/i
/** As chats and pages show code. */
const FENCED = /^`{3,}[\w-]*\n(.*?)\n?`{3,}$/s

/** The text without what was put around it on its way. @param {string} text */
export const unwrapped = (text) => {
  const plain = text.replace(/^\uFEFF/, '')
  return FENCED.exec(plain.trim())?.[1] ?? plain
}

/** Prompts begin with brackets too: `{red|blue} fox`, `[fox:cat:0.5]`. @param {string} text */
const isJson = (text) => {
  if (/^\{\s*["}]/.test(text)) return true // Also where it broke off: then it is told where.
  if (!text.startsWith('[')) return false
  try {
    return Array.isArray(JSON.parse(text))
  } catch {
    return false
  }
}

/** @param {string} text @returns {TextKind | null} null: there is nothing */
export const kindOfText = (text) => {
  const plain = text.trim()
  if (!plain) return null
  if (isJson(plain)) return 'json'
  if (INFOTEXT.test(plain)) return 'parameters'
  if (ADDRESS.test(plain)) return 'address'
  return MODEL.test(plain) ? 'model' : 'words'
}
