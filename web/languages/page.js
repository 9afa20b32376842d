// The page in the language of the interface: every text and every label that comes into it is looked up, whoever made it.
// What people wrote themselves stays: fields, code, keys, and whatever carries translate="no".

import { languageCode, subscribeLanguage, translate } from './language.js'

const ATTRIBUTES = ['title', 'aria-label', 'placeholder', 'alt']
const KEPT = '[translate=no], textarea, script, style, kbd, code, pre'
const WORD = /\p{L}{2}/u

/** What code gave and what was shown for it; a text that is not the shown one is new. @typedef {{given: string, shown: string}} Said */

/** @type {WeakMap<Node, Said>} */
const texts = new WeakMap()
/** @type {WeakMap<Element, Map<string, Said>>} */
const labels = new WeakMap()

/** @param {Said | undefined} said @param {string} now @returns {Said} */
const renewed = (said, now) => {
  const given = said && said.shown === now ? said.given : now
  return { given, shown: WORD.test(given) ? translate(given) : given }
}

/** @param {Text} node */
const translateText = (node) => {
  if (node.parentElement?.closest(KEPT)) return
  const said = renewed(texts.get(node), node.data)
  texts.set(node, said)
  if (node.data !== said.shown) node.data = said.shown
}

/** @param {Element} element @param {string} name */
const translateLabel = (element, name) => {
  const value = element.getAttribute(name)
  if (value === null || element.closest('[translate=no]')) return
  const own = labels.get(element) ?? new Map()
  labels.set(element, own)
  const said = renewed(own.get(name), value)
  own.set(name, said)
  if (value !== said.shown) element.setAttribute(name, said.shown)
}

/** @param {Node} root */
const translateTree = (root) => {
  if (root instanceof Text) return translateText(root)
  if (!(root instanceof Element)) return
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
  for (let node = /** @type {Node | null} */ (root); node; node = walker.nextNode()) {
    if (node instanceof Text) translateText(node)
    else if (node instanceof Element) for (const name of ATTRIBUTES) translateLabel(node, name)
  }
}

/** Translates the page now and whenever it changes; costs nothing in English. */
export const translatePage = () => {
  const observer = new MutationObserver((records) => {
    for (const { type, target, addedNodes, attributeName } of records) {
      if (type === 'childList') addedNodes.forEach(translateTree)
      else if (type === 'attributes') translateLabel(/** @type {Element} */ (target), attributeName ?? '')
      else translateText(/** @type {Text} */ (target))
    }
  })
  let spoken = 'en'
  const speak = () => {
    const code = languageCode()
    document.documentElement.lang = code
    if (code !== 'en' || spoken !== 'en') translateTree(document.body)
    spoken = code
    if (code === 'en') observer.disconnect()
    else observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES })
  }
  subscribeLanguage(speak)
  speak()
}
