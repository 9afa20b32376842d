// The links of a graph, and which of them touch which node: of an edit, only the nodes that it touches are looked at again.

import { Table } from './table.js'

/** @typedef {import('./workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {{ids: Set<string>, list: readonly LinkRecord[], isOld: boolean}} Group of the links at one node */

/** @type {readonly LinkRecord[]} */
const NONE = []

/** @extends {Table<LinkRecord>} */
export class LinkTable extends Table {
  #at = { from: /** @type {Map<string, Group>} */ (new Map()), to: /** @type {Map<string, Group>} */ (new Map()) }

  /** @param {readonly LinkRecord[]} records */
  constructor(records) {
    super([])
    for (const record of records) this.put(record)
  }

  /** @override @param {LinkRecord} record @param {number} [order] */
  put(record, order) {
    const before = this.get(record.id)
    super.put(record, order)
    for (const side of /** @type {const} */ (['from', 'to'])) {
      if (before && before[side][0] !== record[side][0]) this.#leave(side, before)
      this.#join(side, record)
    }
  }

  /** @override @param {string} id */
  remove(id) {
    const before = this.get(id)
    super.remove(id)
    if (before) for (const side of /** @type {const} */ (['from', 'to'])) this.#leave(side, before)
  }

  /** The links out of a node (`from`) or into it (`to`), in their order; the same array until one of them changes. @param {'from' | 'to'} side @param {string} node */
  at(side, node) {
    const group = this.#at[side].get(node)
    if (!group) return NONE
    if (group.isOld) this.#renew(group)
    return group.list
  }

  /** @param {Group} group */
  #renew(group) {
    const list = [...group.ids].map((id) => /** @type {LinkRecord} */ (this.get(id))).sort((a, b) => (this.order(a.id) ?? 0) - (this.order(b.id) ?? 0))
    // Who draws a node knows by the old array that nothing changed.
    if (list.length !== group.list.length || list.some((link, place) => link !== group.list[place])) group.list = list
    group.isOld = false
  }

  /** @param {'from' | 'to'} side @param {LinkRecord} link */
  #join(side, { id, [side]: [node] }) {
    const group = this.#at[side].get(node) ?? { ids: new Set(), list: NONE, isOld: true }
    this.#at[side].set(node, group)
    group.ids.add(id)
    group.isOld = true
  }

  /** @param {'from' | 'to'} side @param {LinkRecord} link */
  #leave(side, { id, [side]: [node] }) {
    const group = this.#at[side].get(node)
    if (!group) return
    group.ids.delete(id)
    group.isOld = true
    if (!group.ids.size) this.#at[side].delete(node)
  }
}
