// A shake: the hand goes to and fro, quickly, several times.

const TURNS = 4
const WITHIN_MS = 700
const LEAST = 14 // pixels between two turns

/** Tells of each move, in screen pixels, whether it ends a shake. @returns {(x: number, time: number) => boolean} */
export const createShakeReader = () => {
  /** @type {number[]} */
  let turns = []
  let [last, way] = [NaN, 0]
  return (x, time) => {
    if (Number.isNaN(last)) last = x
    const moved = x - last
    if (Math.abs(moved) < LEAST) {
      if (Math.sign(moved) === way) last = x
      return false
    }
    last = x
    if (Math.sign(moved) === way) return false
    const isTurn = way !== 0
    way = Math.sign(moved)
    if (!isTurn) return false
    turns = [...turns.filter((turn) => time - turn < WITHIN_MS), time]
    if (turns.length < TURNS) return false
    turns = []
    return true
  }
}
