// Runs and the live plan laid over the nodes: what the canvas draws on top of the document.

import { artifactUrl } from './api.js'
import { plannedByNode, stepsByNode } from './instances.js'

/** @typedef {import('../canvas/overlay_types.js').NodeRun} NodeRun */
/** @typedef {import('../canvas/overlay_types.js').Picture} Picture */
/** @typedef {import('../canvas/overlay_types.js').RunOverlay} RunOverlay */
/** @typedef {import('../document/catalog.js').Problem} Problem */
/** @typedef {import('./api.js').Artifact} Artifact */
/** @typedef {import('./api.js').PlannedStep} PlannedStep */
/** @typedef {import('./runs.js').Run} Run */
/** @typedef {import('./runs.js').Step} Step */

/** Older runs than these only show in the result strip. */
const REMEMBERED = 20
const THUMBNAIL = 256

/** A node shows so many pictures, those of earlier runs among them. */
const STRIP = 8

/** @param {Artifact} artifact @param {string} [run] @returns {Picture} */
export const pictureOf = (artifact, run) => ({
  url: artifactUrl(artifact), thumbnail: artifactUrl(artifact, { preview: THUMBNAIL }),
  width: artifact.width ?? 0, height: artifact.height ?? 0, ...(run ? { run } : {}),
})

/** The new ones first, then as many of those before as there is room for. @param {readonly Picture[]} pictures @param {readonly Picture[]} before */
const withPast = (pictures, before) => {
  const urls = new Set(pictures.map(({ url }) => url))
  const past = before.filter(({ url }) => !urls.has(url)).slice(0, Math.max(0, STRIP - pictures.length))
  return [...pictures, ...past.map((picture) => ({ ...picture, past: true }))]
}

/**
 * @param {readonly Run[]} runs of this document, oldest first; the one that works, else the last, decides; all lend their pictures
 * @param {readonly PlannedStep[]} planned
 * @param {readonly Problem[]} problems
 * @param {ReadonlyMap<string, import('./costs.js').Cost>} [costs] of each node when it last ran
 * @param {import('./instances.js').Turns} [turns] of zones, that are looked at
 * @returns {RunOverlay}
 */
export const buildOverlay = (runs, planned, problems, costs = new Map(), turns = undefined) => {
  /** @type {Map<string, NodeRun>} */
  const nodes = new Map()
  for (const run of runs.slice(-REMEMBERED)) lendPictures(nodes, run, turns)
  const shown = runs.find(({ status }) => status === 'running') ?? runs.at(-1)
  for (const [id, step] of shown ? stepsByNode(shown.steps, turns) : []) {
    const lent = nodes.get(id)
    const own = ownRun(step)
    nodes.set(id, lent ? { ...lent, ...own, preview: own.preview ?? (step.state === 'cached' ? undefined : lent.preview) } : own)
  }
  for (const { id, state, reason, kept, mapped } of plannedByNode(planned)) {
    const cost = costs.get(id)
    nodes.set(id, { ...nodes.get(id), plan: state, reason: reason ?? undefined, kept, mapped, lastSeconds: cost?.seconds ?? kept?.seconds, bytes: cost?.bytes ?? kept?.bytes, memory: cost?.memory })
  }
  return { nodes, problems }
}

/** Steps are replaced, never changed: of 1,000 in a run nearly all are as they were a frame ago. @type {WeakMap<Step, NodeRun>} */
const ownRuns = new WeakMap()

/** @param {Step} step */
const ownRun = (step) => {
  const known = ownRuns.get(step)
  if (known) return known
  const { state, progress, seconds, startedAt, preview, because } = step
  const made = { run: state, progress, seconds, startedAt, preview, ...(because ? { because } : {}) }
  ownRuns.set(step, made)
  return made
}

/** @param {Map<string, NodeRun>} nodes @param {Run} run @param {import('./instances.js').Turns} [turns] */
const lendPictures = (nodes, run, turns) => {
  for (const [id, { artifacts, preview }] of stepsByNode(run.steps, turns)) {
    if (!artifacts.length && !preview) continue // Most steps: 20 runs of 1,000 nodes are looked at in every frame of a run.
    const fresh = artifacts.filter(({ kind, hidden }) => kind === 'image' && !hidden).map((artifact) => pictureOf(artifact, run.id))
    const before = nodes.get(id)?.pictures ?? []
    const pictures = fresh.length ? withPast(fresh, before) : before
    const text = artifacts.find(({ kind }) => kind === 'text')?.text
    if (fresh.length || text !== undefined) nodes.set(id, { ...nodes.get(id), pictures, text })
    if (preview) nodes.set(id, { ...nodes.get(id), preview })
  }
}
