/** The dashboard: what the log says about a time and an area, both of which stand in the address. */

import { request } from "./api.js";
import { style, timeChart } from "./dashboard_chart.js";
import { SECTIONS, headlineTile, panelCard } from "./dashboard_view.js";
import { element, fill, meta, uniqueId } from "./dom.js";

const EVERY_MS = 60_000;
const RANGES = [["today", "Today"], ["7d", "7 days"], ["28d", "28 days"], ["90d", "90 days"], ["days", "From – to"]];
const USUAL = "28d";
const DAY = /^\d{4}-\d\d-\d\d$/;

/** What an address asks for: a range, or the first and the last day, and an area. */
export function wantedOf(search) {
  const stated = new URLSearchParams(search);
  const named = stated.get("range");
  const [from, to] = ["from", "to"].map((name) => (DAY.test(stated.get(name) ?? "") ? stated.get(name) : ""));
  const range = from || to ? "days" : RANGES.some(([name]) => name === named && name !== "days") ? named : USUAL;
  return { range, from, to, area: stated.get("area") ?? "" };
}

/** The part of an address that asks for it; nothing for what is usual. */
export function queryOf({ range, from, to, area }) {
  const stated = new URLSearchParams();
  if (range === "days") {
    if (from) stated.set("from", from);
    if (to) stated.set("to", to);
  } else if (range !== USUAL) {
    stated.set("range", range);
  }
  if (area) stated.set("area", area);
  return stated;
}

/**
 * Wire the dashboard; nothing on another page.
 *
 * @param {AbortSignal} signal aborted when the page is left
 */
export async function setUpDashboard(signal) {
  const host = document.querySelector("[data-sop-dashboard]");
  if (!host) return;
  await style("dashboard.css");
  if (!signal.aborted && host.childElementCount === 0) new Dashboard(host, signal).start();
}

class Dashboard {
  constructor(host, signal) {
    this.host = host;
    this.signal = signal;
    this.cards = new Map();
    this.shown = null;
    this.loading = new AbortController();
    this.status = element("p", { role: "status", class: "sop-dash__status" });
    this.updated = element("p", { class: "sop-quiet sop-dash__updated" });
    this.tiles = element("ul", { class: "sop-dash__tiles" });
    this.body = element("div", {});
    this.controls = this.makeControls();
    document.body.classList.toggle("sop-wall", new URLSearchParams(location.search).has("wall"));
    fill(host, this.controls, this.status, this.updated, this.tiles, this.body);
  }

  start() {
    const renew = () => document.hidden || this.load();
    const timer = setInterval(renew, EVERY_MS);
    const { signal } = this;
    window.addEventListener("popstate", () => this.read(), { signal });
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      clearTimeout(this.retry);
      this.loading.abort();
      document.body.classList.remove("sop-wall");
      for (const card of this.cards.values()) card.chart?.end();
    });
    this.read();
  }

  makeControls() {
    const name = uniqueId("range");
    this.ranges = RANGES.map(([value, text]) => {
      const input = element("input", { type: "radio", id: uniqueId("range"), name, value, on: { change: () => this.choose() } });
      return { input, label: element("label", { for: input.id }, text) };
    });
    this.days = ["from", "to"].map((side) => {
      const field = element("input", { type: "date", id: uniqueId(side), class: "sop-field", on: { change: () => this.choose() } });
      return { field, label: element("label", { for: field.id }, side === "from" ? "First day " : "Last day ", field) };
    });
    this.area = element("select", { id: uniqueId("area"), class: "sop-field", on: { change: () => this.choose() } }, element("option", { value: "" }, "every area"));
    this.daysPart = element("div", { class: "sop-dash__days", hidden: true }, this.days.map(({ label }) => label));
    return element("form", { class: "sop-dash__controls", on: { submit: (event) => event.preventDefault() } },
      element("fieldset", { class: "sop-dash__ranges" }, element("legend", {}, "Time"), this.ranges.map(({ input, label }) => [input, label])),
      this.daysPart,
      element("label", { for: this.area.id, class: "sop-dash__area" }, "Area ", this.area),
    );
  }

  /** Take over what the address asks for. */
  read() {
    const wanted = wantedOf(location.search);
    this.setControls(wanted);
    this.load();
  }

  setControls({ range, from, to, area }) {
    for (const { input } of this.ranges) input.checked = input.value === range;
    this.days[0].field.value = from;
    this.days[1].field.value = to;
    this.daysPart.hidden = range !== "days";
    if (area && ![...this.area.options].some(({ value }) => value === area)) {
      this.area.append(element("option", { value: area }, area));
    }
    this.area.value = area;
  }

  /** Put what was chosen into the address, so that it can be shared and gone back to. */
  choose() {
    const range = this.ranges.find(({ input }) => input.checked)?.input.value ?? USUAL;
    this.daysPart.hidden = range !== "days";
    const [from, to] = this.days.map(({ field }) => field.value);
    // Until a day is chosen there is nothing new to show.
    if (range === "days" && !from && !to) return this.days[0].field.focus();
    const stated = queryOf({ range, from, to, area: this.area.value });
    if (document.body.classList.contains("sop-wall")) stated.set("wall", "");
    const search = String(stated);
    history.pushState(null, "", search ? `?${search}` : location.pathname);
    this.load();
  }

  async load() {
    this.loading.abort();
    this.loading = new AbortController();
    clearTimeout(this.retry);
    const { signal } = this.loading;
    const wanted = queryOf(wantedOf(location.search));
    try {
      const told = await request(`insights?${wanted}`, undefined, { signal });
      if (!signal.aborted) await this.show(told, wanted);
    } catch (error) {
      if (!signal.aborted) this.complain(error);
    }
  }

  complain(error) {
    const old = this.shown ? ` What is shown here is of ${clock(this.shown.made_at)}.` : "";
    this.say(`${error.message}${old}`);
    if (error.retryAfter_s) this.retry = setTimeout(() => this.load(), error.retryAfter_s * 1000);
  }

  async show(told, wanted) {
    const areas = told.areas.filter((name) => ![...this.area.options].some(({ value }) => value === name));
    this.area.append(...areas.map((name) => element("option", { value: name }, name)));
    this.area.value = told.area ?? "";
    const inSight = placeOf(this.host);
    this.say(notice(told));
    this.updated.textContent = `${stretch(told)}, beside ${stretch({ ...told, starts: told.before_starts, ends: told.before_ends })}. Counted at ${clock(told.made_at)}; renewed every minute.`;
    keepFocus(this.tiles, () => fill(this.tiles, told.headlines.map(headlineTile)));
    if (this.cards.size === 0) this.build(told);
    for (const one of told.panels) {
      const card = this.cards.get(one.key);
      if (!card) continue;
      card.csv.href = new URL(`insights/${one.key}.csv?${wanted}`, new URL(meta("sop-api") ?? "/api/v1/", location.href)).href;
      const key = JSON.stringify([one, told.step, told.zone]);
      if (card.key === key) continue;
      card.key = key;
      keepFocus(card.root, () => card.update(one, told));
      await this.draw(card, one, told);
    }
    inSight.keep();
    this.shown = told;
  }

  build({ panels }) {
    const there = new Map(panels.map((one) => [one.key, one]));
    fill(this.body, SECTIONS.map(([title, keys]) => {
      const id = uniqueId("dash");
      const cards = keys.filter((key) => there.has(key)).map((key) => {
        const card = panelCard(there.get(key));
        this.cards.set(key, card);
        return card.root;
      });
      return element("section", { "aria-labelledby": id }, element("h2", { id }, title), element("div", { class: "sop-dash__panels" }, cards));
    }));
  }

  /** Draw what goes over time; a page whose chart cannot be loaded still has its table. */
  async draw(card, one, told) {
    card.chart?.end();
    card.chart = null;
    if (one.chart !== "lines") return;
    try {
      card.chart = await timeChart(card.drawing, one, told, this.signal);
    } catch {
      fill(card.drawing, element("p", { class: "sop-quiet" }, "The chart could not be loaded; its table is below."));
    }
  }

  /** Say something once: what did not change is not read out again. */
  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }
}

function notice({ log_begins, questions, is_demo }) {
  const demo = is_demo ? "Demonstration: all of this was made up. " : "";
  if (!log_begins) return `${demo}Nobody has asked anything yet. Figures come with the first questions.`;
  return questions ? demo : `${demo}Nobody asked anything in this time.`;
}

function stretch({ starts, ends, zone, step }) {
  // What ends at a day's first moment ended on the day before.
  const last = new Date(new Date(ends).getTime() - 1);
  const hour = step === "hour" ? { hour: "2-digit", minute: "2-digit" } : {};
  const named = (time) => new Date(time).toLocaleString([], { timeZone: zone, weekday: "short", day: "numeric", month: "short", ...hour });
  return `${named(starts)} to ${named(last)}`;
}

function clock(time) {
  return new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** Remember where the reader is: at the focus, else at the first card in sight; it stays there when others grow. */
function placeOf(host) {
  const cards = scrollY > 0 ? [...host.querySelectorAll("[data-panel]")] : [];
  const focused = host.contains(document.activeElement) && document.activeElement.closest("[data-panel]");
  const card = focused || cards.find((one) => one.getBoundingClientRect().bottom > 0);
  const top = card?.getBoundingClientRect().top;
  return { keep: () => card?.isConnected && scrollBy({ top: card.getBoundingClientRect().top - top, behavior: "instant" }) };
}

/** Change a part of the page; a link in it that had the focus keeps it. */
function keepFocus(root, change) {
  const active = document.activeElement;
  const place = root.contains(active) ? [...root.querySelectorAll("a, summary")].indexOf(active) : -1;
  change();
  if (place >= 0 && !root.contains(document.activeElement)) {
    root.querySelectorAll("a, summary")[place]?.focus({ preventScroll: true });
  }
}
