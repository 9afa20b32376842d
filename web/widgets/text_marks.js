// A copy of a text area's text that lies over it, invisible but for its marks: faults, pairs of brackets, windows.

/** @typedef {{from: number, to: number, kind: 'error' | 'warning' | 'pair' | 'window', label?: string}} TextMark a window has no length */
/**
 * @typedef {object} TextMarks
 * @property {HTMLElement} node
 * @property {(marks: readonly TextMark[]) => void} draw
 * @property {(offset: number) => DOMRect} rectAt where a letter is in the window
 * @property {() => void} place after the area's size has changed
 */

/** @param {HTMLTextAreaElement} area @returns {TextMarks} */
export const createTextMarks = (area) => {
  const node = Object.assign(document.createElement('div'), { className: 'text-marks' })
  node.setAttribute('aria-hidden', 'true')
  node.dir = 'auto'
  node.setAttribute('translate', 'no') // People's own words.
  const place = () => {
    node.style.left = `${area.offsetLeft}px`
    node.style.top = `${area.offsetTop}px`
    node.style.width = `${area.clientWidth + 2}px` // Without the scroll bar: the lines break alike.
    node.style.height = `${area.clientHeight + 2}px`
    node.scrollTop = area.scrollTop
  }
  area.addEventListener('scroll', () => (node.scrollTop = area.scrollTop))
  return {
    node, place,
    draw: (marks) => {
      node.replaceChildren(...pieces(area.value, marks))
      place()
    },
    rectAt: (offset) => {
      const range = document.createRange()
      const [text, at] = textAt(node, offset)
      range.setStart(text, at)
      range.setEnd(text, Math.min(at + 1, text.length))
      return range.getClientRects()[0] ?? node.getBoundingClientRect()
    },
  }
}

/** @param {string} text @param {readonly TextMark[]} marks @returns {Node[]} */
const pieces = (text, marks) => {
  const edges = [...new Set([0, text.length, ...marks.flatMap(({ from, to }) => [from, to])])].filter((at) => at <= text.length).sort((a, b) => a - b)
  const made = edges.flatMap((from, index) => {
    const to = edges[index + 1] ?? from
    const windows = marks.filter((mark) => mark.kind === 'window' && mark.from === from).map(({ label = '' }) => {
      const tick = Object.assign(document.createElement('i'), { className: 'text-window' })
      tick.dataset.label = label
      return tick
    })
    const kinds = marks.filter((mark) => mark.kind !== 'window' && mark.from <= from && mark.to >= to).map(({ kind }) => `text-${kind}`)
    const words = text.slice(from, to)
    return [...windows, kinds.length && words ? Object.assign(document.createElement('span'), { className: kinds.join(' '), textContent: words }) : document.createTextNode(words)]
  })
  return [...made, document.createTextNode('\u200b')] // A line that ends the text has its height.
}

/** @param {HTMLElement} node @param {number} offset @returns {[Text, number]} */
const textAt = (node, offset) => {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT)
  let last = /** @type {Text} */ (walker.nextNode())
  let left = offset
  for (let text = last; text; text = /** @type {Text} */ (walker.nextNode())) {
    if (left < text.length) return [text, left]
    left -= text.length
    last = text
  }
  return [last, last.length]
}
