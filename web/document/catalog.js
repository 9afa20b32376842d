// The node types that the server offers (docs/protocol.md), indexed for drawing, wiring and searching.

/**
 * @typedef {object} Widget
 * @property {'int' | 'float' | 'seed' | 'text' | 'toggle' | 'choice' | 'file' | 'curve'} kind
 * @property {unknown} [default] null: must be given
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} [step]
 * @property {boolean} [slider]
 * @property {boolean} [multiline]
 * @property {string} [placeholder]
 * @property {'comfy' | 'a1111'} [prompt] the rules that a prompt is read by
 * @property {(string | number | boolean)[]} [choices]
 * @property {string} [folder]
 * @property {readonly [number, number]} [shown] of a curve: the part that is drawn where no point lies outside of it
 * @property {'steps' | 'items' | 'tones'} [across] of a curve: what the way is
 * @property {boolean} [upload]
 */

/**
 * @typedef {object} InputType
 * @property {string} name
 * @property {string} [label] what it is called on screen, of a sub-graph's
 * @property {string} type
 * @property {boolean} [required]
 * @property {boolean} [lazy]
 * @property {boolean} [list]
 * @property {string} [help]
 * @property {Widget | null} [widget]
 * @property {{row: string, least: number}} [grows] the row that it belongs to, of which those in use are shown and one more
 * @property {{input: string, is: string[]}[]} [when] the choices with which it is there
 */

/** @typedef {{name: string, label?: string, type: string, list?: boolean, help?: string, passes?: string}} OutputType `passes`: the input that it gives where the node is bypassed */

/**
 * @typedef {object} NodeType
 * @property {string} id
 * @property {string} title
 * @property {string} category
 * @property {string} [help]
 * @property {boolean} [sink]
 * @property {string} [lane]
 * @property {InputType[]} inputs
 * @property {OutputType[]} outputs
 * @property {string[]} [search]
 * @property {{id: string, kind: import('./subgraph_format.js').SubgraphKind}} [subgraph] of an instance, or of an end inside
 * @property {import('./workflow_format.js').WorkflowDocument} [document] adding one inserts this
 */

/**
 * @typedef {object} Problem
 * @property {string} code
 * @property {string} [severity] error (default) or warning
 * @property {string | null} [node]
 * @property {string | null} [input]
 * @property {string} message
 * @property {unknown} [given]
 * @property {unknown} [expected]
 * @property {string | null} [remedy]
 * @property {string} [details] a traceback, where a node raised
 * @property {Fix[]} [fixes]
 */

/** @typedef {{label: string, patch: PatchOperation[]}} Fix */

/**
 * @typedef {{op: 'set_input', node: string, input: string, value: unknown} | {op: 'remove_value', node: string, input: string} | {op: 'remove_link', to: [string, string]}
 *   | {op: 'remove_node', node: string} | {op: 'set_type', node: string, type: string}
 *   | {op: 'set_mode', node: string, mode: import('./workflow_format.js').NodeMode} | {op: 'add_link', from: [string, string], to: [string, string]}
 *   | {op: 'add_node', node: string, type: string, inputs: Record<string, unknown>, before: string}} PatchOperation
 */

/**
 * @typedef {object} Catalog
 * @property {ReadonlyMap<string, NodeType>} nodes
 * @property {ReadonlyMap<string, {colour: string, letter: string}>} types
 * @property {ReadonlySet<string>} conversions as `FROM>TO`
 * @property {readonly Problem[]} problems
 * @property {import('./renames.js').Renames} renames
 */

/**
 * @param {{nodes?: NodeType[], types?: Record<string, {colour: string, letter: string}>,
 *   conversions?: [string, string][], problems?: Problem[], renames?: Record<string, import('./renames.js').Rename>}} json the answer of `GET /api/v1/nodes`
 * @returns {Catalog}
 */
export const indexCatalog = (json) => ({
  nodes: new Map((json.nodes ?? []).map((type) => [type.id, withFormerNames(type, json.renames ?? {})])),
  types: new Map(Object.entries(json.types ?? {})),
  conversions: new Set((json.conversions ?? []).map(([from, to]) => `${from}>${to}`)),
  problems: json.problems ?? [],
  renames: new Map(Object.entries(json.renames ?? {})),
})

/** A type is found by what it was called before. @param {NodeType} type @param {Record<string, import('./renames.js').Rename>} renames @returns {NodeType} */
const withFormerNames = (type, renames) => {
  const former = Object.keys(renames).filter((name) => name !== type.id && renames[name]?.id === type.id)
  return former.length ? { ...type, search: [...(type.search ?? []), ...former] } : type
}

export const emptyCatalog = () => indexCatalog({})

/** @param {Catalog} catalog @param {string} type @param {string} input */
export const inputType = (catalog, type, input) =>
  catalog.nodes.get(type)?.inputs.find(({ name }) => name === input)

/** @param {Catalog} catalog @param {string} type @param {string} output */
export const outputType = (catalog, type, output) =>
  catalog.nodes.get(type)?.outputs.find(({ name }) => name === output)

/** What the editor gives a widget of a new node; of choices and files without a default, the first. @param {Widget} widget */
export const defaultValue = (widget) => {
  if (widget.default !== undefined && widget.default !== null) return widget.default
  if (widget.kind === 'choice' || widget.kind === 'file') return widget.choices?.[0] ?? null
  return null
}

/** The literal that an input runs with: the node's own, else the declared default; null where nothing is chosen. @param {{inputs?: Record<string, unknown>}} node @param {InputType} input */
export const valueOf = (node, input) => node.inputs?.[input.name] ?? input.widget?.default ?? null
