import assert from "node:assert/strict";
import { test } from "node:test";

import { malfunctionText } from "../../indexer/site/assets/malfunctions.js";
import { bannerNotices, endText, waitAfter, waitFor } from "../../indexer/site/assets/notices.js";

const NOW = new Date("2026-11-22T12:00:00Z");

test("the banner shows what is pinned and not over, and no known issue", () => {
  const notices = [
    { kind: "pinned", title: "now", expires: "2026-11-22T12:00:01Z" },
    { kind: "pinned", title: "over", expires: "2026-11-22T12:00:00Z" },
    { kind: "known_issue", title: "lasting", expires: null },
  ];
  assert.deepEqual(bannerNotices(notices, NOW).map(({ title }) => title), ["now"]);
});

test("while nobody answers the next look comes later, after ten minutes at most", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 50].map(waitAfter), [30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
});

test("an end on another day names the day", () => {
  const here = new Date(2026, 10, 22, 12);
  assert.match(endText(new Date(2026, 10, 22, 14, 30).toISOString(), here), /^until \D*\d?2:30/);
  assert.match(endText(new Date(2026, 10, 23, 1, 5).toISOString(), here), /^until .*23.*:05/);
});

test("a malfunction is told with what is usual", () => {
  const one = { state: "rising", count: 14, askers: 12, window_minutes: 15, in_window: 7, expected: 0.003 };
  assert.equal(malfunctionText(one), "rising: 14 questions of 12 people; 7 in 15 minutes, where almost none is usual");
  assert.match(malfunctionText({ ...one, expected: 1.96 }), /where 2 is usual$/);
});

test("a page looks again when a notice ends, and after half a minute at most", () => {
  assert.equal(waitFor([], NOW), 30_000);
  assert.equal(waitFor([{ expires: "2026-11-22T12:00:09Z" }, { expires: null }], NOW), 10_000);
  assert.equal(waitFor([{ expires: "2026-11-22T18:00:00Z" }], NOW), 30_000);
  assert.equal(waitFor([{ expires: "2026-11-22T11:00:00Z" }], NOW), 1000);
});
