// What a text may go on with, in a list at the caret. The text keeps the focus; its keys move and choose.

/** @typedef {import('../kernels/prompt_completion.js').Completions} Completions */
/** @typedef {import('../kernels/prompt_completion.js').Completion} Completion */

/** @param {HTMLTextAreaElement} area @param {(found: Completions, chosen: Completion) => void} choose */
export const createCompletionList = (area, choose) => {
  const panel = Object.assign(document.createElement('div'), { className: 'completions', id: 'completions' })
  panel.setAttribute('role', 'listbox')
  panel.setAttribute('aria-label', 'Completions')
  /** @type {Completions | null} */
  let found = null
  let active = 0
  let isMoved = false

  const close = () => {
    found = null
    panel.remove()
    area.removeAttribute('aria-activedescendant')
  }
  const draw = () => {
    panel.replaceChildren(...(found?.options ?? []).map((option, index) => row(option, index)))
    area.setAttribute('aria-activedescendant', `completion-${active}`)
    panel.children[active]?.scrollIntoView({ block: 'nearest' })
  }
  /** @param {number} index */
  const accept = (index) => {
    const chosen = found?.options[index]
    const at = found
    close()
    if (chosen && at) choose(at, chosen)
  }
  /** @param {Completion} option @param {number} index */
  const row = ({ label, said }, index) => {
    const node = Object.assign(document.createElement('div'), { className: 'completion', id: `completion-${index}` })
    node.setAttribute('role', 'option')
    node.setAttribute('aria-selected', String(index === active))
    node.append(label, Object.assign(document.createElement('span'), { className: 'completion-said', textContent: said }))
    node.addEventListener('pointerdown', (event) => {
      event.preventDefault() // The text keeps the focus.
      event.stopPropagation()
      accept(index)
    })
    return node
  }
  return {
    close,
    isOpen: () => found !== null,
    /** @param {Completions} completions @param {DOMRect} caret */
    open: (completions, caret) => {
      found = completions
      active = 0
      isMoved = false
      draw()
      ;(area.closest('dialog') ?? document.body).append(panel) // A dialog is above all else.
      const { width, height } = panel.getBoundingClientRect()
      const isAbove = caret.bottom + 6 + height > innerHeight && caret.top > height + 6
      panel.style.left = `${Math.max(8, Math.min(caret.left - 10, innerWidth - width - 8))}px`
      panel.style.top = `${isAbove ? caret.top - height - 6 : caret.bottom + 6}px`
    },
    /** Enter writes a new line unless the list was meant. @param {KeyboardEvent} event @returns {boolean} whether the key was the list's */
    key: ({ key, ctrlKey, metaKey, altKey }) => {
      if (!found || ctrlKey || metaKey || altKey) return false
      const step = { ArrowDown: 1, ArrowUp: -1 }[key]
      if (step) {
        active = (active + step + found.options.length) % found.options.length
        isMoved = true
        draw()
      } else if (key === 'Tab' || (key === 'Enter' && (isMoved || found.isAsked))) accept(active)
      else if (key === 'Escape') close()
      else return false
      return true
    },
  }
}
