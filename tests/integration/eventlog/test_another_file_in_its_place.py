"""The files of a log are replaced or removed under a process that has the log open."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from shared.appending.outcomes import Accepted
from shared.errors import Unavailable
from shared.vocabulary import Family
from tests.support.cloudevents import country, received, registration
from tests.support.writer_process import appender_on, publish


def test_nothing_is_appended_to_a_file_that_has_lost_its_name(tmp_path: Path) -> None:
    file, copy = tmp_path / "log.db", tmp_path / "copy.db"
    with appender_on(f"sqlite:///{file}", Family.REGISTRY) as appender:
        publish(appender, [[country()]])
        with closing(sqlite3.connect(file)) as log, closing(sqlite3.connect(copy)) as older:
            log.backup(older)
        publish(appender, [[received("ModelRegistered", registration("1"))]])
        for old in tmp_path.glob("log.db-*"):
            old.unlink()  # they belong to the file that goes
        copy.replace(file)
        with pytest.raises(Unavailable, match="log_restored"):
            publish(appender, [[received("ModelRegistered", registration("2"))]])
        assert appender.log.head().position == 1
    with appender_on(f"sqlite:///{file}", Family.REGISTRY) as appender:
        ((outcome,),) = publish(appender, [[received("ModelRegistered", registration("3"))]])
        assert isinstance(outcome, Accepted)
        assert outcome.position == 2


def test_a_directory_that_was_removed_is_a_repeatable_refusal(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with appender_on(f"sqlite:///{home / 'log.db'}", Family.REGISTRY) as appender:
        publish(appender, [[country()]])
        shutil.rmtree(home)
        with pytest.raises(Unavailable, match="log_"):
            publish(appender, [[received("ModelRegistered", registration("1"))]])
