"""Search, filters, order and pages of the staff's tables."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from app.accounts import service as accounts
from app.accounts.models import AuditEvent, User
from app.admin import queries as admin_queries
from app.db import db, new_id, utc_now
from app.generation.models import Batch, LaneState
from app.library.timeline import first_id_of
from app.workspaces import queries
from tests.app.admin.conftest import Staff
from tests.support.engine import Engine

# Pages are alike on both databases; what is searched and counted is tried on each.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TABLES = ["people", "workspaces", "batches", "jobs", "pictures", "lanes", "api-keys", "mails"]
HOSTILE = [
    "' OR 1=1 --", "%_\\", "); DROP TABLE users; --", "<script>alert(1)</script>", "{{ 7*7 }}", "\u202eé", "-1",
    "1e400", "9" * 60, "2026-13-45", "0001-01-01", "9999-12-31", "1969-12-31", "{" + str(new_id()) + "}", " ",
]  # fmt: skip
PARAMETERS = [
    "search", "page", "sort", "desc", "page_size", "state", "plan", "admin", "model", "lane", "error", "kind", "since",
    "until", "finished", "deleted", "flt0_0", "flt1_state",
]  # fmt: skip


def rows(page: str, address: str) -> list[str]:
    """Ids of the rows of a page, in order, by the links to their own pages."""
    table = re.search(r"<tbody>.*</tbody>", page, re.DOTALL)
    return list(dict.fromkeys(re.findall(rf'href="/admin/{address}/([^"]+)"', table[0]))) if table else []


def add_people(count: int) -> None:
    for number in range(count):
        db.session.add(User(email=f"p{number:03}@example.org"))
    db.session.commit()


def test_nothing_that_can_stand_in_an_address_breaks_a_table(staff: Staff, batch: Batch) -> None:
    for table in TABLES:
        for hostile in HOSTILE:
            page = staff.page(f"/admin/{table}/?" + "&".join(f"{name}={quote(hostile)}" for name in PARAMETERS))
            assert "<script>alert" not in page
    assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 2


def test_a_percent_sign_is_searched_for_as_it_is(staff: Staff, owner: User) -> None:
    assert rows(staff.page("/admin/people/?search=%25"), "people") == []
    assert rows(staff.page("/admin/people/?search=OWNER@"), "people") == [str(owner.id)]


def test_jobs_are_found_by_any_id_and_by_whose_they_are(
    staff: Staff, batch: Batch, owner: User, engine: Engine
) -> None:
    newest_first = [str(job.id) for job in reversed(engine.jobs(batch))]
    for wanted in (batch.id, batch.workspace_id, owner.id, owner.email, f" {owner.email.upper()} "):
        assert rows(staff.page(f"/admin/jobs/?search={quote(str(wanted))}"), "jobs") == newest_first, wanted
    assert rows(staff.page(f"/admin/jobs/?search={newest_first[1]}"), "jobs") == [newest_first[1]]
    for wanted in (new_id(), "boss@example.com", "owner"):
        assert rows(staff.page(f"/admin/jobs/?search={wanted}"), "jobs") == []


def test_filters_narrow_together_and_stand_in_the_form(staff: Staff, batch: Batch, engine: Engine) -> None:
    first, second, third = engine.jobs(batch)
    first.state, first.error_kind = "failed", "bug"
    second.state, second.error_kind, second.lane = "failed", "provider", "sketch"
    third.state = "running"
    db.session.commit()

    def found(query: str) -> list[str]:
        return rows(staff.page(f"/admin/jobs/?{query}"), "jobs")

    assert found("state=failed") == [str(second.id), str(first.id)]
    assert found("state=failed&error=bug") == [str(first.id)]
    assert found("state=running") == [str(third.id)]
    assert found("state=waiting") == []
    assert found("lane=sketch&model=sketch") == [str(second.id)]
    assert found("state=nonsense&since=&until=") == [str(third.id), str(second.id), str(first.id)]
    page = staff.page("/admin/jobs/?state=failed&error=bug")
    assert '<option value="failed" selected>' in page
    assert '<option value="bug" selected>' in page
    # What leads on keeps what was chosen.
    assert 'href="/admin/jobs/?state=failed&amp;error=bug&amp;sort=0"' in page


def test_days_count_in_whole(staff: Staff, batch: Batch) -> None:
    today = utc_now().date()
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    for query, count in (
        (f"since={today}", 1),
        (f"until={today}", 1),
        (f"since={today}&until={today}", 1),
        (f"since={tomorrow}", 0),
        (f"until={yesterday}", 0),
    ):
        assert len(rows(staff.page(f"/admin/batches/?{query}"), "batches")) == count, query


@on_sqlite
def test_a_head_orders_and_orders_the_other_way_round(staff: Staff, owner: User) -> None:
    add_people(3)

    def emails(page: str) -> list[str]:
        return re.findall(r'href="/admin/people/[0-9a-f-]{36}">([^<]+)<', page)

    def order(page: str) -> list[str]:
        return re.findall(r'aria-sort="(\w+)"[^>]*><a[^>]*>(?:<[^>]*>)*([^<]+)', page)

    assert order(staff.page("/admin/people/")) == [("descending", "Joined")]
    page = staff.page("/admin/people/?sort=0")
    assert emails(page) == sorted(emails(page))
    assert order(page) == [("ascending", "E-mail address")]
    turned = re.search(r'href="([^"]+)">E-mail address', page)
    assert turned
    back = staff.page(turned[1].replace("&amp;", "&"))
    assert emails(back) == emails(page)[::-1]
    assert order(back) == [("descending", "E-mail address")]
    # A column that is in no order's list is none.
    assert order(staff.page("/admin/people/?sort=3")) == [("descending", "Joined")]


@on_sqlite
def test_pages_hold_all_rows_once(staff: Staff, owner: User) -> None:
    add_people(110)
    seen: list[str] = []
    path = "/admin/people/?sort=0"
    for _ in range(3):
        page = staff.page(path)
        seen += rows(page, "people")
        further = re.search(r'href="([^"]+)" rel="next"', page)
        path = further[1].replace("&amp;", "&") if further else ""
    assert path == ""
    assert len(seen) == len(set(seen)) == 112
    assert 'rel="prev"' in page
    assert "Nothing found" in staff.page("/admin/people/?page=40")


@on_sqlite
def test_a_page_takes_as_many_questions_whatever_it_shows(staff: Staff, owner: User) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    counts = []
    for people in (0, 40):
        add_people(people)
        asked.clear()
        staff.page("/admin/people/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert not [each for each in asked if "count(" in each.lower() and "FROM jobs" not in each]


def test_a_filter_without_an_index_looks_through_the_newest_and_says_so(
    staff: Staff, batch: Batch, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _, third = engine.jobs(batch)
    first.error_kind = third.error_kind = "bug"
    first.id = first_id_of(utc_now().date() - timedelta(days=2))
    db.session.commit()
    assert len(rows(staff.page("/admin/jobs/?error=bug"), "jobs")) == 2
    monkeypatch.setattr(admin_queries, "WINDOW", 2)
    page = staff.page("/admin/jobs/?error=bug")
    assert rows(page, "jobs") == [str(third.id)]
    assert "Only the newest" in page
    until = utc_now().date() - timedelta(days=1)
    assert rows(staff.page(f"/admin/jobs/?error=bug&until={until}"), "jobs") == [str(first.id)]
    assert "Only the newest" not in staff.page("/admin/jobs/?state=waiting")


@on_sqlite
def test_a_jobs_page_tells_what_happened_and_its_prompt_only_on_record(
    staff: Staff, batch: Batch, engine: Engine, admin: User, owner: User
) -> None:
    job = engine.jobs(batch)[0]
    job.state, job.error_kind, job.error_sentence, job.reason = "failed", "bug", "The brush broke.", "the only lane"
    db.session.commit()
    page = staff.page(f"/admin/jobs/{job.id}")
    for words in ("The brush broke.", "the only lane", "our own fault", owner.email, str(batch.id), "64 × 64"):
        assert words in page
    assert "a red fox at dusk" not in page

    reading = sa.select(AuditEvent).where(AuditEvent.action == "prompt_read")
    assert db.session.scalars(reading).all() == []
    answer = staff("POST", f"/admin/jobs/{job.id}/prompt")
    assert "a red fox at dusk" in answer.text
    written = db.session.scalars(reading).one()
    assert (written.actor_id, written.object_id, written.changes) == (admin.id, str(job.id), {"owner": str(owner.id)})


@on_sqlite
def test_a_persons_page_leads_to_what_is_theirs(staff: Staff, batch: Batch, owner: User) -> None:
    page = staff.page(f"/admin/people/{owner.id}")
    links = re.findall(r'href="(/admin/[^"]+\?search=[^"]+)"', page)
    assert len(links) == 5
    assert [len(re.findall(r"<tr>", staff.page(link))) - 1 for link in links] == [1, 1, 3, -1, -1]


@on_sqlite
def test_lanes_are_all_listed_with_what_runs_there(staff: Staff, batch: Batch, engine: Engine) -> None:
    job = engine.jobs(batch)[0]
    job.state, job.lane = "running", "sketch"
    until = utc_now() + timedelta(minutes=5)
    db.session.add(LaneState(id="sketch", resume_at=until, failures=4))
    db.session.commit()
    page = staff.page("/admin/lanes/")
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)
    assert [each.strip() for each in cells[:2]] == ["this machine", "sketch"]
    assert [each.strip() for each in (cells[4], cells[5], cells[8])] == ["1", "0", "4"]
    assert f"{until:%Y-%m-%dT%H:%M:%SZ}" in cells[6]


@on_sqlite
def test_a_deleted_workspace_is_still_told_of(staff: Staff, owner: User) -> None:
    workspace = queries.workspaces_of(owner.id)[0]
    assert rows(staff.page("/admin/workspaces/?deleted=yes"), "workspaces") == []
    workspace.deleted_at = utc_now()
    db.session.commit()
    assert rows(staff.page("/admin/workspaces/?deleted=yes"), "workspaces") == [str(workspace.id)]


def test_api_keys_are_told_apart_by_their_state(staff: Staff, owner: User) -> None:
    live, _ = accounts.make_api_key(owner, "live")
    expired, _ = accounts.make_api_key(owner, "old")
    expired.expires_at = utc_now() - timedelta(days=1)
    revoked, _ = accounts.make_api_key(owner, "gone")
    revoked.revoked_at = utc_now()
    db.session.commit()
    for state, key in (("live", live), ("expired", expired), ("revoked", revoked)):
        page = staff.page(f"/admin/api-keys/?state={state}")
        assert rows(page, "api-keys") == [str(key.id)]
        assert key.prefix in page
