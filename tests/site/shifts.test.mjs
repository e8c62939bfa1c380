import assert from "node:assert/strict";
import { test } from "node:test";

import { hoursAt, whoCovers } from "../../indexer/site/assets/shifts.js";

const platform = { key: "platform", name: "Platform", hours: "24x7", time_zone: "Etc/UTC", backup: null };
const dublin = { key: "access", name: "Access", hours: "09:00-18:00", time_zone: "Europe/Dublin", backup: platform };

test("a team covers in its own hours, which follow its zone's summer time", () => {
  const summer = new Date("2026-07-01T08:30:00Z"); // Wednesday 09:30 in Dublin
  const winter = new Date("2026-12-02T08:30:00Z"); // Wednesday 08:30 in Dublin
  assert.equal(whoCovers(dublin, summer).team.key, "access");
  assert.equal(whoCovers(dublin, summer).text, "Access covers now, until 18:00 (Europe/Dublin)");
  assert.equal(whoCovers(dublin, winter).team.key, "platform");
});

test("outside the hours the backup covers, and the sentence says when the team is back", () => {
  const friday = new Date("2026-11-20T18:00:00Z"); // the closing minute is outside
  assert.deepEqual(hoursAt(dublin, friday), { open: false, until: null, back: "Monday 09:00" });
  assert.equal(
    whoCovers(dublin, friday).text,
    "Access is back on Monday 09:00 (Europe/Dublin). Platform covers now",
  );
  assert.equal(hoursAt(dublin, new Date("2026-11-23T03:00:00Z")).back, "Monday 09:00");
  assert.equal(hoursAt(dublin, new Date("2026-11-23T19:00:00Z")).back, "Tuesday 09:00");
});

test("a span over midnight belongs to the day on which it starts", () => {
  const night = { ...dublin, hours: "22:00-06:00", time_zone: "Etc/UTC" };
  assert.equal(hoursAt(night, new Date("2026-11-21T05:59:00Z")).open, true); // Saturday, since Friday
  assert.equal(hoursAt(night, new Date("2026-11-21T22:30:00Z")).open, false); // Saturday night
  assert.equal(hoursAt(night, new Date("2026-11-23T05:00:00Z")).open, false); // Monday, since Sunday
});

test("a team without a backup has to be paged itself", () => {
  const alone = { ...dublin, backup: null };
  const cover = whoCovers(alone, new Date("2026-11-21T12:00:00Z"));
  assert.equal(cover.team.key, "access");
  assert.equal(cover.isBackup, false);
});

test("hours and zones that cannot be read name nobody", () => {
  const now = new Date("2026-11-20T12:00:00Z");
  assert.equal(whoCovers({ ...dublin, hours: "office hours" }, now), null);
  assert.equal(whoCovers({ ...dublin, hours: null }, now), null);
  assert.equal(whoCovers({ ...dublin, time_zone: "Mars/Olympus" }, now), null);
  assert.equal(whoCovers(platform, now).text, "Platform covers now, at any hour");
});
