/** Who covers now: a team in its hours, its backup outside them. Pure; knows no page. */

/**
 * @typedef {Object} Team
 * @property {string} key
 * @property {string} name
 * @property {?string} channel
 * @property {?string} on_call
 * @property {?string} time_zone IANA name
 * @property {?string} hours "24x7", or "09:00-18:00" from Monday to Friday in its zone
 * @property {?Team} backup
 */

/**
 * @typedef {Object} Hours
 * @property {boolean} open
 * @property {?string} until local time at which it closes; null at any hour
 * @property {?string} back weekday and local time at which it opens; null while open
 */

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const SPAN = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/;

/**
 * Return whether a team is in its hours, and until or from when.
 *
 * A span that ends before it starts goes on into the next day.
 *
 * @param {Team} team
 * @param {Date} now
 * @returns {?Hours} null when hours or zone cannot be read
 */
export function hoursAt(team, now) {
  if (team.hours === "24x7") return { open: true, until: null, back: null };
  const span = SPAN.exec(team.hours ?? "");
  const local = span && localTime(now, team.time_zone ?? "UTC");
  if (!local) return null;
  const [startText, endText] = team.hours.split("-");
  const start = Number(span[1]) * 60 + Number(span[2]);
  const end = Number(span[3]) * 60 + Number(span[4]);
  const overnight = end <= start;
  const sinceToday = isWorkday(local.day) && local.minutes >= start && (overnight || local.minutes < end);
  const sinceYesterday = overnight && isWorkday((local.day + 6) % 7) && local.minutes < end;
  if (sinceToday || sinceYesterday) return { open: true, until: endText, back: null };
  for (let ahead = 0; ; ahead += 1) {
    const day = (local.day + ahead) % 7;
    if (isWorkday(day) && (ahead > 0 || local.minutes < start)) {
      return { open: false, until: null, back: `${DAYS[day]} ${startText}` };
    }
  }
}

/**
 * Return who covers now, and the sentence that says so up to the contact.
 *
 * @param {Team} team
 * @param {Date} now
 * @returns {?{team: Team, isBackup: boolean, text: string}} null when it cannot be told
 */
export function whoCovers(team, now) {
  const hours = hoursAt(team, now);
  if (!hours) return null;
  if (hours.open) {
    const until = hours.until ? `until ${hours.until} (${team.time_zone})` : "at any hour";
    return { team, isBackup: false, text: `${team.name} covers now, ${until}` };
  }
  const off = `${team.name} is back on ${hours.back} (${team.time_zone}).`;
  const covering = team.backup ?? team;
  const who = team.backup ? `${covering.name} covers now` : "Nobody else covers; page them";
  return { team: covering, isBackup: Boolean(team.backup), text: `${off} ${who}` };
}

function isWorkday(day) {
  return day >= 1 && day <= 5;
}

function localTime(now, timeZone) {
  try {
    const format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      weekday: "long",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
    return { day: DAYS.indexOf(parts.weekday), minutes: Number(parts.hour) * 60 + Number(parts.minute) };
  } catch {
    // A zone that this browser does not know: better to say nothing than a wrong team.
    return null;
  }
}
