/** The banner on every page: what is pinned now. It refreshes by itself. */

import { request } from "./api.js";
import { element, fill, safeUrl } from "./dom.js";

export const REFRESH_MS = 30_000;
const MOST_WAIT_MS = 600_000;

/**
 * Return the notices that a banner shows: those that are pinned and not over.
 *
 * @param {{kind: string, expires: ?string}[]} notices
 * @param {Date} now
 */
export function bannerNotices(notices, now) {
  return notices.filter(({ kind, expires }) => kind === "pinned" && (!expires || new Date(expires) > now));
}

/**
 * Return how long to wait for the next look: longer each time while nobody answers.
 *
 * @param {number} failures in a row
 */
export function waitAfter(failures) {
  return Math.min(REFRESH_MS * 2 ** failures, MOST_WAIT_MS);
}

/**
 * Return how long to wait for the next look: a notice that ends must not stay until then.
 *
 * @param {{expires: ?string}[]} notices that are shown
 * @param {Date} now
 */
export function waitFor(notices, now) {
  const ends = notices.filter(({ expires }) => expires).map(({ expires }) => new Date(expires) - now + 1000);
  return Math.max(1000, Math.min(REFRESH_MS, ...ends));
}

/** Return when a notice ends, in the reader's own time. */
export function endText(expires, now) {
  const end = new Date(expires);
  const time = end.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const sameDay = end.toDateString() === now.toDateString();
  return sameDay ? `until ${time}` : `until ${end.toLocaleDateString([], { day: "numeric", month: "long" })}, ${time}`;
}

/** The banner below the header; one for all pages. */
export class Banner {
  #list = element("ul", {});
  #shown = "";
  #failures = 0;
  #timer = 0;
  #box;
  /** What the service answered last: a promise of it, or of null. */
  answer = Promise.resolve(null);

  /** Put the banner below the header, and look for notices from now on. */
  start() {
    // A live region must be there before it has something to say.
    this.#box = element(
      "section",
      { class: "sop-banner", "aria-label": "Notices", hidden: true },
      element("p", { class: "sop-banner__title" }, "Notice"),
      this.#list,
    );
    const live = element("div", { role: "status", class: "sop-banner__live md-typeset" }, this.#box);
    document.querySelector(".md-header")?.after(live);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.look();
    });
    this.look();
  }

  /** Look for notices now. */
  look() {
    this.answer = this.#ask();
    return this.answer;
  }

  async #ask() {
    clearTimeout(this.#timer);
    let answer = null;
    let wait_ms;
    try {
      answer = await request("notices");
      const shown = bannerNotices(answer.notices ?? [], new Date());
      this.#show(shown);
      this.#failures = 0;
      wait_ms = waitFor(shown, new Date());
    } catch {
      // What was shown stays; the next look comes later and later.
      this.#failures += 1;
      wait_ms = waitAfter(this.#failures);
    }
    clearTimeout(this.#timer);
    // A page that nobody sees asks nothing; it looks as soon as it is seen.
    this.#timer = setTimeout(() => document.hidden || this.look(), wait_ms);
    return answer;
  }

  #show(notices) {
    const text = JSON.stringify(notices);
    // What has not changed is not announced again.
    if (text === this.#shown) return;
    this.#shown = text;
    this.#box.hidden = notices.length === 0;
    fill(this.#list, notices.map(noticeItem));
  }
}

function noticeItem({ title, url, workaround, platforms, expires }) {
  const href = safeUrl(url, location.href);
  return element(
    "li",
    {},
    element("strong", {}, title),
    workaround && [" ", element("span", { class: "sop-banner__text" }, workaround)],
    href && [" ", element("a", { href }, "Read the article")],
    element("span", { class: "sop-banner__end" }, [platforms?.join(", "), endText(expires, new Date())].filter(Boolean).join(" · ")),
  );
}
