// The writer that `store.edit` hands out: every record that it puts or removes is a change that can be undone.

/** @typedef {import('./diff.js').Change} Change */
/** @typedef {import('./diff.js').RecordOf} RecordOf */
/** @typedef {import('./diff.js').TableName} TableName */

/** @typedef {import('./table.js').Table<{id: string}>} AnyTable */

export class Transaction {
  #find
  /** @type {Change[]} */
  changes = []

  /** @param {(name: TableName) => {graph: string, table: AnyTable}} find the table that a name means now */
  constructor(find) {
    this.#find = find
  }

  /**
   * Adds or replaces a record; never change one in place.
   * @template {TableName} T
   * @param {T} name
   * @param {RecordOf[T]} record
   */
  put(name, record) {
    const { graph, table } = this.#find(name)
    const orderBefore = table.order(record.id)
    const orderAfter = orderBefore ?? table.nextOrder
    this.changes.push({ graph, table: name, id: record.id, before: table.get(record.id), after: record, orderBefore, orderAfter })
    table.put(record, orderAfter)
  }

  /** @param {TableName} name @param {string} id */
  remove(name, id) {
    const { graph, table } = this.#find(name)
    const before = table.get(id)
    if (!before) return
    this.changes.push({ graph, table: name, id, before, after: undefined, orderBefore: table.order(id), orderAfter: undefined })
    table.remove(id)
  }

  /** Draws a record last, on top of the others. @param {TableName} name @param {string} id */
  raise(name, id) {
    const { graph, table } = this.#find(name)
    const record = table.get(id)
    const orderBefore = table.order(id)
    if (!record || orderBefore === table.nextOrder - 1) return
    const orderAfter = table.nextOrder
    this.changes.push({ graph, table: name, id, before: record, after: record, orderBefore, orderAfter })
    table.put(record, orderAfter)
  }
}
