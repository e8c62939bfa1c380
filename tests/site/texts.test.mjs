import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { errorOf } from "../../indexer/site/assets/api.js";
import { announceArticles, escalatesNow } from "../../indexer/site/assets/ask_view.js";
import { safeUrl } from "../../indexer/site/assets/dom.js";
import { handOffText } from "../../indexer/site/assets/escalation.js";
import { changedSince, isPast, visitsAt } from "../../indexer/site/assets/home.js";
import { placeholdersIn, shownFor } from "../../indexer/site/assets/placeholders.js";
import { lengthOf, looksLikeHtml, questionFields, replyText } from "../../indexer/site/assets/question.js";
import { reviewWarning } from "../../indexer/site/assets/review.js";
import { isLongEnough } from "../../indexer/site/assets/search.js";
import { DEFAULT_THRESHOLD, confidenceWords, headingTrail } from "../../indexer/site/assets/suggestion.js";
import { saysUrgent } from "../../indexer/site/assets/urgency.js";

test("one line is a question, more are a ticket, HTML is said to be HTML", () => {
  assert.deepEqual(questionFields("  LR-4031 again \n"), { query: "LR-4031 again" });
  assert.deepEqual(questionFields("RE: Queue\r\n\r\nHi,\nit is empty"), {
    subject: "RE: Queue",
    description: "Hi,\nit is empty",
  });
  const mail = "<p>Hi,</p>\n<p>it is empty</p>";
  assert.deepEqual(questionFields(mail), { description: mail, format: "html" });
  assert.deepEqual(questionFields("x".repeat(4001)), { description: "x".repeat(4001) });
});

test("text with angle brackets is no HTML", () => {
  for (const text of ["a < b and b > c", "Jo <jo@example.com> wrote", "<p> is the key I press", "List<String> names"]) {
    assert.equal(looksLikeHtml(text), false, text);
  }
  for (const text of ["<div class=x>Hi</div>", "Hi<br>there", "<HTML><BODY>Hi</BODY></HTML>"]) {
    assert.equal(looksLikeHtml(text), true, text);
  }
});

test("a text is as long as the service counts it", () => {
  assert.equal(lengthOf(" e\u0301😀 "), 2);
});

test("confidence is said in words, never as certain, with the service's own threshold", () => {
  assert.deepEqual([0.6, 0.72, 0.5999, 0.22, 0.2199, 0, 1].map((one) => confidenceWords(one)), [
    "likely, 60 %",
    "likely, 72 %",
    "possible, 59 %",
    "possible, 22 %",
    "unlikely, 21 %",
    "unlikely, 0 %",
    "likely, 99 %",
  ]);
  const calibration = readFileSync(new URL("../../indexer/calibration.py", import.meta.url), "utf8");
  assert.equal(confidenceWords(0.12, 0.1), "possible, 12 %");
  assert.equal(DEFAULT_THRESHOLD, Number(/^DECISION_THRESHOLD = ([\d.]+)$/m.exec(calibration)[1]));
});

test("the heading trail leaves the article's title out", () => {
  assert.equal(headingTrail(["Grant a role", "Steps", "Approval"], "Grant a role"), "Steps › Approval");
  assert.equal(headingTrail(["Grant a role"], "Grant a role"), "");
});

test("the status line counts articles, and says plainly when there is none", () => {
  const one = { decision: "suggest", suggestions: [{}] };
  assert.equal(announceArticles(one), "1 article");
  assert.equal(announceArticles({ decision: "abstain", suggestions: [] }), "No article covers this.");
  assert.equal(announceArticles({ decision: "abstain", suggestions: [{}, {}] }), "No article covers this. The nearest: 2 articles.");
});

test("a grave or urgent case shows its escalation, unless the article is unlikely", () => {
  const suggestion = (severity, confidence = 0.9) => ({ confidence, escalation: severity && { severity } });
  assert.equal(escalatesNow(suggestion("sev2"), false), true);
  assert.equal(escalatesNow(suggestion("sev3"), false), false);
  assert.equal(escalatesNow(suggestion("sev3"), true), true);
  assert.equal(escalatesNow(suggestion("sev1", 0.1), true), false);
  assert.equal(escalatesNow(suggestion("sev1", 0.1), true, 0.09), true);
  assert.equal(escalatesNow(suggestion(null), true), false);
});

test("urgency is read, and its denial too", () => {
  for (const text of ["URGENT: no access", "please help asap", "the board is down", "es ist dringend", "很紧急", "sev1 since noon"]) {
    assert.equal(saysUrgent(text), true, text);
  }
  for (const text of ["not urgent, when you have time", "this isn't very urgent", "role moderator_urgent", "nicht dringend", "insurgent", "scroll down", "non-urgent"]) {
    assert.equal(saysUrgent(text), false, text);
  }
  assert.equal(saysUrgent("I thought it was not urgent. It is urgent now"), true);
});

test("a reply has title, id, summary and link, and never the sharing line", () => {
  const suggestion = { title: "Grant a role", id: "per-001", summary: "Give a role.", snippet: "…", sharing: "internal only" };
  assert.equal(replyText(suggestion, "https://kb/sop/x/#a"), "Grant a role (per-001)\nGive a role.\nhttps://kb/sop/x/#a");
  assert.equal(replyText({ ...suggestion, summary: "", snippet: "Open\nit " }, null), "Grant a role (per-001)\nOpen it");
});

test("the hand-off text leaves a line for each piece of evidence and names who covers", () => {
  const backup = { name: "Platform", channel: "#oncall", hours: "24x7" };
  const team = { name: "Access", hours: "09:00-18:00", time_zone: "Etc/UTC", backup };
  const escalation = { team, channel: "#access", severity: "sev3", evidence: ["user_id", "time in UTC"] };
  const article = { id: "per-001", title: "Grant a role", escalation };
  assert.equal(
    handOffText(article, "https://kb/x/", new Date("2026-11-22T03:04:05Z")),
    [
      "[sev3] Grant a role (per-001)",
      "Article: https://kb/x/",
      "To: Access, #access",
      "Covers now: Platform, #oncall",
      "Time: 2026-11-22 03:04 UTC",
      "Evidence:",
      "- user_id: ",
      "- time in UTC: ",
    ].join("\n"),
  );
});

test("placeholders are names in double braces and nothing else", () => {
  assert.deepEqual(placeholdersIn("a {{x}} b {{user_id}}"), [
    { name: "x", start: 2, end: 7 },
    { name: "user_id", start: 10, end: 21 },
  ]);
  assert.deepEqual(placeholdersIn("{{ .Values.x }} {% raw %} {{}} {x} {{a b}}"), []);
  assert.equal(shownFor("x", "  "), "{{x}}");
  assert.equal(shownFor("x", " 7 "), "7");
});

test("an article is overdue from the day after its review date on", () => {
  const article = { review_by: "2026-08-01", owner: { name: "Access", channel: "#access" } };
  assert.equal(reviewWarning(article, new Date("2026-08-01T23:59:00Z")), null);
  assert.equal(
    reviewWarning(article, new Date("2026-08-02T00:00:00Z")),
    "This article should have been reviewed by 1 August 2026. Check with #access before you rely on it.",
  );
  assert.equal(reviewWarning({ review_by: null, owner: null }, new Date()), null);
});

test("looks within four hours are one visit", () => {
  const first = visitsAt(null, new Date("2026-11-20T08:00:00Z"));
  assert.deepEqual(first, { last: null, seen: "2026-11-20T08:00:00.000Z" });
  const same = visitsAt(first, new Date("2026-11-20T11:00:00Z"));
  assert.deepEqual(same, { last: null, seen: "2026-11-20T11:00:00.000Z" });
  const next = visitsAt(same, new Date("2026-11-21T08:00:00Z"));
  assert.equal(next.last, "2026-11-20T11:00:00.000Z");
});

test("changed articles come newest first, across time zones", () => {
  const articles = [
    { id: "a", updated: "2026-11-20T10:00:00+08:00" },
    { id: "b", updated: "2026-11-20T09:00:00+00:00" },
    { id: "c", updated: "2026-11-01T00:00:00Z" },
    { id: "d", updated: null },
  ];
  const now = new Date("2026-11-21T00:00:00Z");
  assert.deepEqual(changedSince(articles, null, now).map(({ id }) => id), ["b", "a"]);
  assert.deepEqual(changedSince(articles, "2026-11-20T03:00:00Z", now).map(({ id }) => id), ["b"]);
  assert.equal(isPast("2026-11-20", now), true);
  assert.equal(isPast("2026-11-21", now), false);
  assert.equal(isPast("", now), false);
});

test("an HTTP status becomes a kind and a sentence", () => {
  const kinds = [401, 403, 404, 405, 422, 429, 500, 503].map((status) => errorOf(status, null, null).kind);
  assert.deepEqual(kinds, ["forbidden", "forbidden", "away", "away", "away", "busy", "away", "away"]);
  assert.equal(errorOf(422, { detail: "limit: too high" }, null).kind, "refused");
  assert.equal(errorOf(503, null, "7").retryAfter_s, 7);
  assert.match(errorOf(500, { request_id: "ab12" }, null).message, /ab12/);
});

test("only web addresses become links", () => {
  assert.equal(safeUrl("/sop/x/#a", "https://kb/home/"), "https://kb/sop/x/#a");
  assert.equal(safeUrl("javascript:alert(1)", "https://kb/"), null);
  assert.equal(safeUrl(null, "https://kb/"), null);
});

test("a search needs three letters, or two characters where words are short", () => {
  assert.deepEqual(["ab", "abc", "队", "队列", "😀x"].map(isLongEnough), [false, true, false, true, false]);
});
