// One table of records in a stable order: a record that is removed and put back takes its old place.

/**
 * @template {{id: string}} R
 */
export class Table {
  /** @type {Map<string, R>} */
  #records = new Map()
  /** @type {Map<string, number>} */
  #orders = new Map()
  /** @type {readonly R[] | null} */
  #list = null
  /** Where a record stands in the list. @type {Map<string, number>} */
  #places = new Map()
  /** Records of the list that were replaced in their places: sorting 2,500 again would take longer than a frame has. @type {Set<string>} */
  #replaced = new Set()
  #last = 0

  /** @param {readonly R[]} records */
  constructor(records) {
    for (const record of records) this.put(record)
  }

  /** @param {string} id @returns {R | undefined} */
  get(id) {
    return this.#records.get(id)
  }

  /** @param {string} id */
  order(id) {
    return this.#orders.get(id)
  }

  /** The order that a record put on top would take. */
  get nextOrder() {
    return this.#last + 1
  }

  /** @param {R} record @param {number} [order] */
  put(record, order = this.#orders.get(record.id) ?? this.nextOrder) {
    if (this.#orders.get(record.id) === order) this.#replaced.add(record.id)
    else this.#list = null
    this.#records.set(record.id, record)
    this.#orders.set(record.id, order)
    this.#last = Math.max(this.#last, order)
  }

  /** @param {string} id */
  remove(id) {
    this.#records.delete(id)
    this.#orders.delete(id)
    this.#list = null
  }

  /** All records in their order; the same array until something changes. */
  list() {
    if (!this.#list) {
      this.#list = [...this.#records.values()].sort((a, b) => (this.#orders.get(a.id) ?? 0) - (this.#orders.get(b.id) ?? 0))
      this.#places = new Map(this.#list.map(({ id }, place) => [id, place]))
    } else if (this.#replaced.size) {
      const list = [...this.#list]
      for (const id of this.#replaced) list[/** @type {number} */ (this.#places.get(id))] = /** @type {R} */ (this.#records.get(id))
      this.#list = list
    }
    this.#replaced.clear()
    return this.#list
  }
}
