"""Stack traces, log lines and tables: type, message and codes stay, frames and ids go."""

from __future__ import annotations

import re

from indexer.tickets.lines import has_code

_FRAME = re.compile(
    # Java, .NET and methods in JavaScript: a dotted name and its place in brackets.
    r"\s*(?:at (?:async )?(?:new )?[\w$<>\[\]/]{1,100}(?:\.[\w$<>\[\]/]{1,100}){1,12} ?"
    r"(?:\[as \w{1,60}\] )?\(.{0,400}\)(?: in .{1,300}:line \d+)?\s*"
    # Functions in JavaScript, and their places alone.
    r"|at (?:async )?(?:new )?[\w$.<>]{0,100} ?\([^()\s]{0,400}:\d+(?::\d+)?\)\s*"
    r"|at (?:async )?(?:https?://|file:|webpack|node:|/)\S{1,400}:\d+(?::\d+)?\s*"
    r"|\.\.\. \d+ (?:more|common frames omitted)\s*|[\w.$*<>/]{0,100}@(?:https?|file|app"
    r"|moz-extension)://\S{1,400}:\d+:\d+\s*"
    r"|File \"[^\"]{1,400}\", line \d+(?:, in .{1,200})?\s*|from \S{1,300}:\d+:in .{1,200}"
    r"|goroutine \d+ \[.{1,80}\]:\s*|created by [\w./()*\[\]-]{1,300}(?: in goroutine \d+)?\s*"
    r"|\S{1,300}\.(?:go|rs|c|cc|cpp|rb|php):\d+(?: \+0x[0-9a-f]{1,16})?\s*"
    r"|[\w./*()-]{1,200}\((?:0x[0-9a-f]{1,16}|\.\.\.|\{|, )[^)]{0,300}\)\s*)"
)
_PYTHON_FRAME = re.compile(r"(\s*)File \"")
_TRACE_TALK = re.compile(
    r"\s*(?:Traceback \(most recent call last\):"
    r"|During handling of the above exception, another exception occurred:"
    r"|The above exception was the direct cause of the following exception:)\s*"
)

_UUID = re.compile(
    r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"
)
_HEX = re.compile(
    r"\b(?=[0-9a-f]{0,15}[a-f])(?=[a-f]{0,15}\d)[0-9a-f]{16,128}\b|\b0x[0-9a-f]{9,16}\b"
)
# In a log line also shorter ones.
_SHORT_HEX = re.compile(
    r"\b(?=[0-9a-f]{0,15}[a-f])(?=[a-f]{0,15}\d)[0-9a-f]{8,15}\b|\bid=0x[0-9a-f]{1,16}\b"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?"
_STAMP = re.compile(
    rf"\[?(?:\b\d{{4}}[-/.]\d{{2}}[-/.]\d{{2}}[T ]{_CLOCK}(?: ?(?:Z|UTC|GMT)\b"
    rf"| ?[+-]\d{{2}}:?\d{{2}}\b)?"
    rf"|\b{_MONTH} [ \d]\d {_CLOCK}|\b\d{{2}}/{_MONTH}/\d{{4}}:{_CLOCK}(?: [+-]\d{{4}})?"
    rf"|\bts=\d{{9,13}}(?:\.\d{{1,9}})?|(?<![\w:.]){_CLOCK}(?![\w:]))\]?"
)
_ID_FIELD = re.compile(
    r"(?:\b(?:trace|span|trace_?id|span_?id|req|request_?id|sid|session_?id|rt|pid|tid"
    r"|ua|sys_id)=|\"(?:ts|trace|request_id|session)\": ?)(?:\"[^\"]{0,200}\"|[^\s,}\"]{0,200})"
)
_LEVEL = re.compile(
    r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|SEVERE|CRITICAL|PANIC)\b|\[(?:log"
    r"|trace|debug|info|notice|warn(?:ing)?|error|crit|fatal)\]|\blvl=\w{4,7}",
    re.IGNORECASE,
)
_QUIET = re.compile(r"(?:lvl=|\[)?(?:trace|debug|info|notice|log)\]?", re.IGNORECASE)
_THREAD = re.compile(r"\[(?:[\w.$#:/ -]{1,60}-\d{1,6}|main)\]|\b\d+#\d+:|\*\d{2,12}\b")
_LOGGER = re.compile(
    r"\b(?:[a-z_]\w{0,20}\.){2,8}[A-Za-z_$]\w{0,60}(?<!Exception)(?<!Error)(?= [-:] )"
)
_SYSLOG = re.compile(r"\s*(?P<host>[\w.-]{1,60} [\w./-]{1,40})\[\d{1,9}\]:")
_ACCESS = re.compile(
    r".{0,120}\"(?P<verb>GET|POST|PUT|PATCH|DELETE|HEAD"
    r"|OPTIONS) (?P<path>[^\s?\"]{1,400})[^\s\"]{0,2000} HTTP/[\d.]{1,3}\" (?P<status>\d{3})\b.*"
)
_RESPONSE_HEADER = re.compile(
    r"\s*(?:date|server|x-[\w-]{1,60}|set-cookie|cookie|content-(?:type|length|encoding"
    r"|security-policy)|cache-control|connection|vary|etag"
    r"|via|accept(?:-\w{1,20})?|user-agent|referer|transfer-encoding|strict-transport-security"
    r"|access-control-[\w-]{1,40}|keep-alive|pragma"
    r"|expires|last-modified|age|alt-svc|cf-ray)\s?:.*",
    re.IGNORECASE,
)
_STATUS_LINE = re.compile(r"\s*HTTP/[\d.]{1,3} [1-5]\d\d\b.*")
_AGENT = re.compile(r"\"?Mozilla/5\.0 [^\"\n]{0,400}\"?")
_TABLE_RULE = re.compile(r"[\s|+:=\-─━│┼├┤┌┐└┘┬┴]*")
_LEADERS = re.compile(r"\.{4,}|-{4,}|={4,}|_{4,}|\*{4,}|~{4,}")
_CELL_EDGE = re.compile(r"[|│]")
# Stricter than `has_code`: batches and tasks have codes too, and quiet lines are full of them.
_ERROR_CODE = re.compile(r"\b[A-Z]{2,8}-\d{3,5}\b")
_NUMBER = re.compile(r"(?<![\w-])\d+(?:\.\d+)?(?=(?:ms|s)?\b)")
# So many log lines are a log, and not a sentence with a time in it.
_LOG_LINES = 3


def drop_stack_frames(lines: list[str]) -> list[str]:
    """Leave out the frames of a stack trace; the exception and its message stay."""
    kept: list[str] = []
    below: int | None = None
    for line in lines:
        if found := _PYTHON_FRAME.match(line):
            below = len(found[1])
        elif below is not None:
            # The source line of a Python frame is indented deeper than the frame.
            is_source = len(line) - len(line.lstrip()) > below
            below = None
            if is_source:
                continue
        if not _FRAME.fullmatch(line[:1000]) and not _TRACE_TALK.fullmatch(line[:1000]):
            kept.append(line)
    return kept


def condense_logs(lines: list[str]) -> list[str]:
    """Reduce log lines to level and message; beside errors, quiet levels tell nothing."""
    is_log = [_is_log_line(line) for line in lines]
    is_dump = any(_STATUS_LINE.match(line) for line in lines) or (
        sum(bool(_RESPONSE_HEADER.fullmatch(line)) for line in lines) > 3
    )
    is_loud = [logged and _is_loud(line) for line, logged in zip(lines, is_log, strict=True)]
    only_loud = any(is_loud) and sum(is_log) >= _LOG_LINES
    kept: list[str] = []
    seen: set[str] = set()
    for line, logged, loud in zip(lines, is_log, is_loud, strict=True):
        if (only_loud and logged and not loud) or (is_dump and _RESPONSE_HEADER.fullmatch(line)):
            continue
        message = _message_of(line) if logged else line
        # A log says the same again and again, with another count or duration each time.
        pattern = _NUMBER.sub("0", message) if logged else ""
        if not pattern or pattern not in seen:
            kept.append(message)
            seen.add(pattern)
    return kept


def drop_ids(lines: list[str]) -> list[str]:
    """Leave out random ids, memory addresses and exact times; codes and dates stay."""
    return [
        _STAMP.sub("", _HEX.sub("", _UUID.sub("", _ID_FIELD.sub("", _AGENT.sub("", line)))))
        for line in lines
    ]


def flatten_tables(lines: list[str]) -> list[str]:
    """Turn rows into words, and leave out rules and dot leaders."""
    rows = [line for line in lines if not line.strip() or not _TABLE_RULE.fullmatch(line)]
    return [
        _LEADERS.sub(
            " ", _CELL_EDGE.sub(" ", line) if line.count("|") + line.count("│") > 1 else line
        )
        for line in rows
    ]


def drop_repeats(lines: list[str]) -> list[str]:
    """Leave out lines that stood before, in any case and with any spaces."""
    seen: set[str] = set()
    kept: list[str] = []
    for line in lines:
        key = " ".join(line.lower().split())
        if key and key in seen:
            continue
        seen.add(key)
        kept.append(line)
    return kept


def _is_log_line(line: str) -> bool:
    """Tell a log line: a time near its start and a level, a syslog head, or an access log."""
    head = line[:200]
    stamp = _STAMP.search(head)
    if stamp and stamp.start() <= 40 and (_LEVEL.search(head) or stamp.start() < 3):
        return True
    return bool(_ACCESS.match(line[:3000])) or (line[:1] == "[" and bool(_LEVEL.match(head)))


def _is_loud(line: str) -> bool:
    """Tell whether a log line reports a trouble."""
    level = _LEVEL.search(line[:300])
    if level is None:
        access = _ACCESS.match(line[:3000])
        return has_code([line]) or bool(access and access["status"][0] in "45")
    return not _QUIET.fullmatch(level[0]) or bool(_ERROR_CODE.search(line))


def _message_of(line: str) -> str:
    if access := _ACCESS.match(line[:3000]):
        return f"{access['verb']} {access['path']} HTTP {access['status']}"
    line = _STAMP.sub("", line)
    if head := _SYSLOG.match(line):
        line = f"{head['host']}:{line[head.end() :]}"
    line = _SHORT_HEX.sub("", _UUID.sub("", _THREAD.sub("", line)))
    return _LOGGER.sub("", line)
