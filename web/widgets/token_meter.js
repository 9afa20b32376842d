// Below a prompt: how full its windows of 75 tokens are, and what is wrong where the caret is.

/** @typedef {import('../kernels/prompt_faults.js').PromptFault} PromptFault */
/** @typedef {import('./prompt_help.js').TokenCount} TokenCount */

const WINDOW = 75

/** @param {string} tag @param {string} className */
const made = (tag, className) => Object.assign(document.createElement(tag), { className })

export const createTokenMeter = () => {
  const node = made('div', 'prompt-foot')
  const told = made('p', 'prompt-told')
  const meter = made('div', 'token-meter')
  told.setAttribute('role', 'status')
  node.append(told, meter)
  return {
    node,
    /** @param {TokenCount | null} counted null: nobody can count now */
    count: (counted) => {
      const { windows = [], texts = 1 } = counted ?? {}
      const bars = windows.slice(0, 12).map((tokens) => {
        const bar = made('i', 'token-window')
        bar.style.setProperty('--full', String(Math.min(1, tokens / WINDOW)))
        return bar
      })
      meter.replaceChildren(...(counted ? [...bars, Object.assign(made('span', ''), { textContent: countText(counted) })] : []))
      meter.title = counted ? `${windows.map((tokens, index) => `window ${index + 1}: ${tokens} of ${WINDOW} tokens`).join('\n')}${texts > 1 ? `\nthe longest of ${texts} texts` : ''}` : ''
    },
    /** @param {PromptFault | null} fault @param {number} all */
    tell: (fault, all) => {
      const text = fault ? `${fault.message}. ${fault.remedy}` : ''
      if (told.dataset.text === text) return
      told.dataset.text = text
      told.className = fault ? `prompt-told prompt-${fault.severity}` : 'prompt-told'
      told.replaceChildren(...(fault ? [Object.assign(made('strong', ''), { textContent: `${fault.message}.` }), ` ${fault.remedy}${all > 1 ? `  (1 of ${all})` : ''}`] : []))
    },
  }
}

/** `42 / 75`, and of several windows `75 + 12`. @param {TokenCount} counted */
const countText = ({ windows }) => {
  if (windows.length < 2) return `${windows[0] ?? 0} / ${WINDOW}`
  const last = windows.slice(-3).join(' + ')
  return windows.length > 3 ? `${windows.length} windows, … ${last}` : last
}
