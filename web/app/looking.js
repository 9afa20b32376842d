// Looking at what lies on outputs: for tooltips on wires and sockets, in small windows, and large.

import { locate } from '../document/addresses.js'
import { definitionOf } from '../document/definitions.js'
import { samePath } from '../document/places.js'
import { INPUTS, OUTPUTS } from '../document/subgraph_format.js'
import { takingPart } from '../document/taking_part.js'
import { GONE, Looks } from '../run/looks.js'
import { valuePictureUrl } from '../run/api.js'
import { typeLook } from '../canvas/theme.js'
import { Peek } from '../viewer/peek.js'
import { openViewer } from '../viewer/viewer.js'
import { sendRows } from './sending.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../canvas/look_words.js').Look} Look */
/** @typedef {import('../canvas/look_words.js').Seen} Seen */
/** @typedef {import('../viewer/peek.js').PeekState} PeekState */
/** @typedef {import('../viewer/viewer.js').Shown} Shown */
/** @typedef {'A' | 'B'} Slot */

const THUMBNAIL = 256
const SMALL = 512
/** Types whose picture says more than their words: these outputs are shown first. */
const PICTURED = ['IMAGE', 'MASK', 'LATENT']
/** @param {string} type */
const rank = (type) => (PICTURED.includes(type) ? PICTURED.indexOf(type) : PICTURED.length)

/** @param {readonly Shown[]} pictures */
const urlsOf = (pictures) => pictures.map(({ url }) => url).join('\n')

export class Looking {
  #app
  #run
  #looks
  /** @type {Set<Peek>} */
  #open = new Set()
  /** Nodes that the viewer's places show. @type {Record<Slot, string | null>} */
  slots = { A: null, B: null }
  /** @type {readonly string[]} */
  #solo = []
  /** The viewer as long as it shows A and B. @type {{viewer: ReturnType<typeof openViewer>, urls: string} | null} */
  #viewed = null

  /** @param {() => App} app @param {(targets: string[]) => void} run */
  constructor(app, run) {
    this.#app = app
    this.#run = run
    this.#looks = new Looks(() => this.#app().refresh())
  }

  /** What is known of an output, asked for where it is not; null where no run has made it. @param {string} node @param {string} output @returns {Seen | null} */
  seen(node, output) {
    const found = this.#find(node, output)
    if (!found) return null
    const look = this.#looks.get(found.key, found.place)
    if (look === GONE) return null
    return { look, old: found.old, picture: look?.pictures ? valuePictureUrl(found.key, found.place, { preview: THUMBNAIL }) : null }
  }

  /** Opens a small window on an output. @param {string} node @param {string | undefined} output the one that is best seen without @param {readonly [number, number]} client */
  peek(node, output, client) {
    let shown = output ?? this.#best(node)
    if (shown === undefined) { // A sink gives nothing on; what it shows is looked at large.
      void this.#shown(node).then((pictures) => pictures.length && openViewer(pictures, 0))
      return
    }
    const window = new Peek({
      read: () => this.#state(node, shown ?? ''),
      choose: (name) => {
        shown = name
        window.reset()
      },
      open: (index) => this.#enlarge(node, shown ?? '', index),
      run: () => this.#run([node]),
      closed: () => void this.#open.delete(window),
    }, client)
    this.#open.add(window)
  }

  /** The nodes up to which alone runs go; undefined: all of the workflow. @returns {string[] | undefined} */
  get targets() {
    const there = this.#solo.filter((id) => this.#node(id))
    return there.length ? there : undefined
  }

  /** Those nodes, with all that feeds them; by addresses. @returns {ReadonlySet<string> | null} */
  get solo() {
    const { targets } = this
    return targets ? takingPart(this.#app().store, targets) : null
  }

  /** Runs go up to these nodes only; to all again where they did so already. @param {readonly string[]} nodes */
  setSolo(nodes) {
    const same = nodes.length === this.#solo.length && nodes.every((id) => this.#solo.includes(id))
    this.#solo = same ? [] : [...nodes]
    this.#app().plan.schedule(0)
    this.#app().refresh()
  }

  /** A place of the viewer shows this node from now on, or no longer. @param {Slot} slot @param {string} node */
  bind(slot, node) {
    this.slots[slot] = node
    this.#app().refresh()
    return this.view()
  }

  /** The pictures of both places, the first of each against the other. @returns {Promise<boolean>} whether there were any */
  async view() {
    const [a, b] = await Promise.all([this.slots.A, this.slots.B].map((id) => this.#shown(id)))
    const pictures = [...(a ?? []), ...(b ?? [])]
    if (pictures.length) {
      this.#viewed = { viewer: openViewer(pictures, 0, { against: a?.length && b?.length ? a.length : null }), urls: urlsOf(pictures) }
    }
    return pictures.length > 0
  }

  /** While the viewer shows A and B, a run that makes others shows these. */
  async #follow() {
    const viewed = this.#viewed
    if (!viewed?.viewer.isOpen) return void (this.#viewed = null)
    const pictures = (await Promise.all([this.slots.A, this.slots.B].map((id) => this.#shown(id)))).flat()
    const urls = urlsOf(pictures)
    if (urls === viewed.urls || this.#viewed !== viewed || !viewed.viewer.isOpen) return
    if (viewed.viewer.replace(pictures)) viewed.urls = urls
  }

  /** What a node shows: saved pictures, else those that lie on its outputs. @param {string | null} id @returns {Promise<Shown[]>} */
  async #shown(id) {
    const { catalog, editor, store } = this.#app()
    const found = locate(store, id ?? '')
    const node = found && store.graph(found.graph).node(found.node)
    if (!node) return []
    const title = node.title || catalog.nodes.get(node.type)?.title || node.id
    const saved = samePath(found.path, store.path) ? editor.picturesOf(node.id) : [] // The canvas knows those of the graph that it shows.
    if (saved.length) return saved.map(({ url, thumbnail, width, height }) => ({ url, thumbnail, title, caption: `${width} × ${height}` }))
    for (const { name } of [...this.#outputs(id ?? '')].sort((one, other) => rank(one.type) - rank(other.type))) {
      const made = this.#find(id ?? '', name)
      const count = (made && (await this.#looks.load(made.key, made.place))?.pictures) ?? 0
      if (made && count) return Array.from({ length: count }, (_, index) => ({ url: valuePictureUrl(made.key, made.place, { index }), thumbnail: valuePictureUrl(made.key, made.place, { index, preview: THUMBNAIL }), title, caption: name }))
    }
    return []
  }

  /** What is on screen follows runs and edits. */
  update() {
    for (const window of [...this.#open]) window.update()
    void this.#follow()
  }

  /** Addresses of all that an output shows, at their full size. @param {string} node @param {string} output @returns {string[]} */
  pictures(node, output) {
    const found = this.#find(node, output)
    const count = (found && this.#looks.get(found.key, found.place)?.pictures) ?? 0
    return found ? Array.from({ length: count }, (_, index) => valuePictureUrl(found.key, found.place, { index })) : []
  }

  /** @param {string} node */
  #best(node) {
    return [...this.#outputs(node)].sort((one, other) => rank(one.type) - rank(other.type))[0]?.name
  }

  /** A node by the name that runs give it: it may stand in a sub-graph. @param {string} address */
  #node(address) {
    const { store } = this.#app()
    const found = locate(store, address)
    return found ? store.graph(found.graph).node(found.node) : undefined
  }

  /** @param {string} id @returns {readonly {name: string, type: string}[]} */
  #outputs(id) {
    const { store, catalog } = this.#app()
    const type = this.#node(id)?.type ?? ''
    return catalog.nodes.get(type)?.outputs ?? store.subgraph(definitionOf(type) ?? '')?.outputs ?? []
  }

  /** Where a value lies; what an instance of a sub-graph gives lies where a node inside gave it. @param {string} node @param {string} output @returns {{key: string, old: boolean, place: number} | null} */
  #find(node, output) {
    const { store, plan } = this.#app()
    const result = plan.results.get(node)
    const place = this.#outputs(node).findIndex(({ name }) => name === output)
    if (result && place >= 0) return { ...result, place }
    const inner = definitionOf(this.#node(node)?.type)
    const [id, given] = (inner !== null && store.subgraph(inner) && store.graph(inner).linksTo(OUTPUTS, output)[0]?.from) || []
    return id && given && id !== INPUTS ? this.#find(`${node}/${id}`, given) : null
  }

  /** @param {string} id @param {string} output @returns {PeekState | null} */
  #state(id, output) {
    const { catalog, session } = this.#app()
    const node = this.#node(id)
    if (!node) return null
    const found = this.#find(id, output)
    const look = found ? this.#looks.get(found.key, found.place) : null
    const step = session.running?.steps.get(id)
    const isPicture = PICTURED.includes(this.#outputs(id).find(({ name }) => name === output)?.type ?? '')
    return {
      title: node.title || catalog.nodes.get(node.type)?.title || id, output,
      outputs: this.#outputs(id).map(({ name, type }) => ({ name, type, colour: typeLook(catalog, type).colour })),
      status: !found ? 'none' : look === GONE ? 'gone' : look ? 'known' : 'asking',
      look: look === GONE ? null : look, old: found?.old ?? false,
      pictures: found && look ? Array.from({ length: look.pictures ?? 0 }, (_, index) => valuePictureUrl(found.key, found.place, { index, preview: SMALL })) : [],
      whole: this.pictures(id, output),
      under: look?.kind === 'mask' ? this.#under(id, look) : null,
      frames: isPicture ? session.framesOf(id) : [],
      live: isPicture && step?.state === 'running' ? step.preview ?? null : null,
    }
  }

  /** A mask is seen on the picture of its own size that the node gives beside it. @param {string} id @param {Look} mask */
  #under(id, mask) {
    const image = this.#outputs(id).find(({ type }) => type === 'IMAGE')
    const found = image && this.#find(id, image.name)
    const look = found && this.#looks.get(found.key, found.place)
    const [, height, width] = look?.tensor?.shape ?? []
    const [, tall, wide] = mask.tensor?.shape ?? []
    return found && look?.pictures && height === tall && width === wide ? valuePictureUrl(found.key, found.place, { preview: SMALL }) : null
  }

  /** @param {string} node @param {string} output @param {number} index */
  #enlarge(node, output, index) {
    const state = this.#state(node, output)
    const urls = this.pictures(node, output)
    if (!state || !urls.length) return
    openViewer(urls.map((url, place) => ({
      url, thumbnail: state.pictures[place], title: `${state.title} · ${output}`,
      send: sendRows(this.#app(), url),
      caption: [urls.length > 1 ? `${place + 1} of ${urls.length}` : '', state.look?.kind === 'latent' ? 'a rough picture of the latent' : ''].filter(Boolean).join('  ·  '),
    })), index)
  }
}
