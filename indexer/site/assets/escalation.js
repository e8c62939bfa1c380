/** Who covers an escalation now, and the text that hands the case over. */

import { copyAndSay } from "./clipboard.js";
import { element, fill, once, safeUrl } from "./dom.js";
import { whoCovers } from "./shifts.js";

const MINUTE_MS = 60_000;

/**
 * Return the text that hands a case over, with the evidence as lines to fill in.
 *
 * @param {{id: string, title: string, escalation: Object}} article
 * @param {string} link the article's address
 * @param {Date} now
 * @returns {string}
 */
export function handOffText(article, link, now) {
  const { team, channel, severity, evidence } = article.escalation;
  const cover = whoCovers(team, now);
  const backup = cover?.isBackup && `Covers now: ${nameAndChannel(cover.team.name, cover.team.channel)}`;
  const time = now.toISOString().slice(0, 16).replace("T", " ");
  return [
    `[${severity}] ${article.title} (${article.id})`,
    `Article: ${link}`,
    `To: ${nameAndChannel(team.name, channel)}`,
    backup,
    `Time: ${time} UTC`,
    evidence.length > 0 && "Evidence:",
    ...evidence.map((one) => `- ${one}: `),
  ]
    .filter(Boolean)
    .join("\n");
}

function nameAndChannel(name, channel) {
  return channel ? `${name}, ${channel}` : name;
}

/**
 * Fill the article's escalation; nothing where it has none.
 *
 * @param {Object} article what the page states
 * @param {AbortSignal} signal aborted when the page is left
 */
export function setUpEscalation(article, signal) {
  const section = document.querySelector(".sop-escalation");
  if (!section || !article.escalation) return;
  const { team, channel } = article.escalation;
  // A team that no file knows has a name and nothing else: whether it covers cannot be told.
  if (team.channel || team.on_call) keepCover(section.querySelector(".sop-escalation__covers"), team, channel, signal);
  const actions = section.querySelector(".sop-escalation__actions");
  const status = actions.querySelector("[role=status]");
  const copy = once(async () => {
    const link = location.origin + location.pathname;
    await copyAndSay(handOffText(article, link, new Date()), status, "Copied. Fill in the evidence before you send it.");
  });
  actions.querySelector(".sop-escalation__copy").addEventListener("click", copy, { signal });
  actions.hidden = false;
}

function keepCover(line, team, channel, signal) {
  const show = () => {
    const cover = document.visibilityState === "visible" ? whoCovers(team, new Date()) : null;
    // The link keeps the focus while the sentence is the same.
    if (!cover || line.dataset.sopCover === cover.text) return;
    line.dataset.sopCover = cover.text;
    fill(line, coverSentence(cover, channel));
    line.hidden = false;
  };
  show();
  const timer = setInterval(show, MINUTE_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
  document.addEventListener("visibilitychange", show, { signal });
}

function coverSentence(cover, channel) {
  const where = cover.isBackup ? cover.team.channel : channel;
  const onCall = safeUrl(cover.team.on_call, location.href);
  const contacts = [
    where && element("code", {}, where),
    onCall && element("a", { href: onCall }, `page ${cover.team.name}`),
  ].filter(Boolean);
  if (contacts.length === 0) return `${cover.text}.`;
  return [`${cover.text}: `, contacts.flatMap((contact, index) => (index ? [" or ", contact] : [contact])), "."];
}
