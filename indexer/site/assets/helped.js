/** "Did this help?" at the end of an article. */

import { element, fill, once, unfolding } from "./dom.js";
import { commentField, reasonField, sendFeedback } from "./feedback.js";

const THANKS = "Thank you. It is stored.";

/** Build the question; nothing where the page has no place for it. */
export function setUpHelped(article) {
  const section = document.querySelector(".sop-helped");
  if (!section || section.childElementCount > 0) return;
  const about = { page: article.url, article_id: article.id };
  const status = element("p", { class: "sop-said", role: "status" });
  const form = rejectedForm(about, status, () => done());
  const no = unfolding("No", form);
  const sendYes = once(async () => send({ ...about, event: "resolved" }, status, () => done()));
  const yes = element("button", { type: "button", class: "sop-button", on: { click: sendYes } }, "Yes");
  const buttons = element("p", { class: "sop-actions" }, yes, no);
  const done = () => {
    buttons.remove();
    form.remove();
    status.textContent = THANKS;
    // The button that had the focus is gone.
    status.tabIndex = -1;
    status.focus();
  };
  fill(section, element("h2", { id: "sop-helped-title" }, "Did this help?"), buttons, form, status);
  section.hidden = false;
}

function rejectedForm(about, status, done) {
  const reason = reasonField("What is wrong?");
  const comment = commentField("What would help? (optional, no personal data)");
  const onSubmit = once(async () => {
    const stated = { reason: reason.select.value, comment: comment.area.value.trim() };
    await send({ ...about, event: "rejected", ...stated }, status, done);
  });
  return element(
    "form",
    { class: "sop-inline-form", hidden: true, on: { submit: onSubmit } },
    reason.field,
    comment.field,
    element("button", { type: "submit", class: "sop-button" }, "Send"),
  );
}

async function send(feedback, status, done) {
  status.textContent = "";
  try {
    await sendFeedback(feedback);
    done();
  } catch (error) {
    status.textContent = `Not sent: ${error.message}`;
  }
}
