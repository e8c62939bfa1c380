/** What the Ask dialog shows for an answer. */

import { copyAndSay } from "./clipboard.js";
import { element, fill, once, safeUrl, uniqueId } from "./dom.js";
import { commentField, noteFeedback, reasonField, sendFeedback } from "./feedback.js";
import { replyText } from "./question.js";
import {
  POSSIBLE,
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
export function escalatesNow(suggestion, urgent) {
  const { escalation, confidence } = suggestion;
  return Boolean(escalation) && confidence >= POSSIBLE && (urgent || /^sev[12]$/.test(escalation.severity));
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
      answer.suggestions.map((one) => articleView(one, answer.query_id, actions)),
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
    element("ul", {}, notices.map((notice) => noticeView(notice, actions))),
  );
}

function noticeView(notice, actions) {
  const url = safeUrl(notice.url, location.href);
  const title = url ? element("a", { href: url, on: { click: leaveOn(actions) } }, notice.title) : notice.title;
  return element("li", {}, element("code", {}, notice.reference), " ", title, ". ", notice.workaround);
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

/** Return the button that reports a gap, and the form that it opens. */
function gapView(queryId, lead, beside = null) {
  const { area, field } = commentField("What would the article have to say? (optional, no personal data)");
  const status = element("span", { role: "status" });
  const send = once(async () => {
    status.textContent = "";
    try {
      await sendFeedback({ query_id: queryId, event: "gap", comment: area.value.trim() });
      fill(form);
      opener.remove();
      status.textContent = "The gap is reported. Thank you.";
    } catch (error) {
      status.textContent = `Not sent: ${error.message}`;
    }
  });
  const form = element(
    "form",
    { class: "sop-inline-form", hidden: true, on: { submit: send } },
    field,
    element("button", { type: "submit", class: "sop-button" }, "Send the report"),
  );
  const opener = unfolding("Report the gap", form);
  const buttons = element("p", { class: "sop-actions" }, lead && element("span", {}, lead), opener, beside);
  return [buttons, form, element("p", { class: "sop-said" }, status)];
}

/** Return a button that shows and hides a form. */
function unfolding(label, form) {
  form.id = uniqueId("form");
  const button = element("button", {
    type: "button",
    class: "sop-button",
    "aria-expanded": "false",
    "aria-controls": form.id,
  }, label);
  button.addEventListener("click", () => {
    form.hidden = !form.hidden;
    button.setAttribute("aria-expanded", String(!form.hidden));
    if (!form.hidden) form.querySelector("select, textarea").focus();
  });
  return button;
}

function articleView(suggestion, queryId, actions) {
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
    factsView(suggestion, lang),
    element("p", { class: "sop-answer__snippet", lang }, markedPieces(suggestion.highlights)),
    warningsView(suggestion),
    escalatesNow(suggestion, actions.urgent) && escalationView(suggestion.escalation),
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

function factsView(suggestion, lang) {
  const trail = headingTrail(suggestion.heading_path, suggestion.title);
  return element(
    "p",
    { class: "sop-answer__facts" },
    confidenceMark(suggestion.confidence),
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

function rejectForm(suggestion, queryId, item, actions) {
  const { select, field } = reasonField("Why not?");
  const status = element("span", { role: "status" });
  const send = once(async () => {
    status.textContent = "";
    try {
      await sendFeedback({
        query_id: queryId,
        article_id: suggestion.id,
        event: "rejected",
        reason: select.value,
      });
      fold(item, suggestion.title, actions);
    } catch (error) {
      status.textContent = `Not sent: ${error.message}`;
    }
  });
  return element(
    "form",
    { class: "sop-inline-form", hidden: true, on: { submit: send } },
    field,
    element("button", { type: "submit", class: "sop-button" }, "Send"),
    element("p", { class: "sop-said" }, status),
  );
}

/** Leave one line of an article that was rejected, and go on to the next one. */
function fold(item, title, actions) {
  const next = item.nextElementSibling ?? item.closest(".sop-ask__answer").querySelector(".sop-none-helps");
  item.classList.add("sop-answer--folded");
  fill(item, element("p", {}, `Not this one: ${title}`));
  actions.say(`Noted: not “${title}”.`);
  (next?.querySelector("a, button") ?? item.closest("dialog").querySelector("textarea")).focus();
}
