"""The built site, served by the same process and from the same snapshot as the answers."""

from __future__ import annotations

import pytest

from search_api.auth import KeyFile

DOOR = {"door.md": "# The red door\n\nOpen the red door with the red key.\n"}


def make_site(folder, start="Start"):
    """A small built site, as the site builder leaves it."""
    (folder / "sop" / "door").mkdir(parents=True)
    (folder / "index.html").write_text(f"<h1>{start}</h1>", encoding="utf-8")
    (folder / "404.html").write_text("<h1>No such page</h1>", encoding="utf-8")
    (folder / "sop" / "door" / "index.html").write_text(
        '<h1 id="the-red-door">The red door</h1>', encoding="utf-8"
    )
    (folder / "search.json").write_text('{"docs": "' + "x" * 40_000 + '"}', encoding="utf-8")
    return folder


@pytest.fixture
def site(tmp_path):
    """A built site."""
    return make_site(tmp_path / "site")


def test_site_of_the_snapshot_is_served(client, publish_folder, tmp_path, site):
    """Pages, the start page and links in answers come from one snapshot."""
    publish_folder("a", DOOR, site=site)
    with client(index=tmp_path / "index") as api:
        start = api.get("/")
        answer = api.post("/api/v1/suggest", json={"query": "open the red door"}).json()
        page = api.get(answer["suggestions"][0]["url"])
    assert start.headers["content-type"].startswith("text/html")
    assert start.text == "<h1>Start</h1>"
    assert page.status_code == 200
    assert "The red door" in page.text


def test_missing_page_is_the_sites_own_404(client, site):
    """A page that is not there shows the site's 404 page with status 404."""
    with client(site=site) as api:
        response = api.get("/no/such/page/")
    assert response.status_code == 404
    assert response.text == "<h1>No such page</h1>"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_site_answers_head_and_conditional_requests(client, site):
    """HEAD has no body, and a page that has not changed is not sent again."""
    with client(site=site) as api:
        page = api.get("/sop/door/")
        head = api.head("/sop/door/")
        again = api.get("/sop/door/", headers={"If-None-Match": page.headers["etag"]})
        other = api.get("/sop/door/", headers={"If-None-Match": '"another"'})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(page.content))
    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


def test_folder_without_slash_leads_to_its_page(client, site):
    """An address without its last slash is sent on to the page."""
    with client(site=site) as api:
        response = api.get("/sop/door", follow_redirects=False)
    assert response.status_code in (301, 302, 307, 308)
    assert response.headers["location"].endswith("/sop/door/")


def test_large_files_are_compressed_and_small_answers_are_not(client, site):
    """The search index travels compressed; an answer is sent as it is."""
    with client(site=site) as api:
        large = api.get("/search.json")
        small = api.get("/api/v1/articles/acc-002")
    assert large.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in small.headers


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1/none", "/api/index.html"])
def test_api_never_answers_with_a_page(client, site, path):
    """Below /api there are no pages: an unknown route is a JSON 404, whatever the method."""
    with client(site=site) as api:
        answers = [api.request(method, path) for method in ("GET", "POST", "PUT", "DELETE")]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert {a.headers["content-type"] for a in answers} == {"application/problem+json"}


def test_site_serves_nothing_outside_its_folder(client, site, keys):
    """No address reaches a file beside the site."""
    _, secret = keys.create("site", ["site"], ["internal"])
    header = {"Authorization": f"Bearer {secret}"}
    paths = (
        "/../keys.json",
        "/%2e%2e/keys.json",
        "/..%2fkeys.json",
        "/sop/../../keys.json",
        "/%00",
    )
    with client(site=site) as api:
        answers = [api.get(path, headers=header) for path in paths]
    assert [answer.status_code for answer in answers] == [404] * len(paths)
    assert all("sha256" not in answer.text for answer in answers)


def test_site_does_not_follow_a_link_out_of_its_folder(client, site, tmp_path):
    """A symbolic link in the site that leads elsewhere is not served."""
    (tmp_path / "secret.txt").write_text("secret words", encoding="utf-8")
    (site / "link.txt").symlink_to(tmp_path / "secret.txt")
    with client(site=site) as api:
        response = api.get("/link.txt")
    assert (response.status_code, "secret words" in response.text) == (404, False)


def test_service_works_without_a_site(client, tmp_path, publish_folder):
    """Without a site the start page is a JSON 404 that names the API's description."""
    publish_folder("a", DOOR)
    with client(index=tmp_path / "index") as api:
        page = api.get("/")
        answer = api.post("/api/v1/suggest", json={"query": "open the red door"})
    assert page.status_code == 404
    assert page.headers["content-type"] == "application/problem+json"
    assert "/api/docs" in page.json()["detail"]
    assert answer.json()["decision"] == "suggest"


def test_named_site_goes_before_the_snapshots_own(client, publish_folder, tmp_path, site):
    """A site that the operator names is served instead of the one in the snapshot."""
    publish_folder("a", DOOR, site=make_site(tmp_path / "other", "Other"))
    with client(index=tmp_path / "index", site=site) as api:
        assert api.get("/").text == "<h1>Start</h1>"


def test_site_changes_together_with_the_index(client, publish_folder, tmp_path, eventually):
    """With a new snapshot comes its site: the version in /readyz and the pages agree."""
    publish_folder("a", DOOR, site=make_site(tmp_path / "one", "One"))
    with client(index=tmp_path / "index", reload_s=0.02) as api:
        assert api.get("/").text == "<h1>One</h1>"
        second = publish_folder("b", DOOR, site=make_site(tmp_path / "two", "Two")).manifest.id
        eventually(lambda: api.get("/readyz").json()["index_version"] == second)
        assert api.get("/").text == "<h1>Two</h1>"


def test_site_needs_a_key_too_once_there_are_keys(client, site, tmp_path):
    """With keys, pages are for those with the scope site; others get 401 or 403."""
    keys = KeyFile(tmp_path / "keys.json")
    _, reader = keys.create("reader", ["site"], ["internal"])
    _, tool = keys.create("tool", ["suggest", "feedback"], ["internal"])
    with client(site=site) as api:
        nobody = api.get("/")
        missing = api.get("/no/such/page")
        refused = api.get("/", headers={"Authorization": f"Bearer {tool}"})
        page = api.get("/", headers={"Authorization": f"Bearer {reader}"})
    assert [r.status_code for r in (nobody, missing, refused, page)] == [401, 401, 403, 200]
    assert nobody.headers["content-type"] == "application/problem+json"
    assert "Start" not in nobody.text + refused.text


POLICY = "default-src 'none'; script-src 'self' 'sha256-AAAA'"


@pytest.fixture
def site_with_policy(site):
    """A built site with the policy that its build left."""
    (site / "content-security-policy.txt").write_text(POLICY + "\n", encoding="utf-8")
    return site


@pytest.mark.parametrize("path", ["/", "/sop/door/", "/sop/door/index.html", "/404.html"])
def test_pages_carry_the_policy_of_their_build(client, site_with_policy, path):
    """The Content-Security-Policy that the build wrote goes with every page, for HEAD too."""
    with client(site=site_with_policy) as api:
        page, head = api.get(path), api.head(path)
    assert (page.status_code, head.status_code) == (200, 200)
    assert page.headers["content-security-policy"] == POLICY
    assert head.headers["content-security-policy"] == POLICY


def test_page_for_a_wrong_address_carries_the_policy_too(client, site_with_policy):
    """The site's own 404 page is a page like the others, with the same theme and scripts."""
    with client(site=site_with_policy) as api:
        response = api.get("/no/such/page/")
    assert response.status_code == 404
    assert response.text == "<h1>No such page</h1>"
    assert response.headers["content-security-policy"] == POLICY
    assert response.headers["cache-control"] == "no-cache"


def test_picture_that_can_hold_scripts_carries_the_policy(client, site_with_policy):
    """An SVG that somebody opens is a document, so it runs nothing either."""
    (site_with_policy / "gear.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>', encoding="utf-8"
    )
    with client(site=site_with_policy) as api:
        response = api.get("/gear.svg")
    assert response.headers["content-type"].startswith("image/svg+xml")
    assert response.headers["content-security-policy"] == POLICY


def test_unchanged_page_takes_no_policy_away(client, site_with_policy):
    """An answer that a page has not changed has no other policy than the page."""
    with client(site=site_with_policy) as api:
        etag = api.get("/").headers["etag"]
        again = api.get("/", headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again.headers.get("content-security-policy", POLICY) == POLICY


def test_answers_of_the_api_carry_no_policy_of_the_site(client, site_with_policy):
    """The API's own pages have scripts that the site's build did not see."""
    with client(site=site_with_policy) as api:
        answers = [api.get("/api/docs"), api.get("/readyz"), api.get("/api/openapi.json")]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert all("content-security-policy" not in answer.headers for answer in answers)


def test_site_without_a_policy_is_served_without(client, site):
    """A site that another tool built has no policy, and its pages come as they are."""
    with client(site=site) as api:
        response = api.get("/")
    assert response.status_code == 200
    assert "content-security-policy" not in response.headers


@pytest.mark.parametrize("content", ["", "\n", "  \n\n"])
def test_empty_policy_is_no_header(client, site, content):
    """A file without a policy in it adds no empty header."""
    (site / "content-security-policy.txt").write_text(content, encoding="utf-8")
    with client(site=site) as api:
        response = api.get("/")
    assert response.status_code == 200
    assert "content-security-policy" not in response.headers


def test_policy_travels_in_the_snapshot(client, publish_folder, tmp_path, site_with_policy):
    """A published site keeps the policy that its build wrote."""
    publish_folder("a", DOOR, site=site_with_policy)
    with client(index=tmp_path / "index") as api:
        assert api.get("/sop/door/").headers["content-security-policy"] == POLICY


def test_policy_changes_together_with_the_pages(
    client, publish_folder, tmp_path, site_with_policy, eventually
):
    """With a new snapshot the policy is that of its pages, and not the one before."""
    publish_folder("a", DOOR, site=site_with_policy)
    other = make_site(tmp_path / "other", "Other")
    (other / "content-security-policy.txt").write_text("default-src 'self'\n", encoding="utf-8")
    with client(index=tmp_path / "index", reload_s=0.02) as api:
        assert api.get("/").headers["content-security-policy"] == POLICY
        second = publish_folder("b", DOOR, site=other).manifest.id
        eventually(lambda: api.get("/readyz").json()["index_version"] == second)
        page = api.get("/")
    assert page.text == "<h1>Other</h1>"
    assert page.headers["content-security-policy"] == "default-src 'self'"
