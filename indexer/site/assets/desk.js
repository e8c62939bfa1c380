/** The shift desk: tickets that wait, and the reports that shifts approved. */

import { request } from "./api.js";
import { element, fill, meta, once, safeUrl } from "./dom.js";
import { reportView, shortTime } from "./report_view.js";

const EVERY_MS = 60_000;
const STATES = ["open", "waiting", "escalated", "reopened"];

/**
 * Wire the shift desk; nothing on another page.
 *
 * @param {AbortSignal} signal aborted when the page is left
 */
export function setUpDesk(signal) {
  const host = document.querySelector("[data-sop-desk]");
  if (!host || host.childElementCount > 0) return;
  new Desk(host, signal).start();
}

class Desk {
  constructor(host, signal) {
    this.signal = signal;
    this.status = element("p", { role: "status", class: "sop-quiet" });
    this.shift = select("sop-desk-shift", "Due in", [["", "every shift"]], () => this.load());
    this.state = select("sop-desk-state", "State", [["", "every state"], ...STATES.map((one) => [one, one])], () => this.load());
    this.list = element("div", { class: "sop-desk__table" });
    this.reports = element("div", { class: "sop-desk__reports" });
    fill(
      host,
      element("section", { "aria-labelledby": "sop-desk-follow-ups" },
        element("h2", { id: "sop-desk-follow-ups" }, "Follow-ups"),
        element("div", { class: "sop-desk__filters" }, this.shift.label, this.state.label),
        this.status,
        this.list,
      ),
      element("section", { "aria-labelledby": "sop-desk-reports" },
        element("h2", { id: "sop-desk-reports" }, "Reports"),
        this.reports,
      ),
    );
  }

  start() {
    this.load();
    this.loadReports();
    const timer = setInterval(() => document.hidden || this.load(), EVERY_MS);
    this.signal.addEventListener("abort", () => clearInterval(timer));
  }

  async load() {
    const wanted = new URLSearchParams();
    if (this.shift.field.value) wanted.set("shift", this.shift.field.value);
    if (this.state.field.value) wanted.set("state", this.state.field.value);
    try {
      const answer = await request(`follow-ups?${wanted}`, undefined, { signal: this.signal });
      this.show(answer);
    } catch (error) {
      if (this.signal.aborted) return;
      fill(this.list);
      this.status.textContent = error.message;
    }
  }

  show({ shift, shifts, follow_ups, count, is_demo }) {
    if (this.shift.field.options.length === 1) {
      this.shift.field.append(...shifts.map((name) => element("option", { value: name }, name)));
    }
    const late = follow_ups.filter((one) => one.overdue).length;
    const more = count > follow_ups.length ? `, the first ${follow_ups.length} of them here` : "";
    const demo = is_demo ? "Demonstration: all of this was made up. " : "";
    const what = count === 1 ? "1 ticket waits" : `${count} tickets wait`;
    this.status.textContent = `${demo}${shift.name} works now. ${count ? `${what}${more}; ${late} overdue.` : "Nothing waits."}`;
    fill(this.list, follow_ups.length > 0 && table(
      ["Ticket", "State", "Due", "Article", "Asked", ""],
      follow_ups.map((one) => this.row(one)),
    ));
  }

  row(one) {
    const href = safeUrl(one.article_url, location.href);
    const label = `Close ${one.reference}: it is resolved`;
    const close = element("button", { type: "button", class: "sop-button", "aria-label": label, on: { click: once(() => this.close(one)) } }, "Close");
    const title = one.article_title ?? one.article_id ?? "";
    return [
      one.reference,
      one.state,
      element("span", { class: one.overdue && "sop-desk__late" }, shortTime(one.due), one.overdue && " overdue"),
      href ? element("a", { href }, title) : title,
      one.questions === 1 ? "once" : `${one.questions} times`,
      close,
    ];
  }

  async close(one) {
    try {
      await request("feedback", { reference: one.reference, article_id: one.article_title ? one.article_id : null, event: "resolved" });
      await this.load();
      // What was pressed is gone; the next thing to do is the list.
      this.shift.field.focus();
      this.status.textContent = `${one.reference} is closed. ${this.status.textContent}`;
    } catch (error) {
      this.status.textContent = `${one.reference} could not be closed: ${error.message}`;
    }
  }

  async loadReports() {
    const answer = await request("reports", undefined, { signal: this.signal }).catch((error) => ({ error }));
    if (this.signal.aborted) return;
    if (answer.error) return fill(this.reports, element("p", { class: "sop-quiet" }, answer.error.message));
    if (answer.reports.length === 0) {
      return fill(this.reports, element("p", { class: "sop-quiet" }, "Nobody has approved a report yet."));
    }
    fill(this.reports, answer.reports.map((one) => this.summary(one)));
  }

  summary(one) {
    const body = element("div", {});
    const state = one.kind === "handover" && (one.acknowledged_by ? `taken over by ${one.acknowledged_by}` : "waits to be taken over");
    const opened = async () => {
      if (!details.open || body.childElementCount > 0) return;
      try {
        const signed = await request(`reports/${one.id}`, undefined, { signal: this.signal });
        this.showReport(body, one, signed);
      } catch (error) {
        fill(body, element("p", { role: "alert" }, error.message));
      }
    };
    const details = element("details", { on: { toggle: opened } },
      element("summary", {}, one.title, state && element("span", { class: "sop-quiet" }, ` (${state})`)),
      body,
    );
    return details;
  }

  showReport(body, one, signed) {
    const waits = one.kind === "handover" && !signed.acknowledged_by;
    fill(body, waits && this.takeOver(body, one), reportView(signed, siteRoot()));
  }

  takeOver(body, one) {
    const field = element("input", { id: `sop-desk-who-${one.id}`, class: "sop-field", autocomplete: "off", required: true, maxlength: 200 });
    const told = element("p", { role: "status", class: "sop-quiet" });
    const send = async (event) => {
      event.preventDefault();
      try {
        const signed = await request(`reports/${one.id}/acknowledge`, { who: field.value });
        this.showReport(body, one, signed);
      } catch (error) {
        told.textContent = error.message;
      }
    };
    return element("form", { class: "sop-desk__take", on: { submit: send } },
      element("label", { for: field.id }, "Who takes it over?"),
      field,
      element("button", { type: "submit", class: "sop-button sop-button--main" }, "Take over"),
      told,
    );
  }
}

function select(id, label, options, changed) {
  const field = element("select", { id, class: "sop-field", on: { change: changed } },
    options.map(([value, text]) => element("option", { value }, text)));
  return { field, label: element("label", { for: id }, `${label} `, field) };
}

function table(titles, rows) {
  return element("table", {},
    element("thead", {}, element("tr", {}, titles.map((title) => element("th", { scope: "col" }, title || element("span", { class: "sop-offscreen" }, "Action"))))),
    element("tbody", {}, rows.map((cells) => element("tr", {}, cells.map((cell) => element("td", {}, cell))))),
  );
}

/** The site's root, which addresses in answers are below. */
function siteRoot() {
  return new URL("../../", new URL(meta("sop-assets") ?? "assets/sop/", location.href)).href;
}
