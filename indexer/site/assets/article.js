/** What an article's page does beyond its text. */

import { setUpEscalation } from "./escalation.js";
import { setUpHelped } from "./helped.js";
import { setUpPlaceholders } from "./placeholders.js";
import { setUpReview } from "./review.js";

/**
 * Wire an article's page; nothing on another page.
 *
 * @param {AbortSignal} signal aborted when the page is left
 */
export function setUpArticle(signal) {
  const stated = document.querySelector("#sop-article");
  if (!stated) return;
  // Instant navigation makes every script of a page a plain one, without id and type, and
  // runs it. So the attribute is the better place.
  const article = JSON.parse(stated.dataset.sopArticle ?? stated.textContent);
  setUpReview(article);
  setUpPlaceholders();
  setUpEscalation(article, signal);
  setUpHelped(article);
}
