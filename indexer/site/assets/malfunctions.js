/** The home page's list of malfunctions, for those who may pin a notice. */

import { request } from "./api.js";
import { element, fill, once, uniqueId, unfolding } from "./dom.js";

const HOURS = [1, 2, 4, 8, 12];
const USUAL_HOURS = 4;

/** Return what is said of a malfunction, in one line. */
export function malfunctionText({ state, count, askers, window_minutes: minutes, in_window: seen, expected }) {
  const usual = expected < 0.1 ? "almost none" : String(Math.round(expected * 10) / 10);
  return `${state}: ${count} questions of ${askers} people; ${seen} in ${minutes} minutes, where ${usual} is usual`;
}

/**
 * Show the malfunctions that are not over; nothing to those who may not pin.
 *
 * @param {import("./notices.js").Banner} banner its last answer says who may pin
 * @param {AbortSignal} signal aborted when the page is left
 */
export async function setUpMalfunctions(banner, signal) {
  const section = document.querySelector(".sop-home__malfunctions");
  if (!section || !(await banner.answer)?.can_pin || signal.aborted) return;
  const found = await request("malfunctions", undefined, { signal }).catch(() => null);
  const shown = found?.malfunctions?.filter(({ state }) => state !== "over") ?? [];
  if (shown.length === 0 || signal.aborted) return;
  fill(section.querySelector("ul"), shown.map((one) => malfunctionItem(one, () => banner.look())));
  section.hidden = false;
}

function malfunctionItem(one, refresh) {
  const about = one.platforms.length ? one.platforms.join(", ") : "No tool is named";
  const form = pinForm(one, refresh);
  return element(
    "li",
    {},
    element("strong", {}, about),
    " ",
    element("code", {}, one.id),
    element("p", {}, malfunctionText(one)),
    element("ul", {}, one.examples.map((text) => element("li", {}, text))),
    element("p", { class: "sop-actions" }, unfolding("Pin a notice", form, `Pin a notice about ${about}`)),
    form,
  );
}

function pinForm(one, refresh) {
  const title = field("What is broken?", element("textarea", { class: "sop-field", rows: 1, maxlength: 200, required: true }));
  title.input.value = one.platforms.length ? `Many reports about ${one.platforms[0]}: we are looking into it` : "";
  const text = field("What to do meanwhile? (optional)", element("textarea", { class: "sop-field", rows: 2, maxlength: 2000 }));
  const hours = field(
    "Hours",
    element("select", { class: "sop-field" }, HOURS.map((count) => element("option", { value: count, selected: count === USUAL_HOURS }, count))),
  );
  const status = element("span", { role: "status" });
  const pin = once(async () => {
    status.textContent = "";
    try {
      const { id } = await request("notices", {
        title: title.input.value.trim(),
        text: text.input.value.trim(),
        hours: Number(hours.input.value),
        malfunction: one.id,
      });
      status.textContent = `Notice ${id} is pinned.`;
      await refresh();
    } catch (error) {
      status.textContent = `Not pinned: ${error.message}`;
    }
  });
  return element(
    "form",
    { class: "sop-inline-form", hidden: true, on: { submit: pin } },
    title.label,
    title.input,
    text.label,
    text.input,
    hours.label,
    hours.input,
    element("button", { type: "submit", class: "sop-button sop-button--main" }, "Pin"),
    element("p", { class: "sop-said" }, status),
  );
}

function field(name, input) {
  input.id = uniqueId("pin");
  return { label: element("label", { for: input.id }, name), input };
}
