"""A malfunction, followed from the first question to the notice on the site and its end."""

from __future__ import annotations

import json
import time
import urllib.request

from playwright.sync_api import expect

# In seconds: the log is written behind the answer, and looked at every 15 seconds.
RAISED_WITHIN_S = 60
# In milliseconds: a page looks for notices every 30 seconds.
SEEN_WITHIN_MS = 60_000
WORDINGS = (
    "the player is green, sound works",
    "videos in Lantern Review show a green picture only",
    "green screen instead of the video in every task",
    "moderator sees just green when playing a clip",
    "video tasks: picture all green since the release",
    "cannot moderate videos, the image is solid green",
    "green video frame, audio fine",
    "all clips look green in Lantern Review",
    "player shows a green box instead of the recording",
    "reported videos display as a green rectangle",
    "video preview in Lantern Review turns green after one second",
    "green tint covers the whole video, nothing visible",
)


def call(service, path, body=None):
    """Send a request; give its JSON."""
    request = urllib.request.Request(  # noqa: S310  # the service's own address
        f"{service.url}/api/v1/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        return json.load(response)


def ask_of_many(service):
    """Ask the same in twelve wordings, each of another person."""
    for number, text in enumerate(WORDINGS):
        call(service, "suggest", {"query": text, "actor": f"person {number}", "channel": "ticket"})


def wait_for_malfunction(service):
    """Give the one malfunction, once the service has seen it with all its questions."""
    end = time.monotonic() + RAISED_WITHIN_S
    while time.monotonic() < end:
        found = call(service, "malfunctions")["malfunctions"]
        if found and found[0]["count"] >= len(WORDINGS) - 2:
            return found
        time.sleep(1)
    raise AssertionError(call(service, "malfunctions"))


def test_malfunction_goes_from_the_first_question_to_the_notice_and_its_end(
    visit, own_service, grave_findings
):
    """Twelve people ask, a lead pins with a click, everybody is told, and it ends everywhere."""
    assert call(own_service, "malfunctions")["malfunctions"] == []
    ask_of_many(own_service)
    (found,) = wait_for_malfunction(own_service)
    assert found["state"] == "rising"
    assert found["platforms"] == ["Lantern Review"]
    assert found["askers"] == found["count"]
    assert len(found["examples"]) == 5
    assert set(found["examples"]) <= set(WORDINGS)

    page = visit("/", at=own_service)
    now = page.get_by_role("region", name="Many people ask this now")
    expect(now.get_by_text(found["id"])).to_be_visible()
    now.get_by_role("button", name="Pin a notice about Lantern Review").click()
    now.get_by_label("What is broken?").fill("Videos are green")
    now.get_by_label("What to do meanwhile?").fill("Use the second player.")
    now.get_by_role("button", name="Pin", exact=True).click()
    expect(now.get_by_text("Notice 1 is pinned.")).to_be_visible()
    banner = page.get_by_role("region", name="Notices")
    expect(banner).to_contain_text("Videos are green Use the second player.")
    assert grave_findings(page) == []

    # Another page, in another window, shows it too.
    other = visit("/sop/access/reset-second-factor/", at=own_service)
    other_banner = other.get_by_role("region", name="Notices")
    expect(other_banner).to_contain_text("Videos are green")
    told = call(own_service, "suggest", {"query": "no second factor"})["notices"][0]
    assert (told["kind"], told["title"]) == ("pinned", "Videos are green")
    assert told["workaround"] == "Use the second player."

    ended = call(own_service, "notices/1/end", {"by": "lead"})
    assert ended["ended_by"] == "lead"
    notices = call(own_service, "suggest", {"query": "no second factor"})["notices"]
    assert [one["kind"] for one in notices if one["kind"] == "pinned"] == []
    # Nobody touches the page: it looks by itself.
    expect(other_banner).to_be_hidden(timeout=SEEN_WITHIN_MS)


def test_notice_expires_by_itself(visit, own_service):
    """After its time a notice is in no answer and on no page, without anybody's doing."""
    call(own_service, "notices", {"title": "Bell is late", "hours": 0.003, "by": "lead"})
    page = visit("/", at=own_service)
    banner = page.get_by_role("region", name="Notices")
    expect(banner).to_contain_text("Bell is late")
    expect(banner).to_be_hidden(timeout=SEEN_WITHIN_MS)
    notices = call(own_service, "notices")["notices"]
    assert [one["kind"] for one in notices if one["kind"] == "pinned"] == []
