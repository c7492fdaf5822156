from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from tests.support.postgres import NoPostgres, find_programs, temporary_postgres

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _needs_postgres() -> None:
    try:
        find_programs()
    except NoPostgres as reason:
        pytest.skip(str(reason))


def test_a_fresh_database_answers_and_nothing_is_left_behind() -> None:
    with temporary_postgres() as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text("create table kept (id integer primary key, note text)"))
            connection.execute(sa.text("insert into kept values (1, 'ünï')"))
            assert connection.scalar(sa.text("select note from kept")) == "ünï"
            data = Path(connection.scalar(sa.text("show data_directory")))
        # Left open on purpose: an open connection must not keep the server from stopping.
        port = urlsplit(url).port
    assert not data.parent.exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_two_clusters_run_side_by_side() -> None:
    with temporary_postgres() as one, temporary_postgres() as other:
        assert one != other
        assert sa.create_engine(one).connect().scalar(sa.text("select 1")) == 1
        assert sa.create_engine(other).connect().scalar(sa.text("select 1")) == 1
