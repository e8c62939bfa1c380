/** Practice: a question, articles to choose from, and why one of them is right. */

import { isAbort, request } from "./api.js";
import { element, fill, once } from "./dom.js";
import { afterTry, forgetBox, loadBox, nextQuestion, randomHex, saveBox, shuffled } from "./practice_box.js";
import { NONE, NOT_COVERED, choicesView, originText, scoresView, sourceText, verdictText, verdictView } from "./practice_view.js";
import { foreignLanguage } from "./suggestion.js";

const ALL = "all";
const SLOW_MS = 400;
const TYPING_MS = 250;
// Reading the log for the first time may take a while.
const LIST_TIMEOUT_MS = 15_000;
const SKIPPED_MOST = 20;
const READING_MS = 2000;

/**
 * Wire the practice page; nothing on another page.
 *
 * @param {AbortSignal} signal aborted when the page is left
 */
export function setUpPractice(signal) {
  const host = document.querySelector("[data-sop-practice]");
  if (!host || host.childElementCount > 0) return;
  new Practice(host, signal).start();
}

class Practice {
  constructor(host, signal) {
    this.signal = signal;
    this.host = host;
    this.box = loadBox();
    this.ids = [];
    this.question = null;
    this.answered = false;
    this.loading = new AbortController();
    const wanted = new URLSearchParams(location.search);
    this.wanted = { area: wanted.get("area") ?? "", language: wanted.get("language") ?? "" };
    this.status = element("p", { role: "status", class: "sop-quiet" });
    this.area = select("sop-practice-area", "Area", () => this.choose());
    this.language = select("sop-practice-language", "Language", () => this.choose());
    this.mode = select("sop-practice-mode", "How", () => this.choose(), [["choose", "choose from a few"], ["search", "find it yourself"]]);
    if (wanted.get("mode") === "search") this.mode.field.value = "search";
    this.heading = element("h2", { id: "sop-practice-question", tabindex: -1 }, "Question");
    this.body = element("div", {});
    this.scores = element("div", {});
    fill(
      host,
      element("div", { class: "sop-desk__filters" }, this.area.label, this.language.label, this.mode.label),
      this.status,
      element("section", { class: "sop-practice__try", "aria-labelledby": this.heading.id }, this.heading, this.body),
      element("section", { "aria-labelledby": "sop-practice-scores" },
        element("h2", { id: "sop-practice-scores" }, "Your scores"),
        this.scores,
        element("p", { class: "sop-quiet" },
          "Scores stay in this browser. The service counts, by day, which article was right and which was chosen at a first try: not who tried, not when, and not what was typed."),
      ),
    );
    document.addEventListener("keydown", (event) => this.onKey(event), { signal });
  }

  start() {
    this.showScores();
    this.load();
  }

  /** Ask for what another area, language or way has; the address says so too. */
  choose() {
    this.wanted = { area: this.area.field.value, language: this.language.field.value };
    const url = new URL(location.href);
    const stated = { ...this.wanted, mode: this.mode.field.value === "search" ? "search" : "" };
    for (const [name, value] of Object.entries(stated)) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    history.replaceState(history.state, "", url);
    this.load();
  }

  async load() {
    const signal = this.renew();
    this.listing = signal;
    const slow = setTimeout(() => { this.status.textContent = "Looking for questions…"; }, SLOW_MS);
    try {
      let list = await this.list(signal);
      if (!this.wanted.language) {
        const own = document.documentElement.lang.split("-")[0];
        this.wanted.language = list.languages.some(({ language }) => language === own) ? own : ALL;
        list = await this.list(signal);
      }
      clearTimeout(slow);
      this.showList(list);
      if (list.origin === "reading") this.lookAgain(signal);
      await this.next();
    } catch (error) {
      this.fail(error);
    } finally {
      clearTimeout(slow);
    }
  }

  /** Look again until what people asked is read; the question that is shown stays. */
  async lookAgain(signal) {
    for (let list = null; list === null || list.origin === "reading"; ) {
      await new Promise((resolve) => { setTimeout(resolve, READING_MS); });
      if (this.signal.aborted || this.listing !== signal) return;
      try {
        list = await this.list(this.signal);
      } catch {
        // The other questions are there.
        return;
      }
      if (this.listing === signal) this.showList(list);
    }
  }

  list(signal) {
    const wanted = new URLSearchParams();
    if (this.wanted.area) wanted.set("area", this.wanted.area);
    if (this.wanted.language && this.wanted.language !== ALL) wanted.set("language", this.wanted.language);
    return request(`practice?${wanted}`, undefined, { signal, timeout: LIST_TIMEOUT_MS });
  }

  showList(list) {
    const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
    const areas = list.areas.map(({ area, name }) => [area, name]);
    const languages = list.languages.map(({ language }) => [language, names.of(language)]);
    options(this.area.field, [["", "every area"], ...areas], this.wanted.area);
    options(this.language.field, [[ALL, "every language"], ...languages], this.wanted.language);
    this.ids = [...shuffled(list.asked, this.box.seed), ...shuffled(list.own, this.box.seed)];
    if (this.ids.length > 0) this.status.textContent = originText(list);
    else if (list.areas.length > 0) this.status.textContent = "No question fits. Choose another area or language.";
    else this.status.textContent = "No article states a question yet, so there is nothing to practise with.";
  }

  /** Show the question that comes next; those that are gone meanwhile are passed over. */
  async next({ focus = false } = {}) {
    const signal = this.renew();
    this.question = null;
    for (let skipped = 0; skipped < SKIPPED_MOST; skipped += 1) {
      const id = nextQuestion(this.box, this.ids, this.last);
      if (id === null) break;
      this.turn = randomHex();
      try {
        const question = await request(`practice/questions/${encodeURIComponent(id)}?turn=${this.turn}`, undefined, { signal });
        this.show(question);
        if (focus) this.heading.focus();
        return;
      } catch (error) {
        if (error.kind !== "refused") return this.fail(error);
        this.ids = this.ids.filter((one) => one !== id);
      }
    }
    fill(this.body);
  }

  show(question) {
    this.question = question;
    this.answered = false;
    this.last = question.id;
    this.heading.textContent = `Question ${this.box.turn + 1}`;
    const said = element("p", { role: "status", class: "sop-practice__said" });
    this.said = said;
    fill(
      this.body,
      element("blockquote", { class: "sop-practice__question", lang: foreignLanguage(question.language) }, question.text),
      element("p", { class: "sop-quiet" }, sourceText(question)),
      this.mode.field.value === "search" ? this.searchView() : this.chooseView(question.choices),
      said,
    );
  }

  chooseView(choices) {
    return [
      element("h3", {}, "Which article answers it?"),
      choicesView(choices, (id) => this.pick(id), NONE),
      element("p", { class: "sop-quiet sop-keys" }, `Keys: 1 to ${choices.length + 1} pick, Enter goes on.`),
    ];
  }

  searchView() {
    const found = element("div", {}, choicesView([], (id) => this.pick(id), NOT_COVERED));
    const field = element("input", { id: "sop-practice-field", class: "sop-field", type: "search", autocomplete: "off", maxlength: 4000 });
    let waiting;
    let running = new AbortController();
    const search = async () => {
      running.abort();
      running = new AbortController();
      const query = field.value.trim();
      try {
        const { results } = query ? await request("search", { query, limit: 5 }, { signal: running.signal }) : { results: [] };
        fill(found, choicesView(results, (id) => this.pick(id), NOT_COVERED));
      } catch (error) {
        if (!isAbort(error)) this.said.textContent = error.message;
      }
    };
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(search, TYPING_MS);
    });
    return [
      element("h3", {}, "Find the article that answers it"),
      element("label", { for: field.id }, "Search in your own words"),
      field,
      found,
    ];
  }

  pick = picking(async (id) => {
    const { question } = this;
    if (!question || this.answered) return;
    const again = Object.hasOwn(this.box.questions, question.id);
    const body = { turn: this.turn, article_id: id, mode: this.mode.field.value, again };
    try {
      const verdict = await request(`practice/questions/${encodeURIComponent(question.id)}`, body, { signal: this.signal });
      if (this.question === question) this.judge(question, verdict);
    } catch (error) {
      if (!isAbort(error)) this.said.textContent = error.message;
    }
  });

  judge(question, verdict) {
    this.answered = true;
    this.box = afterTry(this.box, question.id, verdict);
    saveBox(this.box);
    this.showScores();
    const heading = element("h3", { tabindex: -1, class: `sop-practice__verdict sop-practice__verdict--${verdict.right ? "right" : "wrong"}` },
      element("span", { "aria-hidden": "true", class: "sop-practice__mark" }, verdict.right ? "✓" : "✗"),
      verdictText(verdict));
    fill(
      this.body,
      element("blockquote", { class: "sop-practice__question", lang: foreignLanguage(question.language) }, question.text),
      heading,
      verdictView(verdict),
      element("p", { class: "sop-actions" },
        element("button", { type: "button", class: "sop-button sop-button--main", "aria-keyshortcuts": "Enter", on: { click: once(() => this.next({ focus: true })) } }, "Next question"),
        element("span", { class: "sop-quiet sop-keys" }, "or Enter"),
      ),
    );
    heading.focus();
  }

  /** Digits pick and Enter goes on, while nobody is writing or about to press something else. */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target } = event;
    const isHere = target === document.body || this.host.contains(target);
    if (!isHere || target.matches("input, textarea, select")) return;
    if (event.key === "Enter" && this.answered && !target.matches("a, button, summary")) {
      event.preventDefault();
      this.answered = false;
      this.next({ focus: true });
    } else if (/^[1-9]$/.test(event.key)) {
      const button = this.body.querySelector(`[data-sop-digit="${event.key}"]`);
      if (!button) return;
      event.preventDefault();
      button.click();
    }
  }

  showScores() {
    const forget = () => {
      this.box = forgetBox();
      this.showScores();
      this.status.textContent = "Your scores are forgotten.";
      this.heading.focus();
    };
    fill(this.scores, scoresView(this.box, forget));
  }

  fail(error) {
    if (isAbort(error) || this.signal.aborted) return;
    fill(this.body);
    this.status.textContent = error.message;
  }

  /** Drop what is still on its way; return the signal of what comes now. */
  renew() {
    this.loading.abort();
    this.loading = new AbortController();
    return AbortSignal.any([this.signal, this.loading.signal]);
  }
}

/** Return a function that ignores further calls until it is done. */
function picking(action) {
  let busy = false;
  return async (id) => {
    if (busy) return;
    busy = true;
    try {
      await action(id);
    } finally {
      busy = false;
    }
  };
}

function select(id, label, changed, choices = []) {
  const field = element("select", { id, class: "sop-field", on: { change: changed } });
  options(field, choices, choices[0]?.[0] ?? "");
  return { field, label: element("label", { for: id }, `${label} `, field) };
}

function options(field, choices, chosen) {
  fill(field, choices.map(([value, text]) => element("option", { value }, text)));
  field.value = choices.some(([value]) => value === chosen) ? chosen : (choices[0]?.[0] ?? "");
}
