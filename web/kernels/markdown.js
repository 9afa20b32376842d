// Notes are Markdown: what a line is, and its words without the signs. Names with underscores and products stay whole.

/** @typedef {{kind: 'heading' | 'point' | 'text', words: string}} NoteLine */

/** @param {string} line @returns {NoteLine} */
export const noteLine = (line) => {
  const kind = /^#+\s/.test(line) ? 'heading' : /^[-*]\s/.test(line) ? 'point' : 'text'
  return { kind, words: plain(line.replace(/^(#+|[-*])\s+/, '')) }
}

/** @param {string} text */
const plain = (text) => text
  .replaceAll(/`([^`]+)`/g, '$1')
  .replaceAll(/\*\*(\S(?:.*?\S)?)\*\*/g, '$1')
  .replaceAll(/(?<![\w*])\*(\S(?:[^*]*?\S)?)\*(?![\w*])/g, '$1')
  .replaceAll(/\[([^\]]+)\]\((?:[^()\s]+)\)/g, '$1')
