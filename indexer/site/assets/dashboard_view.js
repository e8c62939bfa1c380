/** Headlines, panels and tables of the dashboard, as elements. */

import { element, fill, safeUrl } from "./dom.js";

/** The panels of each section, in the order of the page. */
export const SECTIONS = [
  ["Now", ["volume", "trending", "malfunctions"]],
  ["How it went", ["outcomes", "kinds", "rejections"]],
  ["What is missing", ["gaps", "wishes"]],
  ["Where questions come from", ["areas", "languages", "channels"]],
  ["The articles", ["health", "rejected_articles", "tips", "stale", "unused"]],
];
// How many columns of three a panel takes; one, where nothing is said.
const COLUMNS = { volume: 2, malfunctions: 3, gaps: 2, stale: 2 };
const SIGNS = { better: "▲", worse: "▼", same: "≈" };
const MOST_BARS = 8;

/**
 * Return a value as people read it.
 *
 * @param {*} value a cell of a table
 * @param {string} unit as the API names it
 * @param {{step?: string, zone?: string}} [when] how times are written
 */
export function shown(value, unit, when = {}) {
  if (value === null || value === undefined) return "–";
  if (unit === "share") return `${Math.round(value * 100)} %`;
  if (unit === "minutes") return minutes(value);
  if (unit === "time") return moment(value, when);
  return typeof value === "number" ? value.toLocaleString() : String(value);
}

/** A length of time as people say it. */
export function minutes(value) {
  if (value < 100) return `${Math.round(value)} min`;
  const hours = value / 60;
  return hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`;
}

function moment(value, { step, zone }) {
  const named = step === "day" || step === "week"
    ? { timeZone: zone, weekday: "short", month: "short", day: "numeric" }
    : { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" };
  return new Date(value).toLocaleString([], named);
}

/** Return one of the four figures at the top. */
export function headlineTile({ key, title, unit, value, before, change, told, note }) {
  const against = change && `${SIGNS[change]} ${change === "same" ? "about as before" : `${change} than before`}: ${shown(before, unit)}`;
  return element("li", { class: `sop-dash__tile sop-dash__tile--${change ?? "none"}`, "data-headline": key },
    element("h2", {}, title),
    element("p", { class: "sop-dash__value" }, value === null ? element("span", { class: "sop-dash__few" }, "too few to say") : shown(value, unit)),
    value !== null && element("p", {}, told),
    element("p", { class: "sop-dash__change" }, against || "nothing to compare with"),
    element("p", { class: "sop-quiet" }, note),
  );
}

/**
 * Return the card of a panel, empty.
 *
 * @returns {{root: HTMLElement, drawing: HTMLElement, csv: HTMLAnchorElement, update: function}}
 */
export function panelCard({ key, title, chart }) {
  const finding = element("p", { class: "sop-dash__finding" });
  const drawing = element("div", { class: "sop-dash__drawing" });
  const body = element("div", { class: "sop-desk__table", tabindex: 0, role: "region", "aria-label": `${title}, as table` });
  const csv = element("a", { class: "sop-dash__csv", href: "", download: true, "aria-label": `${title} as CSV` }, "CSV");
  const note = element("p", { class: "sop-quiet" });
  const folded = element("details", {}, element("summary", {}, "As table"));
  const plain = element("div", {});
  const isTable = !chart && ["malfunctions", "stale", "unused"].includes(key);
  (isTable ? plain : folded).append(body);
  const root = element("article", { class: `sop-dash__panel sop-dash__panel--${COLUMNS[key] ?? 1}`, "data-panel": key },
    element("h3", {}, title),
    finding,
    drawing,
    isTable ? plain : folded,
    note,
    element("p", { class: "sop-dash__foot" }, csv),
  );
  const update = (panel, when) => {
    finding.textContent = panel.finding;
    note.textContent = panel.note ?? "";
    note.hidden = !panel.note;
    const has = panel.rows.length > 0;
    folded.hidden = plain.hidden = !has;
    fill(body, has && tableOf(panel, when));
    if (panel.chart !== "lines") fill(drawing, panel.chart === "bars" && bars(panel));
  };
  return { root, drawing, csv, update, chart: null, key: null };
}

function tableOf({ columns, rows }, when) {
  return element("table", {},
    element("thead", {}, element("tr", {}, columns.map(({ title, unit }) => element("th", { scope: "col", class: isNumber(unit) && "sop-dash__number" }, title)))),
    element("tbody", {}, rows.map((row) => element("tr", {}, row.map((value, place) => {
      const { unit } = columns[place];
      const how = unit === "time" && columns[place].key !== "starts" ? {} : when;
      return element("td", { class: isNumber(unit) && "sop-dash__number" }, unit === "article" ? article(value) : shown(value, unit, how));
    })))),
  );
}

function isNumber(unit) {
  return unit === "count" || unit === "share" || unit === "minutes";
}

function article(link) {
  if (link === null) return "–";
  const href = safeUrl(link.url, location.href);
  return href ? element("a", { href }, link.title) : link.title;
}

/**
 * Return rows as bars beside their names and numbers.
 *
 * Drawn by hand: names stay text that wraps, is read out and can be searched, and links work.
 */
function bars({ columns, rows, charted }) {
  const places = charted.map((key) => columns.findIndex((one) => one.key === key));
  const most = Math.max(...rows.flatMap((row) => places.map((place) => row[place] ?? 0)), 1);
  const share = columns.findIndex((one) => one.key === "share");
  const second = places.length > 1 ? columns[places[1]].title.toLowerCase() : null;
  return element("ul", { class: "sop-dash__bars" }, rows.slice(0, MOST_BARS).map((row) => {
    const name = row[0] !== null && typeof row[0] === "object" ? article(row[0]) : row[0];
    const [first, other] = places.map((place) => row[place] ?? 0);
    return element("li", {},
      element("span", { class: "sop-dash__name" }, name),
      element("span", { class: "sop-dash__count" }, first.toLocaleString(), share >= 0 && row[share] !== null && element("span", { class: "sop-quiet" }, ` ${shown(row[share], "share")}`), second && element("span", { class: "sop-quiet" }, ` ${second} ${other.toLocaleString()}`)),
      element("span", { class: "sop-dash__track", "aria-hidden": "true" }, bar(first / most, "now"), second && bar(other / most, "before")),
    );
  }));
}

function bar(share, kind) {
  const made = element("span", { class: `sop-dash__bar sop-dash__bar--${kind}` });
  // The policy allows no style attributes, and needs none.
  made.style.width = `${Math.max(share * 100, share > 0 ? 0.5 : 0)}%`;
  return made;
}
