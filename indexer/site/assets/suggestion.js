/** The parts of one suggestion, for the search field and for Ask alike. */

import { element, safeUrl } from "./dom.js";

/**
 * From which confidence on an article answers, where an answer does not state its `threshold`:
 * DECISION_THRESHOLD of indexer/calibration.py.
 */
export const DEFAULT_THRESHOLD = 0.22;
const LIKELY = 0.6;

/**
 * Return what a confidence means.
 *
 * @param {number} confidence in [0, 1]
 * @param {number} [threshold] from which on an article answers
 * @returns {"likely"|"possible"|"unlikely"}
 */
export function confidenceWord(confidence, threshold = DEFAULT_THRESHOLD) {
  if (confidence >= LIKELY) return "likely";
  return confidence >= threshold ? "possible" : "unlikely";
}

/**
 * Return a confidence for people, such as "likely, 72 %".
 *
 * An estimate is never certain, so 100 % is not said; and the figure never contradicts the word.
 */
export function confidenceWords(confidence, threshold) {
  const word = confidenceWord(confidence, threshold);
  const rounded = Math.min(99, Math.round(confidence * 100));
  const percent = confidenceWord(rounded / 100, threshold) === word ? rounded : rounded - 1;
  return `${word}, ${percent} %`;
}

/** Return the headings below the article's title, as one line; empty for its beginning. */
export function headingTrail(headingPath, title) {
  const below = headingPath[0] === title ? headingPath.slice(1) : headingPath;
  return below.join(" › ");
}

/** Return a date for people, such as "1 August 2026", from "2026-08-01". */
export function longDate(isoDate) {
  const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
  return format.format(new Date(`${isoDate.slice(0, 10)}T00:00:00Z`));
}

/** Return the pieces of a snippet, with the question's words marked. */
export function markedPieces(highlights) {
  return highlights.map(({ type, text }) => (type === "match" ? element("mark", {}, text) : text));
}

/** Return a confidence as an element whose look follows the word. */
export function confidenceMark(confidence, threshold) {
  const name = `sop-confidence sop-confidence--${confidenceWord(confidence, threshold)}`;
  return element("span", { class: name }, confidenceWords(confidence, threshold));
}

/** Return the address of a suggestion's page, or null where it has none. */
export function pageUrl(suggestion) {
  return safeUrl(suggestion.url, location.href);
}

/** Return the `lang` that a text needs on this page; null where it is the page's own. */
export function foreignLanguage(language) {
  const own = document.documentElement.lang.split("-")[0];
  return language && language.split("-")[0] !== own ? language : null;
}
