/** The entry: wires what is there once, and what belongs to a page on every page. */

import { setUpArticle } from "./article.js";
import { Ask } from "./ask.js";
import { setUpHome } from "./home.js";
import { setUpMalfunctions } from "./malfunctions.js";
import { Banner } from "./notices.js";
import { setUpSearch } from "./search.js";

// What has a page of its own: that page alone loads it.
const TOOLS = [
  ["[data-sop-desk]", async (signal) => {
    const { setUpDesk } = await import("./desk.js");
    if (!signal.aborted) setUpDesk(signal);
  }],
  ["[data-sop-practice]", async (signal) => {
    const { setUpPractice } = await import("./practice.js");
    if (!signal.aborted) setUpPractice(signal);
  }],
  ["[data-sop-dashboard]", async (signal) => {
    const [{ showDashboard }, { style }] = await Promise.all([import("./dashboard.js"), import("./dashboard_chart.js")]);
    await style("dashboard.css");
    if (!signal.aborted) showDashboard(document.querySelector("[data-sop-dashboard]"), signal);
  }],
];

const ask = new Ask();
const banner = new Banner();
let page = new AbortController();

function onPage() {
  page.abort();
  page = new AbortController();
  ask.close();
  ask.addButton();
  setUpArticle(page.signal);
  setUpHome(ask, page.signal);
  setUpMalfunctions(banner, page.signal);
  for (const [host, setUp] of TOOLS) if (document.querySelector(host)) setUp(page.signal);
}

setUpSearch();
banner.start();
// Material changes pages without loading them, where it is told to, and says so here.
if (window.document$) window.document$.subscribe(onPage);
else onPage();
