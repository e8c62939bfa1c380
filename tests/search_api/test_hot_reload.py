"""A new snapshot is taken up while the service runs; a broken one never is."""

from __future__ import annotations

import threading

import pytest

ONE = {"one.md": "# The red door\n\nOpen the red door with the red key.\n"}
TWO = ONE | {"two.md": "# The blue door\n\nOpen the blue door with the blue key.\n"}


def flip_a_byte(file):
    """Change one bit in the middle of a file."""
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 0x01
    file.write_bytes(raw)


def ready(api):
    """What /readyz says."""
    return api.get("/readyz").json()


@pytest.fixture
def index(tmp_path):
    """The folder that `build` and `publish_folder` publish into."""
    return tmp_path / "index"


def test_new_snapshot_serves_without_a_failed_request(client, publish_folder, index, eventually):
    """Callers never notice the change: every answer is 200 and from one of the two snapshots."""
    first = publish_folder("a", ONE).manifest.id
    answers = []
    done = threading.Event()
    with client(index=index) as api:

        def ask_on():
            while not done.is_set():
                response = api.post("/api/v1/suggest", json={"query": "open the blue door"})
                answers.append((response.status_code, response.json().get("index_version")))

        asking = threading.Thread(target=ask_on)
        asking.start()
        try:
            second = publish_folder("b", TWO).manifest.id
            eventually(lambda: ready(api)["index_version"] == second)
            best = api.post("/api/v1/suggest", json={"query": "open the blue door"}).json()
        finally:
            done.set()
            asking.join()
        assert ready(api)["status"] == "ready"
    assert first != second
    assert best["suggestions"][0]["id"] == "two"
    assert {status for status, _ in answers} == {200}
    assert [version for _, version in answers] == sorted(
        (version for _, version in answers), key=[first, second].index
    )


def point(index, pointer):
    """Make a pointer current, in one step as publishing does."""
    (index / "aside.json").write_bytes(pointer)
    (index / "aside.json").replace(index / "current.json")


def test_flipped_byte_is_refused_by_name_while_the_old_serves(
    client, publish_folder, index, eventually, tmp_path
):
    """One changed bit in any file keeps a snapshot out; readiness says which file it is."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<h1>Start</h1>", encoding="utf-8")
    second = publish_folder("b", TWO, site=site).manifest.id
    bad = (index / "current.json").read_bytes()
    first = publish_folder("a", ONE).manifest.id
    good = (index / "current.json").read_bytes()
    files = sorted(p for p in (index / "snapshots" / second).rglob("*") if p.is_file())
    with client(index=index, reload_s=0.01) as api:
        for file in files:
            raw = file.read_bytes()
            flip_a_byte(file)
            point(index, bad)
            eventually(lambda: ready(api)["status"] == "degraded")
            state = ready(api)
            answer = api.post("/api/v1/suggest", json={"query": "open the red door"})
            point(index, good)
            eventually(lambda: ready(api)["status"] == "ready")
            file.write_bytes(raw)
            assert state["index_version"] == first
            assert file.relative_to(index / "snapshots" / second).as_posix() in state["detail"]
            assert (answer.status_code, answer.json()["index_version"]) == (200, first)
        figures = api.get("/metrics").text
        point(index, bad)
        eventually(lambda: ready(api)["index_version"] == second)
    assert len(files) > 10
    assert f"sop_reload_failures {len(files)}.0" in figures


def test_broken_snapshot_is_reported_once(client, publish_folder, index, eventually, caplog):
    """The log names the broken file once, however often the service looks again."""
    publish_folder("a", ONE)
    with client(index=index, reload_s=0.01) as api:
        pointer = (index / "current.json").read_text(encoding="utf-8")
        point(index, pointer.replace('"manifest_sha256":"', '"manifest_sha256":"00').encode())
        eventually(lambda: ready(api)["status"] == "degraded")
        for _ in range(20):
            ready(api)
    assert caplog.text.count("manifest.json") == 1


def test_start_with_a_broken_snapshot_serves_the_older_one(client, publish_folder, index):
    """A restart in a bad moment still answers, from the newest intact snapshot."""
    first = publish_folder("a", ONE).manifest.id
    second = publish_folder("b", TWO).manifest.id
    flip_a_byte(index / "snapshots" / second / "space-0" / "titles.faiss")
    with client(index=index) as api:
        state = ready(api)
        answer = api.post("/api/v1/suggest", json={"query": "open the red door"}).json()
    assert (state["status"], state["index_version"]) == ("degraded", first)
    assert "space-0/titles.faiss" in state["detail"]
    assert answer["index_version"] == first


def test_start_with_a_damaged_pointer_serves_an_intact_snapshot(client, publish_folder, index):
    """When the pointer itself is damaged, the newest intact snapshot answers."""
    first = publish_folder("a", ONE).manifest.id
    (index / "current.json").write_text("{", encoding="utf-8")
    with client(index=index) as api:
        state = ready(api)
    assert (state["status"], state["index_version"]) == ("degraded", first)
    assert "current.json" in state["detail"]


def test_without_a_snapshot_the_service_says_so_and_waits(
    client, publish_folder, index, eventually
):
    """Without an index every question is a 503 with advice; a first one is taken up."""
    with client(index=index) as api:
        state = api.get("/readyz")
        asked = [
            api.post("/api/v1/suggest", json={"query": "x"}),
            api.post("/api/v1/search", json={"query": "x"}),
            api.post("/api/v1/suggest/batch", json={"requests": [{"query": "x"}]}),
            api.get("/api/v1/articles/one"),
        ]
        alive = api.get("/healthz").status_code
        figures = api.get("/metrics")
        page = api.get("/")
        made = publish_folder("a", ONE).manifest.id
        eventually(lambda: ready(api)["index_version"] == made)
        later = api.post("/api/v1/suggest", json={"query": "open the red door"})
    assert state.status_code == 503
    assert state.json()["status"] == "not_ready"
    assert "sop build" in state.json()["detail"]
    for response in asked:
        assert response.status_code == 503
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["retry-after"]
        assert "sop build" in response.json()["detail"]
    assert (alive, figures.status_code, page.status_code) == (200, 200, 404)
    assert "sop_index_articles 0.0" in figures.text
    assert later.json()["suggestions"][0]["id"] == "one"


def test_feedback_is_taken_without_an_index(client, index):
    """What people say about a page is stored also while no index is loaded."""
    with client(index=index) as api:
        response = api.post("/api/v1/feedback", json={"page": "/", "event": "gap"})
    assert response.status_code == 201


def test_pointer_that_vanishes_for_a_moment_leaves_no_trace(
    client, publish_folder, index, eventually
):
    """While the pointer is away the index goes on serving, and it is ready again after."""
    publish_folder("a", ONE)
    pointer = index / "current.json"
    with client(index=index, reload_s=0.01) as api:
        pointer.rename(index / "away.json")
        eventually(lambda: ready(api)["status"] == "degraded")
        assert api.post("/api/v1/suggest", json={"query": "red door"}).status_code == 200
        (index / "away.json").rename(pointer)
        eventually(lambda: ready(api)["status"] == "ready", within_s=2)


def test_pointer_that_cannot_be_read_does_not_end_the_watch(
    client, publish_folder, index, eventually
):
    """After the file system refused the pointer for a while, new snapshots are still seen."""
    publish_folder("a", ONE)
    pointer = index / "current.json"
    with client(index=index, reload_s=0.01) as api:
        pointer.rename(index / "away.json")
        pointer.mkdir()
        eventually(lambda: ready(api)["status"] == "degraded", within_s=2)
        pointer.rmdir()
        second = publish_folder("b", TWO).manifest.id
        eventually(lambda: ready(api)["index_version"] == second, within_s=2)


def test_snapshot_published_again_is_taken_up_after_a_broken_one(
    client, publish_folder, index, eventually
):
    """Building again mends a broken snapshot, also when the articles are the same."""
    publish_folder("a", ONE)
    with client(index=index, reload_s=0.01) as api:
        second = publish_folder("b", TWO).manifest.id
        eventually(lambda: ready(api)["index_version"] == second)
        first = publish_folder("a", ONE).manifest.id
        eventually(lambda: ready(api)["index_version"] == first)
        flip_a_byte(index / "snapshots" / second / "articles.jsonl")
        publish_folder("b", TWO)
        eventually(lambda: ready(api)["index_version"] == second)
        assert ready(api)["status"] == "ready"
