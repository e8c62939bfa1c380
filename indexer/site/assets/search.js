/**
 * Suggested articles above the keyword results of Material's search.
 *
 * The keyword results stay as they are. Where the service is away there is nothing to see.
 */

import { request } from "./api.js";
import { element } from "./dom.js";
import { DEFAULT_THRESHOLD, confidenceMark, foreignLanguage, headingTrail, markedPieces, pageUrl } from "./suggestion.js";

const QUERY = "[data-md-component=search-query]";
const RESULT = "[data-md-component=search-result]";
const SHOWN = 3;
const DEBOUNCE_MS = 200;
const PAUSE_AFTER_FAILURE_S = 30;
const MAX_QUERY_CHARS = 4000;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** Return whether a text is long enough to be worth a question: a word of three letters, or two characters. */
export function isLongEnough(text) {
  return Array.from(text).length >= (UNSPACED.test(text) ? 2 : 3);
}

/** Start to listen; once for the whole visit, since the search field outlives page changes. */
export function setUpSearch() {
  const asker = new SearchAsker();
  // Material calls its search a dialog, without a name, even while it is closed; the search
  // landmark within it says what it is.
  document.querySelector("[data-md-component=search][role=dialog]")?.removeAttribute("role");
  const onInput = (event) => {
    // While a word is being composed (Chinese, Japanese, Korean) its letters are no question yet.
    if (event.target.matches?.(QUERY) && !event.isComposing) asker.ask(event.target.value);
  };
  document.addEventListener("input", onInput);
  document.addEventListener("compositionend", onInput);
  document.addEventListener("reset", (event) => {
    if (event.target.querySelector?.(QUERY)) asker.ask("");
  });
  // Somebody may have typed before this script was there.
  asker.ask(document.querySelector(QUERY)?.value ?? "");
}

class SearchAsker {
  #asked = "";
  #timer = 0;
  #running = new AbortController();
  #pausedUntil = 0;

  /** Ask for a text, after a moment without another key; what was asked before is dropped. */
  ask(value) {
    const text = value.trim().slice(0, MAX_QUERY_CHARS);
    if (text === this.#asked) return;
    this.#asked = text;
    clearTimeout(this.#timer);
    this.#running.abort();
    if (!isLongEnough(text) || Date.now() < this.#pausedUntil) {
      show([]);
      return;
    }
    markOld();
    this.#timer = setTimeout(() => this.#fetch(text), DEBOUNCE_MS);
  }

  async #fetch(text) {
    const running = new AbortController();
    this.#running = running;
    try {
      const answer = await request("search", { query: text, limit: SHOWN }, { signal: running.signal });
      if (!running.signal.aborted) show(answer.results, answer.threshold);
    } catch (error) {
      if (running.signal.aborted) return;
      // One failure is one line that the browser itself prints; each key would be one more.
      if (error.kind !== "refused") this.#pause(error.retryAfter_s ?? PAUSE_AFTER_FAILURE_S);
      show([]);
    }
  }

  #pause(seconds) {
    this.#pausedUntil = Date.now() + seconds * 1000;
    this.#asked = "";
  }
}

function block() {
  return document.querySelector(`${RESULT} .sop-suggested`);
}

function markOld() {
  block()?.classList.add("sop-suggested--old");
  // Enter opens the first thing in the list, which must not be an answer to an older text.
  for (const score of block()?.querySelectorAll("[data-md-score]") ?? []) score.dataset.mdScore = "-1";
}

function show(results, threshold = DEFAULT_THRESHOLD) {
  const place = document.querySelector(RESULT);
  if (!place) return;
  const likely = results.filter((one) => one.confidence >= threshold && pageUrl(one)).slice(0, SHOWN);
  const old = block();
  const hadFocus = old?.contains(document.activeElement);
  old?.remove();
  statusIn(place).textContent = likely.length ? `${count(likely.length)} above the keyword results` : "";
  if (likely.length) place.querySelector(".md-search-result__list").before(suggestedBlock(likely, threshold));
  if (hadFocus) (block()?.querySelector("a") ?? document.querySelector(QUERY)).focus();
}

function count(number) {
  return number === 1 ? "1 suggested article" : `${number} suggested articles`;
}

/** Return the line that screen readers hear; it must be there before it says something. */
function statusIn(place) {
  const found = place.querySelector(".sop-suggested-status");
  if (found) return found;
  const status = element("p", { class: "sop-suggested-status sop-offscreen", role: "status" });
  place.querySelector(".md-search-result__list").before(status);
  return status;
}

function suggestedBlock(results, threshold) {
  return element(
    "section",
    { class: "sop-suggested", "aria-label": "Suggested articles" },
    element("p", { class: "sop-suggested__title", "aria-hidden": "true" }, "Suggested articles"),
    element("ol", { class: "sop-suggested__list" }, results.map((one, index) => row(one, index, threshold))),
  );
}

function row(result, index, threshold) {
  const trail = headingTrail(result.heading_path, result.title);
  const lang = foreignLanguage(result.language);
  // Material opens the link whose first child has the highest score when Enter is pressed,
  // and fails on a link whose first child has none.
  const title = element(
    "span",
    { class: "sop-suggested__name", "data-md-score": 1e12 - index, lang },
    result.title,
  );
  const link = element(
    "a",
    { class: "sop-suggested__link", href: pageUrl(result) },
    title,
    " ",
    confidenceMark(result.confidence, threshold),
    trail && element("span", { class: "sop-suggested__trail", lang }, trail),
    element("span", { class: "sop-suggested__snippet", lang }, markedPieces(result.highlights)),
  );
  return element("li", {}, link);
}
