/** What became of a suggestion or an article, sent to the service. */

import { request } from "./api.js";
import { element, uniqueId } from "./dom.js";

/** Why an article did not fit, in the order in which people are asked. */
export const REASONS = [
  ["not_related", "Not about my problem"],
  ["related_not_answered", "Did not solve it"],
  ["outdated", "Out of date or wrong"],
  ["unknown", "Something else"],
];

/** Longest comment that the service takes. */
export const MAX_COMMENT_CHARS = 2000;

/**
 * Store feedback.
 *
 * @param {Object} feedback fields of FeedbackRequest; empty ones are left out
 */
export function sendFeedback(feedback) {
  const stated = Object.entries(feedback).filter(([, value]) => value);
  return request("feedback", Object.fromEntries(stated));
}

/** Send feedback that nobody waits for, while the page may be leaving. */
export function noteFeedback(feedback) {
  request("feedback", feedback, { keepalive: true }).catch(() => {
    // Nobody asked for this and nobody can mend it: opening an article goes first.
  });
}

/** Return a labelled list of reasons; nothing chosen counts as unknown. */
export function reasonField(label) {
  const id = uniqueId("reason");
  const select = element(
    "select",
    { id, class: "sop-field" },
    element("option", { value: "unknown" }, "Choose a reason"),
    REASONS.map(([value, text]) => element("option", { value }, text)),
  );
  return { select, field: element("p", {}, element("label", { for: id }, label), " ", select) };
}

/** Return a labelled field for an optional comment. */
export function commentField(label) {
  const id = uniqueId("comment");
  const area = element("textarea", { id, class: "sop-field", rows: 2, maxlength: MAX_COMMENT_CHARS });
  return { area, field: element("p", {}, element("label", { for: id }, label), " ", area) };
}
