import assert from "node:assert/strict";
import { test } from "node:test";

import { afterTry, emptyBox, nextQuestion, readBox, scores, shuffled } from "../../indexer/site/assets/practice_box.js";
import { originText, sourceText, verdictText } from "../../indexer/site/assets/practice_view.js";

const RIGHT = { area: "access", area_name: "Access", right: true };
const WRONG = { ...RIGHT, right: false };

test("the order is always the same in one browser, and another in the next", () => {
  const ids = Array.from({ length: 50 }, (_, place) => `id-${place}`);
  const first = shuffled(ids, "a");
  assert.deepEqual(shuffled(ids.toReversed(), "a"), first);
  assert.notDeepEqual(shuffled(ids, "b"), first);
  assert.deepEqual([...first].sort(), [...ids].sort());
});

test("what was wrong comes back after three others, what was right after eight, then later each time", () => {
  const ids = Array.from({ length: 200 }, (_, place) => `q${place}`);
  let box = emptyBox("seed");
  let last = null;
  const asked = [];
  for (let turn = 0; turn < 60; turn += 1) {
    last = nextQuestion(box, ids, last);
    asked.push(last);
    // Of two questions one is always failed, the other always answered.
    box = afterTry(box, last, last === "q0" ? WRONG : RIGHT);
  }
  const places = (id) => asked.flatMap((one, place) => (one === id ? [place] : []));
  assert.deepEqual(places("q0").slice(0, 4), [0, 4, 8, 12]);
  assert.deepEqual(places("q1").slice(0, 2), [1, 10]);
  assert.ok(places("q1").length === 3 && places("q1")[2] - places("q1")[1] > 20);
});

test("a question is not asked twice in a row where there is another", () => {
  let box = afterTry(emptyBox("seed"), "a", WRONG);
  assert.equal(nextQuestion(box, ["a"], "a"), "a");
  assert.equal(nextQuestion(box, ["a", "b"], "a"), "b");
  box = afterTry(box, "b", RIGHT);
  assert.equal(nextQuestion(box, ["a", "b"], "b"), "a");
  assert.equal(nextQuestion(box, [], "a"), null);
});

test("scores are counted by area, the weakest first, and a streak ends with a wrong one", () => {
  let box = emptyBox("seed");
  for (const [id, verdict] of [["a", RIGHT], ["b", RIGHT], ["c", { ...WRONG, area: "care", area_name: "Care" }], ["a", WRONG], ["d", RIGHT]]) {
    box = afterTry(box, id, verdict);
  }
  assert.deepEqual(scores(box), [
    { name: "Care", right: 0, tries: 1 },
    { name: "Access", right: 3, tries: 4 },
  ]);
  assert.deepEqual([box.turn, box.streak, box.best], [5, 1, 2]);
  assert.equal(box.questions.a[0], 0);
});

test("only what these scripts wrote is read", () => {
  const box = afterTry(emptyBox("seed"), "__proto__x", RIGHT);
  assert.deepEqual(readBox(JSON.stringify(box)), box);
  for (const text of [null, "", "{}", "[]", '"x"', JSON.stringify({ ...box, turn: "9" }), JSON.stringify({ ...box, questions: { a: [99, 1] } }), JSON.stringify({ ...box, areas: { a: { name: 1, right: 0, tries: 1 } } })]) {
    assert.equal(readBox(text), null, text);
  }
});

test("it is said where questions come from, and why those of people are not there", () => {
  const list = { asked: ["a", "b"], own: ["c"], origin: "log", is_demo: false };
  assert.equal(originText(list), "2 questions that people asked, then 1 question that an article states.");
  assert.equal(originText({ ...list, is_demo: true }).endsWith(" Demonstration: what people asked was made up."), true);
  const none = { ...list, asked: [] };
  assert.equal(originText({ ...none, origin: "off" }), "1 question that an article states. What people asked is not used for practice on this site.");
  assert.match(originText({ ...none, origin: "not_allowed" }), /those only who may read every report\.$/);
  assert.match(originText(none), /None that people asked fits\.$/);
  assert.equal(sourceText({ source: "asked", askers: 4 }), "Asked by 4 people, personal data removed");
});

test("the verdict says right or wrong in words", () => {
  const answer = { title: "Reset a lost second factor" };
  assert.equal(verdictText({ right: true, left_out: false, answer }), "Right.");
  assert.equal(verdictText({ right: false, left_out: false, answer }), "Not right. The answer is “Reset a lost second factor”.");
  assert.equal(verdictText({ right: true, left_out: false, answer: null }), "Right: no article answers this.");
  assert.equal(verdictText({ right: false, left_out: true, answer }), "Not right: none of these answers it.");
});
