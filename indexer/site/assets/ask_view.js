/** What the Ask dialog shows for an answer. */

import { gapView, rejectForm } from "./ask_forms.js";
import { copyAndSay } from "./clipboard.js";
import { element, fill, once, safeUrl, unfolding } from "./dom.js";
import { noteFeedback } from "./feedback.js";
import { replyText } from "./question.js";
import {
  DEFAULT_THRESHOLD,
  confidenceMark,
  foreignLanguage,
  headingTrail,
  longDate,
  markedPieces,
  pageUrl,
} from "./suggestion.js";

/**
 * @typedef {Object} AskActions
 * @property {boolean} urgent the question says that it is urgent
 * @property {boolean} unlikelyShown the nearest articles are shown although none is likely
 * @property {function(string): void} say put a sentence into the status line
 * @property {function(): void} showNearest ask again, for the nearest articles
 * @property {function(): void} leave a link is followed, so the dialog goes
 */

const NONE = "No article covers this.";

/** Return the line that says how many articles there are. */
export function announceArticles(answer) {
  const number = answer.suggestions.length;
  const count = number === 1 ? "1 article" : `${number} articles`;
  if (answer.decision !== "abstain") return count;
  return number ? `${NONE} The nearest: ${count}.` : NONE;
}

/** Whether a suggestion's escalation is to stand out: grave, or the question says urgent. */
export function escalatesNow(suggestion, urgent, threshold = DEFAULT_THRESHOLD) {
  const { escalation, confidence } = suggestion;
  return Boolean(escalation) && confidence >= threshold && (urgent || /^sev[12]$/.test(escalation.severity));
}

/** Return everything below the status line. */
export function answerView(answer, actions) {
  const abstains = answer.decision === "abstain";
  return [
    answer.notices.length > 0 && noticesView(answer.notices, actions),
    abstains && abstainView(answer, actions),
    element(
      "ol",
      { class: "sop-answers", hidden: answer.suggestions.length === 0 },
      answer.suggestions.map((one) => articleView(one, answer, actions)),
    ),
    !abstains && element("div", { class: "sop-none-helps" }, gapView(answer.query_id, "None of these helps?")),
  ];
}

/** Return what to do while the service is away. */
export function failureView(searchKeywords) {
  return element(
    "p",
    {},
    element("button", { type: "button", class: "sop-button", on: { click: searchKeywords } }, "Search by keywords instead"),
  );
}

function noticesView(notices, actions) {
  return element(
    "section",
    { class: "sop-notices", "aria-label": "Known issues" },
    element("h3", {}, "Known issues now"),
    element("ul", {}, notices.map((notice) => noticeView(notice, notices.length === 1, actions))),
  );
}

/** Return one line for a known issue: they come with every answer, so several stay folded. */
function noticeView(notice, open, actions) {
  const url = safeUrl(notice.url, location.href);
  const title = url ? element("a", { href: url, on: { click: leaveOn(actions) } }, notice.title) : notice.title;
  // A pinned notice may say all in its title.
  if (!notice.workaround) {
    return element("li", { class: "sop-notice" }, element("code", {}, notice.reference), title);
  }
  const workaround = element("p", { hidden: !open }, notice.workaround);
  return element(
    "li",
    { class: "sop-notice" },
    element("code", {}, notice.reference),
    title,
    !open && unfolding("Workaround", workaround, `Workaround for ${notice.reference}`),
    workaround,
  );
}

function abstainView(answer, actions) {
  const nearest = element(
    "button",
    { type: "button", class: "sop-button", on: { click: actions.showNearest } },
    "Show the nearest anyway",
  );
  return element(
    "div",
    { class: "sop-abstain" },
    element("p", {}, answer.reason ?? ""),
    gapView(answer.query_id, "", actions.unlikelyShown ? null : nearest),
  );
}

function articleView(suggestion, { query_id: queryId, threshold }, actions) {
  const item = element("li", { class: "sop-answer" });
  const status = element("span", { role: "status" });
  const reject = rejectForm(suggestion, queryId, item, actions);
  const copy = once(async () => {
    const said = suggestion.sharing ? `Copied. Do not forget: ${suggestion.sharing}` : "Copied.";
    const copied = await copyAndSay(replyText(suggestion, pageUrl(suggestion)), status, said);
    if (copied) noteFeedback({ query_id: queryId, article_id: suggestion.id, event: "linked" });
  });
  const lang = foreignLanguage(suggestion.language);
  fill(
    item,
    element("h3", { class: "sop-answer__title", lang }, titleView(suggestion, queryId, actions)),
    factsView(suggestion, threshold, lang),
    element("p", { class: "sop-answer__snippet", lang }, markedPieces(suggestion.highlights)),
    warningsView(suggestion),
    escalatesNow(suggestion, actions.urgent, threshold) && escalationView(suggestion.escalation),
    element(
      "p",
      { class: "sop-actions" },
      element("button", { type: "button", class: "sop-button", on: { click: copy } }, "Copy as reply"),
      unfolding("Not this one", reject),
    ),
    element("p", { class: "sop-said" }, status),
    reject,
  );
  return item;
}

function titleView(suggestion, queryId, actions) {
  const url = pageUrl(suggestion);
  if (!url) return suggestion.title;
  const viewed = () => noteFeedback({ query_id: queryId, article_id: suggestion.id, event: "viewed" });
  const onClick = (event) => {
    viewed();
    leaveOn(actions)(event);
  };
  const onAuxiliary = (event) => {
    if (event.button === 1) viewed();
  };
  return element("a", { href: url, on: { click: onClick, auxclick: onAuxiliary } }, suggestion.title);
}

/** Close the dialog on a plain click; a new tab leaves it where it is. */
function leaveOn(actions) {
  return (event) => {
    if (!(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)) actions.leave();
  };
}

function factsView(suggestion, threshold, lang) {
  const trail = headingTrail(suggestion.heading_path, suggestion.title);
  return element(
    "p",
    { class: "sop-answer__facts" },
    confidenceMark(suggestion.confidence, threshold),
    element("code", {}, suggestion.id),
    trail && element("span", { lang }, trail),
  );
}

function warningsView(suggestion) {
  const issue = suggestion.known_issue;
  return [
    issue && labelled(`Known issue ${issue.reference}:`, issue.workaround),
    suggestion.overdue && labelled("Review overdue:", overdueText(suggestion)),
    suggestion.sharing && labelled("Sharing:", suggestion.sharing),
  ];
}

function overdueText({ review_by: reviewBy }) {
  return reviewBy ? `it was due by ${longDate(reviewBy)}; check before you rely on it.` : "check before you rely on it.";
}

function labelled(label, text) {
  return element("p", { class: "sop-answer__warning" }, element("strong", {}, label), " ", text);
}

function escalationView(escalation) {
  const { team, channel, severity, after_minutes: minutes, evidence } = escalation;
  const after = minutes ? `, if it is not solved after ${minutes} minutes` : ", at once";
  return element(
    "div",
    { class: "admonition danger sop-answer__escalation" },
    element("p", { class: "admonition-title" }, `Escalate (${severity})`),
    element("p", {}, "To ", element("strong", {}, team), " in ", element("code", {}, channel), `${after}.`),
    evidence.length > 0 && element("p", {}, "Bring with you:"),
    evidence.length > 0 && element("ul", {}, evidence.map((one) => element("li", {}, one))),
  );
}
