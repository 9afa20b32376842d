// Colours, type and measures of the editor: the canvas draws from these tokens, the shell gets them as CSS variables.

/** @typedef {typeof theme} Theme */

export const FONT_FAMILY = 'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif'

export const theme = {
  daylight: false,
  surface: {
    canvas: '#14151a',
    grid: '#2b2e38',
    panel: '#1b1d23',
    raised: '#252830',
    node: '#21242b',
    nodeEdge: '#343842',
    field: '#17191e',
    fieldHover: '#1d2027',
    fieldEdge: '#2c3039',
    fieldEdgeHover: '#454b58',
    shade: 'rgba(0, 0, 0, 0.45)',
    well: '#17191e',
    edge: '#0c0d10',
    line: 'rgba(0, 0, 0, 0.28)',
    shadow: 'rgba(0, 0, 0, 0.5)',
  },
  text: { strong: '#eceef2', normal: '#c9cdd6', muted: '#a0a7b5', faint: '#868e9d', onAccent: '#0d1524' },
  selection: '#dbe6fb',
  annotation: { frame: '#8b93a3', note: '#d9b45a' },
  accent: { normal: '#6ea8fe', soft: 'rgba(110, 168, 254, 0.20)', faint: 'rgba(110, 168, 254, 0.09)' },
  state: {
    cached: '#5fa79a', will_run: '#d9a441', waiting: '#8b93a3', running: '#6ea8fe', done: '#6cbf84',
    failed: '#f26d74', cancelled: '#8b93a3', skipped: '#8b93a3', blocked: '#b0666b', warning: '#d9a441',
  },
  link: { fallback: '#8b93a3', width: 2.25, casing: 'rgba(12, 13, 16, 0.72)' },
  radius: { node: 10, field: 6, picture: 6 },
  font: {
    family: FONT_FAMILY,
    title: `600 13px ${FONT_FAMILY}`,
    label: `400 12px ${FONT_FAMILY}`,
    value: `500 12px ${FONT_FAMILY}`,
    text: `400 12.5px ${FONT_FAMILY}`,
    small: `500 11px ${FONT_FAMILY}`,
    tag: `700 8px ${FONT_FAMILY}`,
  },
  textLine: 18,
  /** Whether wires bear the letters of their types. */
  letters: false,
}

/** The same in daylight. @type {Theme} */
export const lightTheme = {
  ...theme,
  daylight: true,
  surface: {
    canvas: '#e9ebf0',
    grid: '#ccd1da',
    panel: '#f7f8fa',
    raised: '#ffffff',
    node: '#ffffff',
    nodeEdge: '#c9ced8',
    field: '#f0f2f6',
    fieldHover: '#e7eaf0',
    fieldEdge: '#d6dbe4',
    fieldEdgeHover: '#9aa3b2',
    shade: 'rgba(20, 26, 40, 0.25)',
    well: '#e6e9ee',
    edge: '#d3d7df',
    line: 'rgba(20, 26, 40, 0.1)',
    shadow: 'rgba(38, 48, 76, 0.2)',
  },
  text: { strong: '#171a21', normal: '#333945', muted: '#545c6b', faint: '#646c7b', onAccent: '#ffffff' },
  selection: '#2458b8',
  annotation: { frame: '#7d8696', note: '#b98a1e' },
  accent: { normal: '#2563c9', soft: 'rgba(47, 111, 219, 0.16)', faint: 'rgba(47, 111, 219, 0.07)' },
  state: {
    cached: '#24705f', will_run: '#8a5f08', waiting: '#646c7b', running: '#2563c9', done: '#257040',
    failed: '#bf2a35', cancelled: '#646c7b', skipped: '#646c7b', blocked: '#9c4249', warning: '#875c05',
  },
  link: { fallback: '#646c7b', width: 2.25, casing: 'rgba(233, 235, 240, 0.92)' },
}

/** The tokens for eyes that want more contrast: quiet words and edges become plain ones. @param {Theme} tokens @returns {Theme} */
export const strongerContrast = (tokens) => ({
  ...tokens,
  surface: tokens.daylight ? { ...tokens.surface, nodeEdge: '#7a8292', fieldEdge: '#7a8292', fieldEdgeHover: '#454b58', edge: '#7a8292' }
    : { ...tokens.surface, nodeEdge: '#6b7382', fieldEdge: '#6b7382', fieldEdgeHover: '#a0a7b5', edge: '#6b7382' },
  text: tokens.daylight ? { ...tokens.text, strong: '#000000', normal: '#14171d', muted: '#2c323d', faint: '#3a414d' }
    : { ...tokens.text, strong: '#ffffff', normal: '#eceef2', muted: '#c9cdd6', faint: '#b3bac6' },
  link: { ...tokens.link, width: 3 },
  letters: true,
})

/** Colours that glow in the dark drown in daylight: there they are this much darker. */
const DAYLIGHT = 0.7

/** A socket's or wire's colour in a theme. @param {string} colour `#rrggbb` @param {Theme} tokens */
export const themedColour = (colour, tokens) => {
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour)
  if (!tokens.daylight || !parts) return colour
  return `#${parts.slice(1).map((part) => Math.round(Number.parseInt(part, 16) * DAYLIGHT).toString(16).padStart(2, '0')).join('')}`
}

/** What a node, frame or note can be painted with; the first gives the usual colour back. @type {{label: string, colour: string | null}[]} */
export const COLOURS = [
  { label: 'No colour', colour: null }, { label: 'Blue', colour: '#6ea8fe' }, { label: 'Teal', colour: '#5fb3b3' },
  { label: 'Green', colour: '#6cbf84' }, { label: 'Amber', colour: '#d9a441' }, { label: 'Orange', colour: '#d98d5f' },
  { label: 'Red', colour: '#f26d74' }, { label: 'Pink', colour: '#cf7ab5' }, { label: 'Violet', colour: '#9a86f0' },
]

/** Tints of headers by the first word of the category. @type {Record<string, string>} */
const CATEGORY_COLOURS = {
  loaders: '#d3a15c', model: '#d3a15c', models: '#d3a15c', conditioning: '#d98d5f', text: '#d98d5f', prompt: '#d98d5f',
  sampling: '#9a86f0', latent: '#cf7ab5', image: '#5c9fd8', images: '#5c9fd8', mask: '#6fb492', control: '#5fb3b3',
  controlnet: '#5fb3b3', adapters: '#c9b458', lora: '#c9b458', upscale: '#6f9fe0', utility: '#8e96a6', utils: '#8e96a6',
  values: '#8e96a6', debug: '#8e96a6', missing: '#f26d74', 'sub-graphs': '#7f93c9', map: '#4fb0b0', repeat: '#c79a4b', while: '#d0825a', if: '#c073a8',
}

/** Asked for every node in every frame, hence remembered. @type {Map<string, string>} */
const categoryColours = new Map()

/** @param {string} category @returns {string} */
export const categoryColour = (category) => {
  const known = categoryColours.get(category) ?? colourOf(category)
  categoryColours.set(category, known)
  return known
}

/** @param {string} category @returns {string} */
const colourOf = (category) => {
  const words = category.toLowerCase().split(/[/\s_]+/)
  const known = words.map((word) => CATEGORY_COLOURS[word]).find((colour) => colour !== undefined)
  return known ?? hashedColour(category)
}

/** A stable colour for a name that has none. @param {string} name */
const hashedColour = (name) => {
  let hash = 0
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360
  return `hsl(${hash} 42% 62%)`
}

/** @typedef {{colour: string, letter: string}} TypeLook */

/** Asked for every wire. @type {WeakMap<import('../document/catalog.js').Catalog, Map<string, TypeLook>>} */
const looks = new WeakMap()

/** Colour and letter of a socket type. @param {import('../document/catalog.js').Catalog} catalog @param {string} type @returns {TypeLook} */
export const typeLook = (catalog, type) => {
  let known = looks.get(catalog)
  if (!known) looks.set(catalog, known = new Map())
  let look = known.get(type)
  if (!look) known.set(type, look = lookOf(catalog, type))
  return look
}

/** @param {import('../document/catalog.js').Catalog} catalog @param {string} type @returns {TypeLook} */
const lookOf = (catalog, type) => {
  const name = type.replace(/^list\[(.*)\]$/, '$1').split(/\s*[|,]\s*/)[0] ?? type
  const known = catalog.types.get(type) ?? catalog.types.get(name)
  if (known) return known
  if (name === 'ANY' || name === '*') return { colour: theme.link.fallback, letter: '?' }
  return { colour: hashedColour(name), letter: name.charAt(0) }
}

/** The tokens as CSS variables: `--surface-node`, `--text-muted`, `--font-family`. @param {Theme} tokens @returns {Record<string, string>} */
export const themeVariables = (tokens) => {
  /** @type {Record<string, string>} */
  const variables = {}
  for (const [group, values] of Object.entries(tokens)) {
    if (typeof values !== 'object') {
      variables[`--${group}`] = String(values)
      continue
    }
    for (const [name, value] of Object.entries(values)) {
      const cssName = `--${group}-${name.replaceAll('_', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
      variables[cssName] = typeof value === 'number' ? `${value}px` : value
    }
  }
  return variables
}
