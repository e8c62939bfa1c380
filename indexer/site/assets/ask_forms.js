/** What people say about an answer in the Ask dialog: a gap, or an article that does not fit. */

import { element, fill, once, unfolding } from "./dom.js";
import { commentField, reasonField, sendFeedback } from "./feedback.js";

/** Return the button that reports a gap, and the form that it opens. */
export function gapView(queryId, lead, beside = null) {
  const { area, field } = commentField("What would the article have to say? (optional, no personal data)");
  const status = element("span", { role: "status" });
  const send = once(async () => {
    status.textContent = "";
    try {
      await sendFeedback({ query_id: queryId, event: "gap", comment: area.value.trim() });
      form.remove();
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

/** Return the form that says why an article does not fit; sent, it folds the article. */
export function rejectForm(suggestion, queryId, item, actions) {
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
