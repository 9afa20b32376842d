// Notes and pages of nodes are Markdown: what a line is, and its words without the signs. Names with underscores and products stay whole.

/** @typedef {{kind: 'heading' | 'point' | 'text', words: string}} NoteLine */

/** @param {string} line @returns {NoteLine} */
export const noteLine = (line) => {
  const kind = /^#+\s/.test(line) ? 'heading' : /^[-*]\s/.test(line) ? 'point' : 'text'
  return { kind, words: plain(line.replace(/^(#+|[-*])\s+/, '')) }
}

/** @typedef {NoteLine | {kind: 'table', rows: string[][]}} PageBlock */

/** A page as blocks: lines of a paragraph are one, and so are rows of a table, without the line below its head. @param {string} page */
export const pageBlocks = (page) => {
  /** @type {PageBlock[]} */
  const blocks = []
  let open = false // whether the next line goes on with the last block
  for (const line of page.split('\n')) {
    const last = open ? blocks.at(-1) : undefined
    const cells = tableCells(line)
    if (!line.trim() || cells?.every((cell) => /^:?-+:?$/.test(cell))) open = open && line.trim() !== ''
    else if (cells && last?.kind === 'table') last.rows.push(cells.map(plain))
    else if (cells) open = blocks.push({ kind: 'table', rows: [cells.map(plain)] }) > 0
    else {
      const block = noteLine(line.trim())
      if (last && last.kind !== 'table' && block.kind === 'text') last.words += ` ${block.words}`
      else blocks.push(block)
      open = block.kind !== 'heading'
    }
  }
  return blocks
}

/** @param {string} line */
const tableCells = (line) => /^\|.*\|\s*$/.test(line) ? line.trim().slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')) : null

/** @param {string} text */
const plain = (text) => text
  .replaceAll(/`([^`]+)`/g, '$1')
  .replaceAll(/\*\*(\S(?:.*?\S)?)\*\*/g, '$1')
  .replaceAll(/(?<![\w*])\*(\S(?:[^*]*?\S)?)\*(?![\w*])/g, '$1')
  .replaceAll(/\[([^\]]+)\]\((?:[^()\s]+)\)/g, '$1')
