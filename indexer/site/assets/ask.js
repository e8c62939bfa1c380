/**
 * The Ask dialog: a question or a whole ticket in, articles or a plain "none" out.
 *
 * What is typed stays in this page's memory. It is stored nowhere in the browser.
 */

import { isAbort, request } from "./api.js";
import { announceArticles, answerView, failureView } from "./ask_view.js";
import { element, fill } from "./dom.js";
import { MAX_QUESTION_CHARS, lengthOf, questionFields } from "./question.js";
import { saysUrgent } from "./urgency.js";

const TIMEOUT_MS = 8000;
const SLOW_MS = 400;
const KEYWORD_CHARS = 60;
const APPLE = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** The key that opens the dialog, as it is written on this machine's keyboard. */
export const SHORTCUT = APPLE ? "⌘K" : "Ctrl+K";
const SEND_SHORTCUT = APPLE ? "⌘Enter" : "Ctrl+Enter";

/** The dialog and the ways to open it; one for the whole visit. */
export class Ask {
  #parts = null;
  #running = null;

  constructor() {
    document.addEventListener("keydown", (event) => {
      if (!opensAsk(event)) return;
      event.preventDefault();
      this.open();
    });
  }

  /** Put the button into the header, unless it is there from an earlier page. */
  addButton() {
    const header = document.querySelector(".md-header__inner");
    if (!header || header.querySelector(".sop-ask-button")) return;
    const button = element(
      "button",
      {
        type: "button",
        class: "sop-ask-button",
        "aria-haspopup": "dialog",
        "aria-keyshortcuts": "Control+K Meta+K",
        on: { click: () => this.open() },
      },
      "Ask",
      element("kbd", { class: "sop-ask-button__key", "aria-hidden": "true" }, SHORTCUT),
    );
    header.insertBefore(button, header.querySelector("label[for=__search], .md-search"));
  }

  /**
   * Open the dialog.
   *
   * @param {string} [text] takes the place of what the field holds, and is asked at once
   */
  open(text = "") {
    const { dialog, field } = this.#build();
    closeKeywordSearch();
    if (!dialog.open) dialog.showModal();
    field.focus();
    if (text.trim()) {
      field.value = text;
      this.#ask();
    } else {
      field.select();
    }
  }

  /** Close the dialog, and drop a question that is still on its way. */
  close() {
    this.#parts?.dialog.close();
  }

  #build() {
    if (this.#parts) return this.#parts;
    const field = element("textarea", {
      id: "sop-ask-field",
      class: "sop-field sop-ask__field",
      rows: 4,
      "aria-describedby": "sop-ask-hint",
      "aria-keyshortcuts": "Control+Enter Meta+Enter",
      // A browser restores fields after a reload: that would be storing.
      autocomplete: "off",
    });
    const button = element("button", { type: "submit", class: "sop-button sop-button--main" }, "Ask");
    const status = element("p", { class: "sop-ask__status", role: "status", tabindex: -1 });
    const answer = element("div", { class: "sop-ask__answer" });
    const dialog = element(
      "dialog",
      { class: "sop-ask", "aria-labelledby": "sop-ask-title" },
      element(
        "div",
        { class: "sop-ask__inner md-typeset" },
        this.#head(),
        this.#form(field, button),
        status,
        answer,
      ),
    );
    dialog.addEventListener("close", () => this.#running?.abort());
    dialog.addEventListener("keydown", (event) => this.#onKey(event));
    dialog.addEventListener("pointerdown", (event) => {
      if (event.target === dialog) dialog.close();
    });
    document.body.append(dialog);
    this.#parts = { dialog, field, button, status, answer };
    return this.#parts;
  }

  #head() {
    return element(
      "div",
      { class: "sop-ask__head" },
      element("h2", { id: "sop-ask-title" }, "Which article helps?"),
      element(
        "button",
        { type: "button", class: "sop-button", "aria-keyshortcuts": "Escape", on: { click: () => this.close() } },
        "Close",
      ),
    );
  }

  #form(field, button) {
    const onSubmit = (event) => {
      event.preventDefault();
      this.#ask();
    };
    return element(
      "form",
      { class: "sop-ask__form", on: { submit: onSubmit } },
      element("label", { for: field.id }, "Your question, or the whole ticket"),
      field,
      element(
        "div",
        { class: "sop-ask__send" },
        button,
        element(
          "p",
          { id: "sop-ask-hint", class: "sop-quiet" },
          element("span", { class: "sop-keys" }, `${SEND_SHORTCUT} asks. `),
          "Questions are kept without personal data, so that writers see what is missing.",
        ),
      ),
    );
  }

  #onKey(event) {
    const withControl = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && withControl && event.target === this.#parts.field) {
      event.preventDefault();
      this.#ask();
    }
    // Material turns pages with single keys such as "n", wherever the focus is on no field.
    if (!withControl) event.stopPropagation();
  }

  async #ask({ includeUnlikely = false } = {}) {
    const { field, button, status, answer } = this.#parts;
    if (this.#running) return;
    const text = field.value;
    const refusal = whyNot(text);
    if (refusal) {
      status.textContent = refusal;
      field.focus();
      return;
    }
    const running = new AbortController();
    this.#running = running;
    button.setAttribute("aria-disabled", "true");
    // The button that was pressed may be in the old answer, which goes.
    if (answer.contains(document.activeElement)) status.focus();
    status.textContent = "";
    fill(answer);
    const slow = setTimeout(() => {
      status.textContent = "Looking for articles…";
    }, SLOW_MS);
    try {
      const found = await request(
        "suggest",
        { ...questionFields(text), limit: 5, include_unlikely: includeUnlikely, channel: "site" },
        { signal: running.signal, timeout: TIMEOUT_MS },
      );
      status.textContent = announceArticles(found);
      fill(answer, answerView(found, this.#actions(text, includeUnlikely)));
      if (includeUnlikely) answer.querySelector(".sop-answers a")?.focus();
    } catch (error) {
      status.textContent = isAbort(error) ? "" : error.message;
      if (!isAbort(error)) fill(answer, failureView(() => this.#searchKeywords(text)));
    } finally {
      clearTimeout(slow);
      this.#running = null;
      button.removeAttribute("aria-disabled");
    }
    revealAnswer(status);
  }

  #actions(text, unlikelyShown) {
    return {
      urgent: saysUrgent(text),
      unlikelyShown,
      say: (message) => {
        this.#parts.status.textContent = message;
      },
      showNearest: () => this.#ask({ includeUnlikely: true }),
      leave: () => this.close(),
    };
  }

  #searchKeywords(text) {
    const query = document.querySelector("[data-md-component=search-query]");
    this.close();
    if (!query) return;
    query.value = Array.from(text.trim().replace(/\s+/g, " ")).slice(0, KEYWORD_CHARS).join("");
    query.focus();
    // Material reads the field when a key is released.
    query.dispatchEvent(new Event("input", { bubbles: true }));
    query.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true }));
  }
}

function opensAsk(event) {
  if (event.key.toLowerCase() !== "k" || event.altKey || event.shiftKey) return false;
  // On Apple's machines Ctrl+K cuts to the end of the line, so it is left to text fields there.
  const inField = event.target.matches?.("input, textarea, [contenteditable]");
  return event.metaKey || (event.ctrlKey && !(APPLE && inField));
}

function whyNot(text) {
  if (!text.trim()) return "Write a question first.";
  const length = lengthOf(text);
  if (length <= MAX_QUESTION_CHARS) return "";
  const [has, most] = [length, MAX_QUESTION_CHARS].map((number) => number.toLocaleString("en"));
  return `The text has ${has} characters; at most ${most} are read. Please shorten it.`;
}

function closeKeywordSearch() {
  const toggle = document.querySelector("#__search");
  if (toggle?.checked) toggle.click();
}

/** On a narrow screen the answer is below the field, so the status line is brought up. */
function revealAnswer(status) {
  if (matchMedia("(max-width: 44.9375em)").matches) status.scrollIntoView({ block: "start" });
}
