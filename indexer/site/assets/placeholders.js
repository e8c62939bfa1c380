/**
 * Placeholders such as `{{user_id}}` in code: filled in once, they change everywhere on the
 * page, and Material's copy button takes the filled text. What is typed is stored nowhere.
 */

import { element, uniqueId } from "./dom.js";

const PLACEHOLDER = /\{\{([\p{L}_][\p{L}\p{N}_-]*)\}\}/gu;

/**
 * Return the placeholders of a text, in its order.
 *
 * @param {string} text
 * @returns {{name: string, start: number, end: number}[]} positions in the text
 */
export function placeholdersIn(text) {
  return Array.from(text.matchAll(PLACEHOLDER), (found) => ({
    name: found[1],
    start: found.index,
    end: found.index + found[0].length,
  }));
}

/** Return what stands in a placeholder's place: the value, or the placeholder while it is empty. */
export function shownFor(name, value) {
  return value.trim() || `{{${name}}}`;
}

/** Make fields of the placeholders of this page, and put the form above the first of them. */
export function setUpPlaceholders() {
  if (document.querySelector(".sop-fill")) return;
  const fields = [...document.querySelectorAll(".md-content pre > code")].flatMap(markPlaceholders);
  if (fields.length === 0) return;
  const block = fields[0].closest(".highlight") ?? fields[0].closest("pre");
  block.before(fillForm(fields));
}

/** Put each placeholder of a code block into an element of its own, and return these. */
function markPlaceholders(code) {
  // From the last to the first: what is before a placeholder keeps its position.
  return placeholdersIn(code.textContent)
    .reverse()
    .map(({ name, start, end }) => {
      const field = element("span", { class: "sop-placeholder", "data-sop-name": name });
      field.textContent = shownFor(name, "");
      replaceText(code, start, end, field);
      return field;
    })
    .reverse();
}

/** Replace a stretch of text, which the highlighter may have cut into several elements. */
function replaceText(root, start, end, field) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const covered = [];
  for (let position = 0, node = walker.nextNode(); node && position < end; node = walker.nextNode()) {
    const from = Math.max(start - position, 0);
    const to = Math.min(end - position, node.length);
    if (from < to) covered.push({ node, from, to });
    position += node.length;
  }
  covered.forEach(({ node, from, to }, index) => {
    const part = from > 0 ? node.splitText(from) : node;
    if (to - from < part.length) part.splitText(to - from);
    const token = part.parentElement;
    const alone = token !== root && token.childNodes.length === 1;
    if (index === 0) (alone ? token : part).replaceWith(field);
    else (alone ? token : part).remove();
  });
}

function fillForm(fields) {
  const names = [...new Set(fields.map((field) => field.dataset.sopName))];
  const show = (name, value) => {
    for (const field of fields.filter((one) => one.dataset.sopName === name)) {
      field.textContent = shownFor(name, value);
      field.classList.toggle("sop-placeholder--filled", Boolean(value.trim()));
    }
  };
  const onReset = () => names.forEach((name) => show(name, ""));
  return element(
    "form",
    { class: "sop-fill", autocomplete: "off", on: { submit: (event) => event.preventDefault(), reset: onReset } },
    element(
      "fieldset",
      {},
      element("legend", {}, "Fill in once"),
      element("div", { class: "sop-fill__fields" }, names.map((name) => fillField(name, show))),
      element("button", { type: "reset", class: "sop-button" }, "Clear"),
    ),
  );
}

function fillField(name, show) {
  const id = uniqueId("fill");
  const input = element("input", {
    id,
    class: "sop-field",
    type: "text",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    on: { input: (event) => show(name, event.target.value) },
  });
  return element("p", {}, element("label", { for: id }, name), input);
}
