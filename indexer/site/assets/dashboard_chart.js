/** A chart over time, drawn by uPlot, which is loaded when the first one is wanted. */

import { fill, element, meta } from "./dom.js";

const HEIGHT = 220;
let loaded = null;

/** Load the chart library of this site, once. */
function library() {
  loaded ??= Promise.all([style("vendor/uplot.css"), script("vendor/uplot.js")]).catch((error) => {
    loaded = null;
    throw error;
  });
  return loaded;
}

function asset(name) {
  return new URL(name, new URL(meta("sop-assets") ?? "assets/sop/", location.href)).href;
}

function script(name) {
  if (window.uPlot) return Promise.resolve();
  return added(element("script", { src: asset(name) }));
}

/** Load a style sheet of ours, unless the page has it: moving between pages takes it away. */
export function style(name) {
  const href = asset(name);
  if (document.head.querySelector(`link[href="${CSS.escape(href)}"]`)) return Promise.resolve();
  return added(element("link", { rel: "stylesheet", href }));
}

function added(tag) {
  return new Promise((resolve, reject) => {
    tag.addEventListener("load", resolve, { once: true });
    tag.addEventListener("error", () => reject(new Error("not loaded")), { once: true });
    document.head.append(tag);
  });
}

/**
 * Draw a panel's columns over its first one.
 *
 * @param {HTMLElement} host
 * @param {Object} panel as the API gives it
 * @param {{step: string, zone: string}} told how its times are written
 * @param {AbortSignal} signal aborted when the page is left
 * @returns {Promise<{end: function(): void}>}
 */
export async function timeChart(host, panel, { step, zone }, signal) {
  await library();
  if (signal.aborted) return { end() {} };
  const places = panel.charted.map((key) => panel.columns.findIndex((one) => one.key === key));
  const rows = [0, ...places].map((place) => panel.rows.map((row) => (place === 0 ? Date.parse(row[0]) / 1000 : row[place])));
  const titles = places.map((place) => panel.columns[place].title);
  let drawn = null;
  const draw = (ink) => {
    drawn?.destroy();
    fill(host);
    drawn = new window.uPlot(options(titles, step, zone, Math.max(host.clientWidth, 200), ink), rows, host);
    const canvas = host.querySelector("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${panel.title}: ${panel.finding}`);
  };
  const onScreen = () => draw(screenInk());
  // What is printed is black on white, whatever the screen is.
  const onPaper = () => draw({ text: "#000", grid: "#ccc", line: "#000", other: "#444", area: "#0002" });
  onScreen();
  const sized = new ResizeObserver(() => drawn && Math.abs(drawn.width - host.clientWidth) > 1 && drawn.setSize({ width: Math.max(host.clientWidth, 200), height: HEIGHT }));
  sized.observe(host);
  const scheme = new MutationObserver(onScreen);
  scheme.observe(document.body, { attributes: true, attributeFilter: ["data-md-color-scheme", "data-md-color-primary"] });
  window.addEventListener("beforeprint", onPaper);
  window.addEventListener("afterprint", onScreen);
  return {
    end() {
      sized.disconnect();
      scheme.disconnect();
      window.removeEventListener("beforeprint", onPaper);
      window.removeEventListener("afterprint", onScreen);
      drawn?.destroy();
      drawn = null;
    },
  };
}

function screenInk() {
  const named = getComputedStyle(document.body);
  const value = (name) => named.getPropertyValue(name).trim();
  return {
    text: value("--md-default-fg-color"),
    grid: value("--md-default-fg-color--lightest"),
    line: value("--md-typeset-a-color"),
    other: value("--md-default-fg-color"),
    area: value("--md-accent-fg-color--transparent"),
  };
}

function options(titles, step, zone, width, ink) {
  const day = { timeZone: zone, month: "short", day: "numeric" };
  const hour = { timeZone: zone, hour: "2-digit", minute: "2-digit" };
  const when = (seconds, how) => new Date(seconds * 1000).toLocaleString([], how);
  const axis = { stroke: ink.text, grid: { stroke: ink.grid, width: 1 }, ticks: { stroke: ink.grid }, font: "12px system-ui, sans-serif" };
  return {
    width,
    height: HEIGHT,
    tzDate: (seconds) => window.uPlot.tzDate(new Date(seconds * 1000), zone),
    cursor: { drag: { setScale: false, x: false, y: false } },
    legend: { live: true },
    // Until somebody points at the chart its legend tells the last point.
    hooks: { ready: [(chart) => chart.setLegend({ idx: chart.data[0].length - 1 })] },
    scales: { y: { range: (_chart, _low, high) => [0, Math.max(high * 1.1, 4)] } },
    axes: [
      { ...axis, space: 70, values: (_chart, splits) => splits.map((one) => when(one, step === "hour" ? hour : day)) },
      { ...axis, size: 48, incrs: [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000, 20000, 50000] },
    ],
    series: [
      { label: step === "hour" ? "Hour" : step === "week" ? "Week of" : "Day", value: (_chart, seconds) => (seconds === null ? "–" : when(seconds, step === "hour" ? { ...day, ...hour } : { ...day, weekday: "short" })) },
      // A line and dashes: colour is never the only sign.
      { label: titles[0], stroke: ink.line, width: 2.5, fill: ink.area, points: { show: false } },
      { label: `${titles[1]} (dashes)`, stroke: ink.other, width: 1.5, dash: [6, 4], points: { show: false } },
    ],
  };
}
