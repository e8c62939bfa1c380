/** The entry: wires what is there once, and what belongs to a page on every page. */

import { setUpArticle } from "./article.js";
import { Ask } from "./ask.js";
import { setUpDesk } from "./desk.js";
import { setUpHome } from "./home.js";
import { setUpMalfunctions } from "./malfunctions.js";
import { Banner } from "./notices.js";
import { setUpSearch } from "./search.js";

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
  setUpDesk(page.signal);
  setUpMalfunctions(banner, page.signal);
  setUpDashboard(page.signal);
}

/** Charts are heavy, so their page alone loads what draws them. */
async function setUpDashboard(signal) {
  const host = document.querySelector("[data-sop-dashboard]");
  if (!host) return;
  const [{ showDashboard }, { style }] = await Promise.all([import("./dashboard.js"), import("./dashboard_chart.js")]);
  await style("dashboard.css");
  if (!signal.aborted) showDashboard(host, signal);
}

setUpSearch();
banner.start();
// Material changes pages without loading them, where it is told to, and says so here.
if (window.document$) window.document$.subscribe(onPage);
else onPage();
