"""A ticket as it came becomes its question: the steps, in order.

Each step takes and gives lines, the subject first, and only ever leaves out. A step that
would leave no word at all is not taken, so a text of nothing but thanks stays as it is.

Libraries for quoted mail were tried and not taken: `mail-parser-reply` 1.36 and
`email-reply-parser` 0.5.12 need more than eight seconds for 20,000 characters of blank
lines or of the word "On", `quotequail` 0.5.4 two seconds for 20,000 characters of "From:",
and none of them knows chats, logs or ticket systems.
"""

from __future__ import annotations

from collections.abc import Callable

from indexer.tickets import characters, chat, logs, mail, quoted
from indexer.tickets.lines import has_words

Step = Callable[[list[str]], list[str]]

STEPS: tuple[Step, ...] = (
    characters.drop_encoded,
    characters.drop_emoji,
    logs.drop_stack_frames,
    logs.condense_logs,
    characters.shorten_addresses,
    chat.keep_what_people_said,
    mail.drop_reply_markers,
    quoted.keep_newest_mail,
    mail.strip_subject,
    mail.drop_footers,
    mail.drop_signature,
    mail.drop_pleasantries,
    mail.drop_quiet_lines,
    mail.drop_asides,
    logs.drop_ids,
    logs.flatten_tables,
    logs.drop_repeats,
)
# A step may uncover what an earlier one leaves out; real tickets are done after two passes.
_MOST_PASSES = 4
# Whoever sends more lines sends columns of numbers, or wants to keep the service busy.
_MOST_LINES = 1_000


def normalize(text: str) -> str:
    """Return what the text asks, a line for each line that is left.

    Normalising twice changes nothing more.
    """
    for _ in range(_MOST_PASSES):
        shorter = _one_pass(text)
        if shorter == text:
            break
        text = shorter
    return text


def _one_pass(text: str) -> str:
    lines = text.split("\n")
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], " ".join(lines[_MOST_LINES:])]
    for step in STEPS:
        left = step(lines)
        if left != lines and (has_words(left) or not has_words(lines)):
            lines = left
    tidy = (" ".join(line.split()) for line in lines)
    return "\n".join(line for line in tidy if has_words([line]))
