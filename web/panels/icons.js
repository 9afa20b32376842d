// The shell's icons: sixteen-pixel line drawings, one path each.

/** @typedef {keyof typeof PATHS} IconName */

const PATHS = {
  undo: 'M6 3 2.5 6.5 6 10M2.5 6.5h6.75a4 4 0 0 1 0 8H6',
  redo: 'm10 3 3.5 3.5L10 10m3.5-3.5H6.75a4 4 0 0 0 0 8H10',
  templates: 'M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5H9z',
  open: 'M2 12.5v-9h4l1.5 2H13v2M2 12.5 4 7.5h10.5l-2 5z',
  save: 'M8 2v8.5M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  play: 'M4.5 2.8v10.4L13 8z',
  stop: 'M4 4h8v8H4z',
  close: 'm4 4 8 8m0-8-8 8',
  warning: 'M8 2.2 14.3 13.3H1.7zM8 6.5v3.2m0 1.8v.1',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9m3.3 7.8 3.7 3.7',
  pictures: 'M2 3h12v10H2zm0 8 3.5-3.5 3 3 2-2L14 12M10.5 6v.1',
  left: 'M10 3 5 8l5 5',
  right: 'm6 3 5 5-5 5',
  restore: 'M3 3v3.5h3.5M3.3 6.4A5.2 5.2 0 1 1 2.8 9',
  target: 'M8 1.5v3m0 7v3M1.5 8h3m7 0h3M8 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5v.1m2.6-.1v.1m2.7-.1v.1m2.7-.1v.1M5 9.5h6',
  frame: 'M2.5 5.5v-3h3m5 0h3v3m0 5v3h-3m-5 0h-3v-3',
  add: 'M8 3v10M3 8h10',
}

const NAMESPACE = 'http://www.w3.org/2000/svg'

/** @param {IconName} name @returns {SVGSVGElement} */
export const icon = (name) => {
  const svg = document.createElementNS(NAMESPACE, 'svg')
  svg.setAttribute('viewBox', '0 0 16 16')
  svg.setAttribute('class', `icon icon-${name}`)
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(NAMESPACE, 'path')
  path.setAttribute('d', PATHS[name])
  svg.append(path)
  return svg
}
