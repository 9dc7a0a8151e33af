"""What a run has added is told to readers once it is committed, and never with a gap."""

from shared.readmodel.recent_rows import RecentRows

Row = tuple[int, str]


def _recent(most: int = 100) -> RecentRows[Row]:
    return RecentRows(lambda row: row[0], most=most)


def _run(recent: RecentRows[Row], after: int, until: int, *rows: Row) -> None:
    recent.put(rows)
    recent.committed(after, until)


def test_nobody_is_told_of_rows_before_they_are_committed() -> None:
    recent = _recent()
    recent.committed(0, 0)
    recent.put([(1, "a")])
    assert recent.between(0, 0) == []
    assert recent.between(0, 1) is None
    recent.committed(0, 1)
    assert recent.between(0, 1) == [(1, "a")]


def test_a_reader_gets_what_lies_between_two_positions_in_order() -> None:
    recent = _recent()
    _run(recent, 0, 3, (1, "a"), (3, "b"))
    _run(recent, 3, 7, (5, "c"), (5, "d"))
    _run(recent, 7, 9)
    assert recent.between(0, 9) == [(1, "a"), (3, "b"), (5, "c"), (5, "d")]
    assert recent.between(1, 5) == [(3, "b"), (5, "c"), (5, "d")]
    assert recent.between(5, 9) == []


def test_only_the_table_knows_what_came_before_or_has_not_come_yet() -> None:
    recent = _recent()
    assert recent.between(0, 0) is None
    _run(recent, 10, 12, (11, "a"))
    assert recent.between(9, 12) is None
    assert recent.between(10, 13) is None
    assert recent.between(10, 12) == [(11, "a")]


def test_what_another_process_has_folded_is_a_gap_and_no_silence() -> None:
    recent = _recent()
    _run(recent, 0, 2, (1, "a"))
    _run(recent, 5, 6, (6, "b"))  # 3 to 5 were folded elsewhere
    assert recent.between(2, 6) is None
    assert recent.between(5, 6) == [(6, "b")]


def test_a_run_that_failed_is_never_told() -> None:
    recent = _recent()
    _run(recent, 0, 1, (1, "a"))
    recent.put([(2, "lost")])
    recent.forget()
    recent.committed(1, 2)
    assert recent.between(0, 2) is None
    assert recent.between(1, 2) == []


def test_what_is_kept_is_bounded_and_no_position_is_told_by_half() -> None:
    recent = _recent(most=3)
    _run(recent, 0, 4, (1, "a"), (2, "b"), (2, "c"), (3, "d"), (4, "e"))
    assert recent.between(0, 4) is None
    assert recent.between(1, 4) is None
    assert recent.between(2, 4) == [(3, "d"), (4, "e")]
