/** Copying text, also where the page is served without TLS. */

import { element } from "./dom.js";

/**
 * Copy text.
 *
 * @param {string} text
 * @param {HTMLElement} host where a helping field may stand: inside an open dialog, everything
 *   outside of it cannot be selected
 * @returns {Promise<boolean>} whether it is on the clipboard
 */
export async function copyText(text, host) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard without TLS, or no permission: the older way follows.
    return copySelection(text, host);
  }
}

function copySelection(text, host) {
  const focused = document.activeElement;
  const area = element("textarea", { class: "sop-offscreen", readonly: true, "aria-hidden": "true" });
  area.value = text;
  host.append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
    focused?.focus({ preventScroll: true });
  }
}

/**
 * Show text for copying by hand, selected.
 *
 * @param {string} text
 * @param {HTMLElement} before the field is put behind this
 */
export function offerText(text, before) {
  const shown = before.parentElement.querySelector(".sop-copy-by-hand");
  const area =
    shown ??
    element("textarea", { class: "sop-field sop-copy-by-hand", readonly: true, rows: 6, "aria-label": "Text to copy" });
  area.value = text;
  before.after(area);
  area.focus();
  area.select();
}

/** Copy text and say in `status` whether it worked; offer it for copying by hand otherwise. */
export async function copyAndSay(text, status, said = "Copied.") {
  const copied = await copyText(text, status.parentElement);
  status.textContent = copied ? said : "Could not copy. Press Ctrl+C (⌘C) to copy the text below.";
  if (!copied) offerText(text, status.parentElement);
  return copied;
}
