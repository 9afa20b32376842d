// What a menu shows, as data: rows in groups, menus within it, and the rows that a few typed letters leave.

/** @typedef {{label: string, key?: string, run: () => void, enabled?: boolean, danger?: boolean, checked?: boolean}} MenuAction checked: it is on or off */
/** @typedef {{label: string, rows: readonly MenuRow[]}} Submenu */
/** @typedef {MenuAction | Submenu | 'line'} MenuRow */
/** @typedef {MenuAction & {place: string}} FoundAction place: the menu that it is in; empty for the first one */

/** @param {MenuRow} row @returns {row is Submenu} */
export const isSubmenu = (row) => row !== 'line' && 'rows' in row

/** Groups of rows with a line between them; what is empty leaves none. @param {readonly (readonly MenuRow[])[]} groups @returns {MenuRow[]} */
export const grouped = (groups) => tidy(groups.flatMap((rows) => ['line', ...rows]))

/** Lines only between rows, menus only where they hold any. @param {readonly MenuRow[]} rows @returns {MenuRow[]} */
export const tidy = (rows) => {
  const full = rows.map((row) => (isSubmenu(row) ? { ...row, rows: tidy(row.rows) } : row)).filter((row) => !isSubmenu(row) || row.rows.length > 0)
  return full.filter((row, at) => row !== 'line' || (at > 0 && full[at - 1] !== 'line' && full.slice(at).some((next) => next !== 'line')))
}

/** What can be chosen, in menus within it too. @param {readonly MenuRow[]} rows @param {string} [place] @returns {FoundAction[]} */
export const actionsOf = (rows, place = '') => rows.flatMap((row) => {
  if (row === 'line') return []
  if (isSubmenu(row)) return actionsOf(row.rows, row.label)
  return row.enabled === false ? [] : [{ ...row, place }]
})

/** How early words begin with what is asked: 0 at the start, 1 at another word, 2 within one; null where one is not there. @param {string} text @param {readonly string[]} words */
const rankOf = (text, words) => {
  const ranks = words.map((word) => (text.startsWith(word) ? 0 : text.includes(` ${word}`) ? 1 : text.includes(word) ? 2 : 3))
  return ranks.includes(3) ? null : Math.max(...ranks)
}

/** Those that letters find, the best first. @param {readonly MenuRow[]} rows @param {string} query @param {(label: string) => string} said the label in all languages that one may type */
export const findRows = (rows, query, said) => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return actionsOf(rows).flatMap((action) => {
    const rank = rankOf(said(action.label).toLowerCase(), words)
    return rank === null ? [] : [{ action, rank }]
  }).sort((a, b) => a.rank - b.rank).map(({ action }) => action)
}
