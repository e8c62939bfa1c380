/** Whether a text says that it is urgent. Pure; a hint that shows whom to call, no more. */

const URGENT = [
  // English; "urgent" is also French, "urgente" Spanish, Italian and Portuguese
  String.raw`urgent(?:e|ly|emente|issimo)?`,
  "urgency",
  "asap",
  "a\\.s\\.a\\.p\\.?",
  "as soon as possible",
  "immediately",
  "right away",
  "emergency",
  "outage",
  "(?:everyone|everybody) is (?:affected|blocked|locked out)",
  "(?:is|are|completely|totally) down",
  "sev ?-?[12]",
  "p[01]",
  "dringend",
  "eilt",
  "sofort",
  "spoed",
  "pilne",
  "acil",
  "срочно",
];
const WRITTEN_TOGETHER = /紧急|緊急|至急|加急|긴급|ด่วน/u;
// "not urgent", "isn't that urgent", "nicht so dringend", "no es urgente"
const NOT = /(?:^|[^\p{L}])(?:not?|non|\p{L}+n['’]t|nicht|kein|keine|pas|n[aã]o)\s+(?:(?:very|that|so|too|really|at all|yet|sehr|es|è|é)\s+)?$/iu;
const SAID = new RegExp(String.raw`(?<![\p{L}\p{N}_-])(?:${URGENT.join("|")})(?![\p{L}\p{N}_])`, "giu");

/**
 * Return whether a text says that it is urgent; "not urgent" does not.
 *
 * @param {string} text
 * @returns {boolean}
 */
export function saysUrgent(text) {
  if (WRITTEN_TOGETHER.test(text)) return true;
  for (const found of text.matchAll(SAID)) {
    if (!NOT.test(text.slice(Math.max(0, found.index - 40), found.index))) return true;
  }
  return false;
}
