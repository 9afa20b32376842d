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
  pause: 'M5 3.5v9m6-9v9',
  up: 'M8 12.5v-9M4 7.5l4-4 4 4',
  front: 'M3 2.5h10M8 14V6M4 10l4-4 4 4',
  close: 'm4 4 8 8m0-8-8 8',
  warning: 'M8 2.2 14.3 13.3H1.7zM8 6.5v3.2m0 1.8v.1',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9m3.3 7.8 3.7 3.7',
  pictures: 'M2 3h12v10H2zm0 8 3.5-3.5 3 3 2-2L14 12M10.5 6v.1',
  left: 'M10 3 5 8l5 5',
  right: 'm6 3 5 5-5 5',
  restore: 'M3 3v3.5h3.5M3.3 6.4A5.2 5.2 0 1 1 2.8 9',
  target: 'M8 1.5v3m0 7v3M1.5 8h3m7 0h3M8 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5v.1m2.6-.1v.1m2.7-.1v.1m2.7-.1v.1M5 9.5h6',
  form: 'M2.5 2.5h11v11h-11zM5 5.5h6M5 8h6M5 10.5h3.5',
  frame: 'M2.5 5.5v-3h3m5 0h3v3m0 5v3h-3m-5 0h-3v-3',
  add: 'M8 3v10M3 8h10',
  mask: 'M2.5 2.5h11v11h-11zM8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6',
  brush: 'M13.5 2.5 7.2 8.2m0 0a2.4 2.4 0 0 1 1 1.4c.3 2-1.4 3.9-5.7 3.9 1.6-1 1.1-2.3 1.7-3.7a2.4 2.4 0 0 1 3-1.6',
  eraser: 'M6.5 13.5h7M3.3 10.5l6.5-7 3.7 3.5-6.2 6.5H5.5L3.3 11.4zM6.3 7.3l3.7 3.5',
  fill: 'M7 2.5 12.5 8l-5 5L2.5 8zM4.7 5.8 2.5 8h10m1.5 2c1 1.5 1.2 3 0 3s-1-1.5 0-3',
  lasso: 'M4.5 10.3C3 9.5 2 8.3 2 7c0-2.5 2.7-4.5 6-4.5s6 2 6 4.5-2.7 4.5-6 4.5c-.7 0-1.3 0-1.9-.2M4.3 10a1.5 1.5 0 1 1 1.5 1.8c0 1.2-.6 2-1.8 2',
  rectangle: 'M2.5 3.5h2m2 0h3m2 0h2v2m0 2v1m0 2v2h-2m-2 0h-3m-2 0h-2v-2m0-2v-1m0-2v-2',
  gradient: 'M2.5 3.5h11v9h-11zM5 3.5v9M7 3.5v9M8.5 3.5v9',
  invert: 'M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zm0 0v11M8 5.5h4.5M8 8h5.5M8 10.5h4.5',
  skip: 'M3.5 3.5 9 8l-5.5 4.5zM11.5 3.5v9',
  pin: 'M6 2.5h4M6.5 2.5v4L4.5 9.5h7l-2-3v-4M8 9.5v4',
  feather: 'M8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4M8 2.5v.1m0 10.8v.1M2.5 8h.1m10.8 0h.1M4.1 4.1l.1.1m7.6 7.6.1.1m0-7.8-.1.1m-7.6 7.6-.1.1',
  values: 'M2.5 4h6m3 0h2M2.5 8h2m3 0h6M2.5 12h5m3 0h3M10 2.5v3m-4 1v3m3 1v3',
  all: 'M2.5 2.5h11v11h-11zM5 8.2 7.2 10.5 11 5.5',
  lock: 'M4 7.5h8v6H4zM5.5 7.5v-2a2.5 2.5 0 0 1 5 0v2',
  die: 'M4.5 2.5h7a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2M5.5 5.4v.1m5 5v.1M8 8v.1',
  down: 'm4 6 4 4 4-4',
  swap: 'M2.5 5.5h10m-3-3 3 3-3 3m4 2h-10m3-3-3 3 3 3',
  flip: 'M5.5 13.5v-10m-3 3 3-3 3 3m2-4v10m3-3-3 3-3-3',
  branch: 'M4.5 2.5v11M4.5 10.5c4.5 0 6-1.5 6-5M8.2 7.3l2.3-2.3 2.3 2.3',
  clear: 'M3 4.5h10M6.5 4.5v-2h3v2m-5.5 0 .6 9h6.8l.6-9M6.7 7v4m2.6-4v4',
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
