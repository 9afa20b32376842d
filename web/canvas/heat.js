// Where a run's time or memory went, as warmth: the dearest node glows, what costs next to nothing stays cold.

import { bytesText } from './look_words.js'
import { secondsText } from './node_state.js'

/** @typedef {import('./overlay_types.js').NodeRun} NodeRun */
/** @typedef {'none' | 'time' | 'memory'} HeatKind */
/** @typedef {{warmth: number, text: string}} Heat warmth: 0 to 1 */

/** @type {readonly HeatKind[]} */
export const HEAT_KINDS = ['none', 'time', 'memory']
/** Times and sizes spread over magnitudes: so many below the dearest are cold. */
const MAGNITUDES = 3

/** @param {NodeRun} run @param {HeatKind} kind */
const costOf = ({ lastSeconds, bytes }, kind) => (kind === 'time' ? lastSeconds : bytes)

/** @param {ReadonlyMap<string, NodeRun>} nodes @param {HeatKind} kind @returns {ReadonlyMap<string, Heat>} */
export const heatOf = (nodes, kind) => {
  /** @type {Map<string, Heat>} */
  const heats = new Map()
  if (kind === 'none') return heats
  const costs = [...nodes].flatMap(([id, run]) => {
    const cost = costOf(run, kind)
    return cost === undefined ? [] : [/** @type {const} */ ([id, cost])]
  })
  const most = Math.max(...costs.map(([, cost]) => cost), Number.MIN_VALUE)
  for (const [id, cost] of costs) {
    const below = Math.log10(most / Math.max(cost, most / 10 ** MAGNITUDES)) / MAGNITUDES
    heats.set(id, { warmth: cost > 0 ? 1 - below : 0, text: kind === 'time' ? secondsText(cost) : bytesText(cost) })
  }
  return heats
}

/** Cold, warm and hot. */
const STOPS = [[91, 127, 181], [217, 164, 65], [240, 82, 79]]

/** From blue over amber to red. @param {number} warmth */
export const heatColour = (warmth) => {
  const place = Math.min(Math.max(warmth, 0), 1) * (STOPS.length - 1)
  const from = Math.min(Math.floor(place), STOPS.length - 2)
  const mix = (STOPS[from] ?? []).map((value, channel) => Math.round(value + (place - from) * ((STOPS[from + 1]?.[channel] ?? value) - value)))
  return `rgb(${mix.join(' ')})`
}
