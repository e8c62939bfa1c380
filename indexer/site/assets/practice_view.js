/** What the practice page shows: choices, the verdict with its passages, scores. */

import { element, safeUrl, unfolding } from "./dom.js";
import { scores } from "./practice_box.js";
import { foreignLanguage, headingTrail, markedPieces } from "./suggestion.js";

export const NONE = "None of these";
export const NOT_COVERED = "No article covers this";

const WHY_NOT = {
  off: "What people asked is not used for practice on this site.",
  not_allowed: "What people asked is shown to those only who may read every report.",
  too_few: "Too few people have asked alike so far, so what they asked is not among them.",
  reading: "What people asked is being read, and comes in a moment.",
  away: "What people asked cannot be read at the moment.",
};

/** Return the sentences that say where the questions come from. */
export function originText({ origin, is_demo: isDemo, asked, own }) {
  const stated = own.length === 1 ? "1 question that an article states" : `${own.length} questions that articles state`;
  if (origin !== "log" || asked.length === 0) {
    return `${stated}. ${WHY_NOT[origin] ?? "None that people asked fits."}`;
  }
  const demo = isDemo ? " Demonstration: what people asked was made up." : "";
  const first = asked.length === 1 ? "1 question that people asked" : `${asked.length} questions that people asked`;
  return `${first}, then ${stated}.${demo}`;
}

/** Return where one question comes from. */
export function sourceText({ source, askers }) {
  return source === "asked" ? `Asked by ${askers} people, personal data removed` : "Stated by an article";
}

/**
 * Return the articles to choose from, and "none", each with the digit that picks it.
 *
 * @param {Object[]} choices
 * @param {function(?string): void} pick takes the article's id; null for none
 * @param {string} none what the last one says
 */
export function choicesView(choices, pick, none) {
  const all = [...choices.map((one) => choiceButton(one, pick)), noneButton(none, pick)];
  return element("ol", { class: "sop-practice__choices" }, all.map((button, place) => numbered(button, place + 1)));
}

function numbered(button, number) {
  button.setAttribute("aria-keyshortcuts", String(number));
  button.dataset.sopDigit = String(number);
  button.prepend(element("kbd", { "aria-hidden": "true" }, String(number)));
  return element("li", {}, button);
}

function choiceButton({ id, title, summary, area, language }, pick) {
  const lang = foreignLanguage(language);
  return element("button", { type: "button", class: "sop-practice__choice", on: { click: () => pick(id) } },
    element("span", { class: "sop-practice__title", lang }, title),
    area && element("span", { class: "sop-practice__area" }, area),
    summary && element("span", { class: "sop-practice__summary", lang }, summary),
  );
}

function noneButton(text, pick) {
  return element("button", { type: "button", class: "sop-practice__choice", on: { click: () => pick(null) } },
    element("span", { class: "sop-practice__title" }, text),
    element("span", { class: "sop-practice__summary" }, "Escalate, and report that an article is missing."),
  );
}

/** Return the sentence that says whether a pick was right. */
export function verdictText({ right, left_out: leftOut, answer }) {
  if (leftOut) return right ? "Right: none of these answers it." : "Not right: none of these answers it.";
  if (!answer) return right ? "Right: no article answers this." : "Not right: no article answers this.";
  return right ? "Right." : `Not right. The answer is “${answer.title}”.`;
}

/** Return everything below the verdict: the right article, and why what was chosen is not it. */
export function verdictView(verdict) {
  const { right, left_out: leftOut, answer, chosen } = verdict;
  return [
    answer && passageView(answer, leftOut ? "The article that answers was not among them" : "The article that answers"),
    !answer && element("p", {}, "People asked this and nothing here answers it. To see that, to escalate and to report the gap is half of the work."),
    !right && chosen && passageView(chosen, "What you chose", "It is for something else. This passage of it is the nearest, and may have misled you:"),
    !right && !chosen && element("p", {}, "You chose that no article answers. Read the passage: which of its words could you have searched for?"),
  ];
}

function passageView({ title, summary, url, area, language, heading_path: path, highlights }, label, why) {
  const href = safeUrl(url, location.href);
  const lang = foreignLanguage(language);
  const trail = headingTrail(path, title);
  return element("article", { class: "sop-practice__passage" },
    element("p", { class: "sop-practice__label" }, label),
    element("h4", { lang },
      href ? element("a", { href, target: "_blank", rel: "noopener" }, title, element("span", { class: "sop-offscreen" }, " (opens in a new tab)")) : title,
    ),
    element("p", { class: "sop-practice__for", lang }, area && `${area}: `, summary),
    why && element("p", {}, why),
    element("figure", {},
      trail && element("figcaption", { lang }, trail),
      element("blockquote", { lang }, markedPieces(highlights)),
    ),
  );
}

/**
 * Return the scores of this browser, and how to forget them.
 *
 * @param {Object} box
 * @param {function(): void} forget
 */
export function scoresView(box, forget) {
  if (box.turn === 0) return element("p", {}, "No try yet. Scores appear here as soon as you have picked an article.");
  const inRow = box.streak === 1 ? "1 right in a row" : `${box.streak} right in a row`;
  const sure = element("p", { hidden: true },
    "All scores of this browser go, and every question is new again. ",
    element("button", { type: "button", class: "sop-button", on: { click: forget } }, "Forget them now"),
  );
  return [
    element("p", { class: "sop-practice__streak" }, `${inRow}; your best is ${box.best}.`),
    element("div", { class: "sop-desk__table" },
      element("table", {},
        element("thead", {}, element("tr", {}, ["Area", "Right", "Tries"].map((one) => element("th", { scope: "col" }, one)))),
        element("tbody", {}, scores(box).map(({ name, right, tries }) =>
          element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, String(right)), element("td", {}, String(tries))),
        )),
      ),
    ),
    unfolding("Forget my scores", sure),
    sure,
  ];
}
