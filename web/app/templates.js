// The templates as their browser shows them: what each needs that is not here, and how it looks.

import { nodeTint } from '../canvas/paint.js'
import { typeLook } from '../canvas/theme.js'
import { valueOf } from '../document/catalog.js'
import { currentDocument } from '../document/current_document.js'
import { layoutNode } from '../kernels/layout.js'
import { fetchTemplate, fetchTemplates } from '../run/api.js'

/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {import('../panels/template_browser.js').ShownTemplate} ShownTemplate */
/** @typedef {import('../panels/schematic.js').Sketch} Sketch */

/**
 * Model files that a document names, or has to be given, and that the server does not offer.
 * @param {WorkflowDocument} document @param {Catalog} catalog @returns {string[]}
 */
export const missingFiles = (document, catalog) => {
  const subgraphs = /** @type {(Graph & {id: string})[]} */ (document.subgraphs ?? [])
  const own = new Set(subgraphs.map(({ id }) => `@${id}`))
  return [...new Set([document, ...subgraphs].flatMap((graph) => missingIn(graph, catalog, own)))]
}

/** @typedef {Pick<WorkflowDocument, 'nodes' | 'links'>} Graph */

/** @param {Graph} graph @param {Catalog} catalog @param {ReadonlySet<string>} own types that the document brings @returns {string[]} */
const missingIn = ({ nodes, links }, catalog, own) => {
  const linked = new Set(links.map((link) => String(Reflect.get(link, 'to'))))
  return nodes.filter((node) => !own.has(node.type)).filter(({ mode = 'active' }) => mode === 'active').flatMap((node) => {
    const type = catalog.nodes.get(node.type)
    if (!type) return [`the node type ${node.type}`]
    return type.inputs.flatMap((input) => {
      const { widget } = input
      if (widget?.kind !== 'file' || widget.upload || linked.has(`${node.id},${input.name}`)) return []
      const value = valueOf(node, input)
      if (typeof value !== 'string' || !value) return [`a file of ${widget.folder ?? 'models'}`]
      return widget.choices?.includes(value) ? [] : [value]
    })
  })
}

/** The first plain sentence of the first note. @param {WorkflowDocument} document */
export const firstWords = ({ notes = [] }) => {
  const lines = notes.flatMap((note) => String(Reflect.get(Object(note), 'text') ?? '').split('\n'))
  return lines.find((line) => line.trim() && !/^(#|- )/.test(line))?.trim() ?? ''
}

/** The document's shape: a box for each node, a line for each wire. @param {WorkflowDocument} document @param {Catalog} catalog @returns {Sketch} */
export const sketchOf = (document, catalog) => {
  const { nodes, links } = currentDocument(document, catalog.renames)
  const boxes = new Map(nodes.map((node) => {
    const type = catalog.nodes.get(node.type)
    const { width, height } = layoutNode(node, { type, linkedInputs: [], linkedOutputs: [], picture: null })
    const [x, y] = node.position ?? [0, 0]
    return [node.id, { x, y, width, height, colour: nodeTint({ node, type }), type }]
  }))
  const lines = links.flatMap((link) => {
    const [[from, output], [to]] = [Reflect.get(link, 'from'), Reflect.get(link, 'to')]
    const [source, target] = [boxes.get(from), boxes.get(to)]
    if (!source || !target) return []
    const kind = source.type?.outputs.find(({ name }) => name === output)?.type ?? 'ANY'
    return [{ x1: source.x + source.width, y1: source.y + 40, x2: target.x, y2: target.y + 40, colour: typeLook(catalog, kind).colour }]
  })
  return { boxes: [...boxes.values()], lines }
}

/** Names of templates with a picture of what they make. @type {Promise<Set<string>> | undefined} */
let pictured
const picturedNames = () => (pictured ??= fetch('templates/index.json').then((answer) => answer.json()).then((names) => new Set(names)).catch(() => new Set()))

/** @type {Map<string, Promise<WorkflowDocument>>} */
const documents = new Map()

/** Templates stay as they are; what users saved may change. @param {string} name @param {boolean} saved */
const documentOf = (name, saved) => {
  if (saved) return fetchTemplate(name)
  const known = documents.get(name) ?? fetchTemplate(name)
  documents.set(name, known)
  return known
}

/** @param {Catalog} catalog @returns {Promise<ShownTemplate[]>} */
export const readTemplates = async (catalog) => {
  const [found, pictures] = await Promise.all([fetchTemplates(), picturedNames()])
  const shown = await Promise.all(found.map(async ({ name, title, description, topic = '', saved = false }) => {
    const document = currentDocument(await documentOf(name, saved), catalog.renames)
    return {
      name, title: title ?? name, topic, words: description || firstWords(document), needs: missingFiles(document, catalog), sketch: sketchOf(document, catalog),
      saved, picture: pictures.has(name) && !saved ? `templates/${name}.webp` : null, nodes: document.nodes.length,
    }
  }))
  return shown.sort((a, b) => a.nodes - b.nodes || a.title.localeCompare(b.title)) // The plain ones first.
}
