/** What somebody pasted becomes a request; an answer becomes text for a reply. Pure. */

/** Longest text that is read, as the service counts (after NFC). */
export const MAX_QUESTION_CHARS = 20000;
const MAX_SUBJECT_CHARS = 4000;

const HTML = /<!doctype html|<(?:html|body|head|div|p|br|table|tr|td|span|ul|ol|li|a|b|i|strong|em|img|blockquote|font|style|meta)(?:\s[^<>]*)?\/?>/i;
const CLOSED = /<\/(?:html|body|div|p|table|tr|td|span|ul|ol|li|a|b|i|strong|em|blockquote|font|style)\s*>|<br\s*\/?>|&nbsp;/i;

/** Return whether a text is HTML mail: it has tags that open, and tags that end something. */
export function looksLikeHtml(text) {
  return HTML.test(text) && CLOSED.test(text);
}

/**
 * Return a text's length as the service counts it.
 *
 * @param {string} text
 * @returns {number} code points after NFC
 */
export function lengthOf(text) {
  return Array.from(text.trim().normalize("NFC")).length;
}

/**
 * Return the fields of a request that carry a text.
 *
 * One line is a question. Of more lines the first is a ticket's subject, unless it is too long
 * to be one, or the text is HTML, whose first line says nothing.
 *
 * @param {string} text
 * @returns {{query: string}|{subject?: string, description: string, format?: "html"}}
 */
export function questionFields(text) {
  const whole = text.trim();
  if (looksLikeHtml(whole)) return { description: whole, format: "html" };
  const [first, ...others] = whole.split(/\r?\n/);
  const rest = others.join("\n").trim();
  if (lengthOf(first) > MAX_SUBJECT_CHARS) return { description: whole };
  return rest ? { subject: first.trim(), description: rest } : { query: first };
}

/**
 * Return text for a reply or a ticket: what the article is, what it is for, where it stands.
 *
 * The sharing line is not part of it: it tells staff what must not be passed on.
 *
 * @param {{title: string, id: string, summary: string, snippet: string}} suggestion
 * @param {?string} link absolute
 * @returns {string}
 */
export function replyText(suggestion, link) {
  const about = suggestion.summary || suggestion.snippet.replace(/\s+/g, " ").trim();
  return [`${suggestion.title} (${suggestion.id})`, about, link].filter(Boolean).join("\n");
}
