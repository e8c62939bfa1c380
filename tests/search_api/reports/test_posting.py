"""Posting: files in a folder and a relay on this machine; what fails is tried again."""

from __future__ import annotations

import json
import logging
import stat
import threading
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import ValidationError
from support_events import NOON

from search_api.events.reports import approve, read_report, read_reports
from search_api.reports.poster import Poster
from search_api.reports.posting import PostError, is_due, post, post_due
from search_api.reports.report import Highlight, Report
from search_api.routine import Routine
from search_api.settings import Settings

END = NOON + timedelta(hours=8)


@pytest.fixture
def relay():
    """A relay on this machine: what it was sent, and the status that it answers with."""

    class Relay(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            server.taken.append((self.path, json.loads(self.rfile.read(length))))
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    server.taken, server.status = [], 204
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(tmp_path):
    """Return a function that makes settings below the test's folder."""

    def make(**changes):
        url = f"sqlite:///{tmp_path / 'events.db'}"
        return Settings(events_url=url, reports_folder=tmp_path / "reports", **changes)

    return make


def approved(settings, kind="daily", at=END):
    """An approved report in the log."""
    report = Report(
        kind=kind,
        title=f"A {kind} report",
        starts=NOON,
        ends=END,
        zone="Asia/Singapore",
        made_at=END,
        is_demo=False,
        highlights=(Highlight(text="Calm."),),
        sections=(),
    )
    content = report.model_dump(mode="json")
    approve(settings.events_url, kind, NOON, END, content, "lead", at)
    return read_report(settings.events_url, kind, NOON)


def test_report_is_posted_in_three_formats(settings, tmp_path):
    """Markdown, HTML and JSON lie in the folder, for their owner only, and it counts as posted."""
    told = settings()
    files = post(told, approved(told))
    names = ["daily-2026-11-03-2000.md", "daily-2026-11-03-2000.html", "daily-2026-11-03-2000.json"]
    assert [file.name for file in files] == names
    assert files[0].read_text(encoding="utf-8").startswith("# A daily report\n")
    assert json.loads(files[2].read_text(encoding="utf-8"))["approved_by"] == "lead"
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert read_reports(told.events_url, limit=1)[0].posted_at is not None


def test_relay_gets_title_and_text(settings, relay):
    """A webhook on this machine gets the report as JSON."""
    told = settings(report_webhook=f"http://127.0.0.1:{relay.server_port}/team")
    post(told, approved(told))
    ((path, body),) = relay.taken
    assert path == "/team"
    assert body["title"] == "A daily report"
    assert body["text"].startswith("# A daily report\n")


def test_report_that_a_relay_refuses_stays_due(settings, relay):
    """A relay that fails is named, and the next look posts it again."""
    told = settings(
        report_webhook=f"http://127.0.0.1:{relay.server_port}/", post_reports_at=time(0)
    )
    stored = approved(told)
    relay.status = 500
    with pytest.raises(PostError, match="answered 500"):
        post(told, stored)
    later = END + timedelta(days=1)
    assert post_due(told, later) == []
    relay.status = 200
    assert post_due(told, later) == ["A daily report"]
    assert post_due(told, later) == []
    assert len(relay.taken) == 3


def test_damaged_report_does_not_keep_others_from_going_out(settings):
    """An approved report whose zone is none is passed over; the next one is posted."""
    told = settings(post_reports_at=time(0))
    good = approved(told)
    bad = good.content | {"zone": "Europe/[erased]"}
    approve(told.events_url, "weekly", NOON + timedelta(1), END, bad, "lead", END)
    assert post_due(told, END + timedelta(days=1)) == ["A daily report"]


def test_relay_that_is_away_is_named(settings):
    """A port where nobody listens is one sentence."""
    told = settings(report_webhook="http://127.0.0.1:9/")
    with pytest.raises(PostError, match=r"took nothing \(ConnectionRefusedError\)"):
        post(told, approved(told))


def test_folder_that_cannot_be_written_is_named(settings, tmp_path):
    """A file in the way of the folder is one sentence."""
    told = settings()
    (tmp_path / "reports").write_text("in the way", encoding="utf-8")
    with pytest.raises(PostError, match=r"could not be written to .*reports"):
        post(told, approved(told))


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1/", "http://10.0.0.7/", "http://127.0.0.1.example.com/"]
)
def test_webhook_is_on_this_machine(settings, address):
    """An address beyond loopback is refused when the settings are read."""
    with pytest.raises(ValidationError, match="report_webhook"):
        settings(report_webhook=address)


@pytest.mark.parametrize(
    ("kind", "approved_at", "now", "is_so"),
    [
        ("daily", (3, 20), (3, 21), False),
        ("daily", (3, 20), (4, 0), False),
        ("daily", (3, 20), (4, 1), True),
        ("daily", (4, 0), (4, 1), True),
        ("handover", (3, 20), (3, 20), True),
    ],
)
def test_report_goes_out_at_its_time_of_day(settings, kind, approved_at, now, is_so):
    """At 09:00 in Singapore, which is 01:00 UTC; a handover as soon as it is approved."""
    approval, moment = (
        datetime(2026, 11, day, hour, tzinfo=UTC) for day, hour in (approved_at, now)
    )
    stored = approved(settings(), kind, approval)
    assert is_due(stored, time(9), moment) is is_so
    assert is_due(stored, None, moment) is False


def test_running_service_posts_by_itself(settings, tmp_path, eventually):
    """With a time of day set, an approved handover is in the folder soon, without a command."""
    told = settings(post_reports_at=time(0))
    approved(told, "handover")
    poster = Poster(told, every_s=0.02)
    poster.start()
    eventually(lambda: read_reports(told.events_url, limit=1)[0].posted_at is not None)
    poster.stop()
    assert len(list((tmp_path / "reports").iterdir())) == 3


def test_thread_outlives_whatever_goes_wrong(caplog, eventually):
    """An error that nobody thought of is logged, and the work is tried again."""
    tries = []

    def work():
        tries.append(1)
        if len(tries) < 3:
            raise PermissionError(13, "Permission denied")
        return 60.0

    logger = logging.getLogger("sop.reports")
    routine = Routine("report-poster", work, logger, first_s=0.0, again_s=0.01)
    routine.start()
    eventually(lambda: len(tries) == 3)
    routine.stop()
    assert [record.message for record in caplog.records] == [
        "report-poster failed; it is tried again"
    ] * 2


def test_service_without_a_time_posts_nothing(settings, tmp_path):
    """Without the setting no thread is started, and stopping is still possible."""
    poster = Poster(settings())
    poster.start()
    poster.stop()
    assert not (tmp_path / "reports").exists()
