/** A report on a page: its sentences, tables and small charts, as elements. */

import { element, safeUrl } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 560;
const HEIGHT = 60;
const GAP = 2;

/** A time as people on shift read it: day and hour in the reader's own zone. */
export function shortTime(time) {
  return new Date(time).toLocaleString([], { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
}

/**
 * Return a report with its notes.
 *
 * @param {Object} signed as the API gives it
 * @param {string} root the site's root, which links are below
 * @returns {HTMLElement}
 */
export function reportView({ report, notes, approved_by }, root) {
  return element("div", { class: "sop-report" },
    element("p", { class: "sop-quiet" }, `${shortTime(report.starts)} to ${shortTime(report.ends)}, approved by ${approved_by}.`),
    report.is_demo && element("p", { class: "sop-report__demo" }, "Demonstration: every question in this report was made up."),
    element("ul", {}, report.highlights.map(highlight)),
    report.sections.map((section) => sectionView(section, root)),
    notes.length > 0 && [
      element("h3", {}, "Notes"),
      element("ul", {}, notes.map((note) => element("li", {}, `${note.author}, ${shortTime(note.written_at)}: ${note.text}`))),
    ],
  );
}

function highlight({ text, tone }) {
  return element("li", { class: `sop-report__${tone}` }, tone === "bad" && element("strong", {}, "Attention: "), text);
}

function sectionView(section, root) {
  return element("section", {},
    element("h3", {}, section.title),
    section.text && element("p", {}, section.text),
    section.table && tableView(section.table, root),
    section.charts.map(chartView),
    section.note && element("p", { class: "sop-quiet" }, section.note),
  );
}

function tableView({ columns, rows }, root) {
  return element("div", { class: "sop-desk__table" },
    element("table", {},
      element("thead", {}, element("tr", {}, columns.map(({ title }) => element("th", { scope: "col" }, title)))),
      element("tbody", {}, rows.map((row) => element("tr", {}, row.map((value) => element("td", {}, cell(value, root)))))),
    ),
  );
}

function cell(value, root) {
  if (value === null || typeof value !== "object") return value === null ? "" : String(value);
  const href = safeUrl(value.url, root);
  return href ? element("a", { href }, value.text) : value.text;
}

function chartView({ title, labels, values }) {
  const top = Math.max(...values, 0);
  const told = `${title}, ${labels[0]} to ${labels.at(-1)}, at most ${top}`;
  const chart = drawn("svg", { role: "img", "aria-label": told, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none" });
  const step = WIDTH / values.length;
  values.forEach((value, place) => {
    const height = top ? (HEIGHT * value) / top : 0;
    const bar = drawn("rect", { x: place * step, y: HEIGHT - height, width: Math.max(step - GAP, 1), height });
    const name = drawn("title", {});
    name.textContent = `${labels[place]}: ${value}`;
    bar.append(name);
    chart.append(bar);
  });
  return element("figure", { class: "sop-report__chart" }, chart, element("figcaption", {}, told));
}

function drawn(tag, props) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) made.setAttribute(name, String(value));
  return made;
}
