/** The home page: where to ask, what is new, what is used. */

import { request } from "./api.js";
import { element, fill, meta, safeUrl } from "./dom.js";
import { longDate } from "./suggestion.js";

const VISIT_KEY = "sop.visit";
const SAME_VISIT_MS = 4 * 3_600_000;
const FIRST_VISIT_DAYS = 14;
const DAY_MS = 86_400_000;
const SHOWN = 8;

/**
 * @typedef {Object} Visits
 * @property {?string} last when the visit before this one ended; null on the first
 * @property {string} seen when this one was last noticed
 */

/**
 * Return the visits after a look at the home page: looks within four hours are one visit.
 *
 * @param {?Visits} stored
 * @param {Date} now
 * @returns {Visits}
 */
export function visitsAt(stored, now) {
  const seen = now.toISOString();
  if (!stored) return { last: null, seen };
  const sameVisit = now - new Date(stored.seen) < SAME_VISIT_MS;
  return { last: sameVisit ? stored.last : stored.seen, seen };
}

/**
 * Return the articles that changed since the last visit, newest first.
 *
 * @param {{updated: ?string}[]} articles
 * @param {?string} last null on a first visit: the last 14 days count
 * @param {Date} now
 */
export function changedSince(articles, last, now) {
  const since = last ? new Date(last) : new Date(now - FIRST_VISIT_DAYS * DAY_MS);
  return articles
    .filter(({ updated }) => updated && new Date(updated) > since)
    .sort((one, other) => new Date(other.updated) - new Date(one.updated));
}

/** Whether a day (2027-01-31) is over. */
export function isPast(day, now) {
  return Boolean(day) && day < now.toISOString().slice(0, 10);
}

/**
 * Wire the home page; nothing on another page.
 *
 * @param {AbortSignal} signal aborted when the page is left
 * @param {import("./ask.js").Ask} ask
 */
export function setUpHome(signal, ask) {
  const home = document.querySelector("[data-sop-home]");
  if (!home) return;
  const now = new Date();
  showAskBox(home.querySelector(".sop-home__ask"), ask);
  hidePast(home, now);
  showChanged(home.querySelector(".sop-home__changed"), now, signal);
  showPopular(home.querySelector(".sop-home__popular"), signal);
}

function showAskBox(section, ask) {
  if (!section || section.childElementCount > 0) return;
  const field = element("textarea", {
    id: "sop-home-field",
    class: "sop-field",
    rows: 1,
    autocomplete: "off",
    "aria-describedby": "sop-home-hint",
  });
  const open = (event) => {
    event.preventDefault();
    ask.open(field.value);
    // The dialog has it now, and shows it.
    field.value = "";
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) open(event);
  });
  fill(
    section,
    element(
      "form",
      { class: "sop-home__form", on: { submit: open } },
      element("label", { for: field.id }, "What is the problem?"),
      element(
        "div",
        { class: "sop-home__row" },
        field,
        element("button", { type: "submit", class: "sop-button sop-button--main" }, "Ask"),
      ),
      element("p", { id: "sop-home-hint", class: "sop-quiet" }, "A question in your own words, an error code, or a whole ticket."),
    ),
  );
  section.hidden = false;
}

function hidePast(home, now) {
  for (const item of home.querySelectorAll("[data-sop-until], [data-sop-resolved]")) {
    item.hidden ||= isPast(item.dataset.sopUntil, now) || isPast(item.dataset.sopResolved, now);
  }
  const tips = home.querySelector(".sop-home__tips");
  if (tips) tips.hidden = !tips.querySelector("li:not([hidden])");
}

async function showChanged(section, now, signal) {
  if (!section) return;
  const articles = await listedArticles(signal);
  // Without the list the visit does not count: what is new then stays new.
  if (!articles || signal.aborted) return;
  const { last } = noteVisit(now);
  const changed = changedSince(articles, last, now);
  if (!last && changed.length === 0) return;
  section.querySelector("h2").textContent = last ? "Changed since your last visit" : "Changed in the last 14 days";
  section.querySelector(".sop-home__since")?.remove();
  section.querySelector("h2").after(element("p", { class: "sop-quiet sop-home__since" }, sinceText(last, changed)));
  fill(section.querySelector("ul"), changed.slice(0, SHOWN).map(changedItem));
  section.hidden = false;
}

function sinceText(last, changed) {
  const more = changed.length > SHOWN ? ` The newest ${SHOWN} of ${changed.length}.` : "";
  if (!last) return `This looks like your first visit here.${more}`;
  return changed.length ? `You were here on ${longDate(last)}.${more}` : `Nothing new since ${longDate(last)}.`;
}

function changedItem({ url, title, updated }) {
  return element("li", {}, linked(url, title), " ", element("span", { class: "sop-quiet" }, longDate(updated)));
}

async function showPopular(section, signal) {
  if (!section) return;
  const answer = await request("popular?days=28", undefined, { signal }).catch(() => null);
  // Without figures there is no list, and nothing that anybody would have to know.
  const articles = answer?.articles?.slice(0, SHOWN) ?? [];
  if (articles.length === 0 || signal.aborted) return;
  if (answer.is_demo) section.querySelector("h2").textContent = "Most used (demo data)";
  fill(
    section.querySelector("ol"),
    articles.map(({ url, title, count }) =>
      element("li", {}, linked(url, title), " ", element("span", { class: "sop-quiet" }, count === 1 ? "once" : `${count} times`)),
    ),
  );
  section.hidden = false;
}

function linked(url, title) {
  const href = safeUrl(url, location.href);
  return href ? element("a", { href }, title) : title;
}

async function listedArticles(signal) {
  try {
    const url = new URL("articles.json", new URL(meta("sop-assets") ?? "assets/sop/", location.href));
    const response = await fetch(url, { signal });
    return response.ok ? await response.json() : null;
  } catch {
    // The page was left, or the site is away: the section stays hidden.
    return null;
  }
}

/** Return the visits, this one counted; a browser that stores nothing is always new here. */
function noteVisit(now) {
  const visits = visitsAt(storedVisits(), now);
  try {
    localStorage.setItem(VISIT_KEY, JSON.stringify(visits));
  } catch {
    // Storage is full or forbidden: the next look is a first visit too.
  }
  return visits;
}

function storedVisits() {
  try {
    const { last, seen } = JSON.parse(localStorage.getItem(VISIT_KEY));
    const readable = [last ?? seen, seen].every((time) => !Number.isNaN(Date.parse(time)));
    return readable ? { last, seen } : null;
  } catch {
    // Nothing is stored, or nothing that this script wrote.
    return null;
  }
}
