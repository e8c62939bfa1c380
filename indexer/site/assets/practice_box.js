/**
 * What a browser remembers of practice: Leitner boxes, scores by area, the streak. Pure but for
 * `loadBox` and `saveBox`, which know the one place where it is stored.
 */

const KEY = "sop.practice";
/** How many questions lie between two looks at one, by its box: the more often right, the more. */
const GAPS = [3, 8, 20, 50, 120];
const MOST_QUESTIONS = 3000;

/**
 * @typedef {Object} Box
 * @property {string} seed gives this browser an order of its own
 * @property {number} turn how many tries there were
 * @property {number} streak how many right in a row
 * @property {number} best the longest streak
 * @property {Object<string, [number, number]>} questions box and due turn, by question id
 * @property {Object<string, {name: string, right: number, tries: number}>} areas
 */

/** Return what is remembered before the first try. */
export function emptyBox(seed) {
  return { seed, turn: 0, streak: 0, best: 0, questions: {}, areas: {} };
}

/** Return what a browser has stored, or null where it is nothing that these scripts wrote. */
export function readBox(text) {
  try {
    const { seed, turn, streak, best, questions, areas } = JSON.parse(text);
    const counts = [turn, streak, best, ...Object.values(questions).flat()];
    const scores = Object.values(areas);
    const isWhole =
      typeof seed === "string" &&
      counts.every((one) => Number.isSafeInteger(one) && one >= 0) &&
      Object.values(questions).every((one) => one.length === 2 && one[0] < GAPS.length) &&
      scores.every(({ name, right, tries }) => typeof name === "string" && right >= 0 && right <= tries);
    return isWhole ? { seed, turn, streak, best, questions, areas } : null;
  } catch {
    return null;
  }
}

/** Return ids in an order that is always the same in one browser, and another in the next. */
export function shuffled(ids, seed) {
  const places = new Map(ids.map((id) => [id, hash(`${seed}:${id}`)]));
  return [...ids].sort((one, other) => places.get(one) - places.get(other) || (one < other ? -1 : 1));
}

/**
 * Return which question comes next: one that is due again, else a new one, else the earliest due.
 *
 * @param {Box} box
 * @param {string[]} ids those that may be asked, in their order
 * @param {?string} last the one before; it is not asked twice in a row where there is another
 * @returns {?string}
 */
export function nextQuestion(box, ids, last = null) {
  const others = ids.length > 1 ? ids.filter((id) => id !== last) : ids;
  const seen = others.filter((id) => Object.hasOwn(box.questions, id));
  const earliest = seen.toSorted((one, other) => box.questions[one][1] - box.questions[other][1])[0] ?? null;
  if (earliest && box.questions[earliest][1] <= box.turn) return earliest;
  return others.find((id) => !Object.hasOwn(box.questions, id)) ?? earliest;
}

/**
 * Return what is remembered after a try: what was right moves a box up, what was wrong to the first.
 *
 * @param {Box} box
 * @param {string} id of the question
 * @param {{area: string, area_name: string, right: boolean}} verdict
 * @returns {Box}
 */
export function afterTry(box, id, { area, area_name: name, right }) {
  const turn = box.turn + 1;
  const before = Object.hasOwn(box.questions, id) ? box.questions[id][0] : 0;
  const place = right ? Math.min(before + 1, GAPS.length - 1) : 0;
  const streak = right ? box.streak + 1 : 0;
  const score = Object.hasOwn(box.areas, area) ? box.areas[area] : { right: 0, tries: 0 };
  const questions = { ...box.questions, [id]: [place, turn + GAPS[place]] };
  return {
    seed: box.seed,
    turn,
    streak,
    best: Math.max(box.best, streak),
    questions: newest(questions),
    areas: { ...box.areas, [area]: { name, right: score.right + (right ? 1 : 0), tries: score.tries + 1 } },
  };
}

/** Return the scores by area, those with the lowest share of right ones first. */
export function scores(box) {
  return Object.values(box.areas).toSorted(
    (one, other) => one.right / one.tries - other.right / other.tries || one.name.localeCompare(other.name),
  );
}

/** Return what this browser has stored, else an empty box. */
export function loadBox() {
  try {
    return readBox(localStorage.getItem(KEY)) ?? emptyBox(randomHex());
  } catch {
    // Storage is forbidden: scores last as long as the page.
    return emptyBox(randomHex());
  }
}

/** Store a box; a browser that stores nothing has it until the page is left. */
export function saveBox(box) {
  try {
    localStorage.setItem(KEY, JSON.stringify(box));
  } catch {
    // Storage is full or forbidden.
  }
}

/** Forget everything; return the empty box. */
export function forgetBox() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was stored.
  }
  return emptyBox(randomHex());
}

/** Return 16 hexadecimal digits that nobody can foresee. */
export function randomHex() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (one) => one.toString(16).padStart(2, "0")).join("");
}

function newest(questions) {
  const entries = Object.entries(questions);
  if (entries.length <= MOST_QUESTIONS) return questions;
  // Those that come back last are known best.
  return Object.fromEntries(entries.sort(([, one], [, other]) => one[1] - other[1]).slice(0, MOST_QUESTIONS));
}

/** FNV-1a, 32 bits: an order needs no better one. */
function hash(text) {
  let value = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) {
    value = Math.imul(value ^ text.charCodeAt(place), 0x01000193) >>> 0;
  }
  return value;
}
