/** The entry: wires what is there once, and what belongs to a page on every page. */

import { Ask } from "./ask.js";
import { setUpMalfunctions } from "./malfunctions.js";
import { Banner } from "./notices.js";
import { setUpSearch } from "./search.js";

// What belongs to some pages only, by what these have: they alone load it.
const PARTS = [
  ["#sop-article", async () => (await import("./article.js")).setUpArticle],
  ["[data-sop-home]", async () => (await import("./home.js")).setUpHome],
  ["[data-sop-desk]", async () => (await import("./desk.js")).setUpDesk],
  ["[data-sop-practice]", async () => (await import("./practice.js")).setUpPractice],
  ["[data-sop-dashboard]", async () => (await import("./dashboard.js")).setUpDashboard],
];

const ask = new Ask();
const banner = new Banner();
let page = new AbortController();

function onPage() {
  page.abort();
  page = new AbortController();
  ask.close();
  ask.addButton();
  setUpMalfunctions(banner, page.signal);
  for (const [has, load] of PARTS) if (document.querySelector(has)) setUpPart(load, page.signal);
}

/** Load a part and let it begin, unless the reader has gone on meanwhile. */
async function setUpPart(load, signal) {
  const setUp = await load();
  if (!signal.aborted) setUp(signal, ask);
}

setUpSearch();
banner.start();
// Material changes pages without loading them, where it is told to, and says so here.
if (window.document$) window.document$.subscribe(onPage);
else onPage();
