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
  /** A record of the list was replaced in its place: sorting again would take longer than a frame of 2,500 nodes has. */
  #replaced = false
  #last = 0

  /** Counts changes; whoever derives something from the table compares it. */
  version = 0

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
    if (this.#orders.get(record.id) === order) this.#replaced = true
    else this.#list = null
    this.#records.set(record.id, record)
    this.#orders.set(record.id, order)
    this.#last = Math.max(this.#last, order)
    this.version += 1
  }

  /** @param {string} id */
  remove(id) {
    this.#records.delete(id)
    this.#orders.delete(id)
    this.#list = null
    this.version += 1
  }

  /** All records in their order; the same array until something changes. */
  list() {
    if (this.#list && this.#replaced) this.#list = this.#list.map(({ id }) => /** @type {R} */ (this.#records.get(id)))
    this.#replaced = false
    this.#list ??= [...this.#records.values()].sort((a, b) => (this.#orders.get(a.id) ?? 0) - (this.#orders.get(b.id) ?? 0))
    return this.#list
  }
}
