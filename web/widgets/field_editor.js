// A DOM editor that lies exactly over its place on the canvas and follows the camera.

/** @typedef {import('../kernels/geometry.js').Camera} Camera */
/** @typedef {import('../kernels/geometry.js').Rect} Rect */

/**
 * @typedef {object} OpenEditor
 * @property {HTMLInputElement | HTMLTextAreaElement} element
 * @property {(camera: Camera) => void} follow
 * @property {(keep: boolean) => void} close
 * @property {() => void} flush what is typed holds from now on, and typing goes on
 */

/**
 * @param {HTMLElement} host
 * @param {object} request
 * @param {Rect} request.rect in the world
 * @param {string} request.text
 * @param {string} request.className
 * @param {string} request.label
 * @param {boolean} request.multiline
 * @param {boolean} [request.keepsOnEscape] Esc ends the typing and keeps it: a text is work, a number or a name is a try
 * @param {(text: string) => void} [request.onInput]
 * @param {(text: string) => void} [request.onFlush] absent: it is written as it is typed
 * @param {(event: KeyboardEvent, element: HTMLInputElement | HTMLTextAreaElement) => boolean} [request.onKey] true: handled
 * @param {(text: string, keep: boolean) => void} request.onClose
 * @returns {OpenEditor}
 */
export const openFieldEditor = (host, { rect, text, className, label, multiline, keepsOnEscape = false, onInput, onFlush, onKey, onClose }) => {
  const element = document.createElement(multiline ? 'textarea' : 'input')
  element.className = `field-editor ${className}`
  element.value = text
  element.spellcheck = false
  element.dir = 'auto'
  element.autocomplete = 'off'
  element.setAttribute('aria-label', label)
  element.style.width = `${rect.width}px`
  element.style.height = `${rect.height}px`
  let isOpen = true

  /** @param {boolean} keep */
  const close = (keep) => {
    if (!isOpen) return
    isOpen = false
    element.remove()
    onClose(element.value, keep)
  }
  element.addEventListener('input', () => onInput?.(element.value))
  const flush = () => onFlush?.(element.value)
  element.addEventListener('blur', () => (document.activeElement === element ? flush() : close(true))) // The window has lost the keys, the text has not.
  element.addEventListener('pointerdown', (event) => event.stopPropagation())
  element.addEventListener('keydown', (event) => {
    if (/** @type {KeyboardEvent} */ (event).isComposing) return
    if (handleKey(/** @type {KeyboardEvent} */ (event), element, { multiline, keepsOnEscape, close, onKey })) {
      event.preventDefault()
      event.stopPropagation()
    }
  })
  host.append(element)
  return {
    element,
    close,
    flush,
    follow: ({ x, y, zoom }) => {
      element.style.transform = `translate(${(rect.x - x) * zoom}px, ${(rect.y - y) * zoom}px) scale(${zoom})`
    },
  }
}

/**
 * @param {KeyboardEvent} event @param {HTMLInputElement | HTMLTextAreaElement} element
 * @param {{multiline: boolean, keepsOnEscape: boolean, close: (keep: boolean) => void, onKey?: (event: KeyboardEvent, element: HTMLInputElement | HTMLTextAreaElement) => boolean}} editor
 */
const handleKey = (event, element, { multiline, keepsOnEscape, close, onKey }) => {
  if (onKey?.(event, element)) return true
  if (event.key === 'Escape') {
    close(keepsOnEscape)
    return true
  }
  const runs = event.ctrlKey || event.metaKey // Ctrl+Enter is the shell's: it runs what is written.
  if (event.key === 'Enter' && !multiline && !runs) {
    close(true)
    return true
  }
  return false
}
