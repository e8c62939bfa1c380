/** The banner of an article that is past its review date: compared here, since a site grows old. */

import { element, fill } from "./dom.js";
import { longDate } from "./suggestion.js";

/**
 * Return what the banner says, or null when the article is not overdue.
 *
 * @param {{review_by: ?string, owner: ?{name: string, channel: ?string}}} article
 * @param {Date} now
 * @returns {?string}
 */
export function reviewWarning({ review_by: reviewBy, owner }, now) {
  // The service compares days in UTC too, so that both agree.
  if (!reviewBy || reviewBy >= now.toISOString().slice(0, 10)) return null;
  const who = owner?.channel ?? owner?.name;
  const check = who ? `Check with ${who} before you rely on it.` : "Check before you rely on it.";
  return `This article should have been reviewed by ${longDate(reviewBy)}. ${check}`;
}

/** Show the banner where it is due. */
export function setUpReview(article) {
  const banner = document.querySelector(".sop-review");
  const warning = reviewWarning(article, new Date());
  if (!banner || !warning) return;
  banner.classList.add("admonition", "warning");
  fill(banner, element("p", { class: "admonition-title" }, "Review overdue"), element("p", {}, warning));
  banner.hidden = false;
}
