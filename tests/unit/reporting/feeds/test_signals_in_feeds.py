"""The feed of signals: an entry for a day on which one began or ended, the same for good."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from services.reporting.signals import reads
from shared.events.envelope import ReceivedEvent
from tests.support.calendar_ledger import Calendar, event, plan
from tests.support.cloudevents import registration

ATOM = "{http://www.w3.org/2005/Atom}"


class Days(Calendar):
    """The same with its feeds."""

    def answer(self, address: str, **asking: Any) -> Any:
        return self.paging.ask(address, **asking)

    def entries(self, address: str = "/feeds/bk/signals.atom") -> list[Element]:
        """Return the entries of a page of the feed."""
        return self.feed(address).findall(f"{ATOM}entry")

    def feed(self, address: str) -> Element:
        answer = self.answer(address)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
        return fromstring(answer.content)  # noqa: S314  our own document


@pytest.fixture
def calendar(tmp_path: Path) -> Iterator[Days]:
    days = Days(tmp_path)
    yield days
    days.projecting.store.close()


def day_of(entry: Element) -> str:
    return str(entry.findtext(f"{ATOM}id")).rpartition("/")[2]


def told(entry: Element) -> list[str]:
    return str(entry.findtext(f"{ATOM}summary")).splitlines()


def test_a_deadline_that_passes_begins_a_signal_and_a_plan_ends_it(calendar: Days) -> None:
    # docs/signals.md: plan_missing is judged after 31 March.
    calendar.on("2022-04-01")
    assert calendar.entries() == []
    calendar.on("2022-04-02")
    (began,) = calendar.entries()
    assert day_of(began) == "2022-04-01"
    assert told(began) == ["Mới cần xem: Chưa có kế hoạch (năm 2022): 1"]
    calendar.on("2022-04-05", plan("2022-04-05", "o-2"))
    assert [day_of(each) for each in calendar.entries()] == ["2022-04-01"]
    calendar.on("2022-04-06")
    ended, began_again = calendar.entries()
    assert told(ended) == ["Không còn phải xem: Chưa có kế hoạch (năm 2022), trước đó 1"]
    assert day_of(ended) == "2022-04-05"
    assert calendar.entries("/feeds/tn/signals.atom") == []
    # What was said of a day is not said otherwise later.
    for name in ("id", "title", "summary", "updated"):
        assert began_again.findtext(f"{ATOM}{name}") == began.findtext(f"{ATOM}{name}")


def model(number: str, day: str, **data: Any) -> ReceivedEvent:
    return event("ModelRegistered", day, registration(number, **{"unit_id": "bk", **data}))


def test_a_number_that_only_moves_is_said_beside_what_began(calendar: Days) -> None:
    # docs/signals.md: promise_thin is a registration without objectives, criteria or outputs.
    calendar.on("2022-04-05", model("1", "2022-04-05"))
    calendar.on("2022-04-06", model("2", "2022-04-06", title="Nhà văn hóa thôn Nà Pài"))
    calendar.on("2022-04-07")
    assert "Mới cần xem: Thiếu mục tiêu, kết quả (năm 2022): 1" in told(calendar.entries()[0])
    assert [day_of(each) for each in calendar.entries()] == ["2022-04-05", "2022-04-01"]
    # On a day on which another begins, it is said too.
    same = [model(n, "2022-04-07", title="Nhà văn hóa thôn Nà Pài") for n in ("3", "4")]
    calendar.on("2022-04-07", *same, event("ModelRecognized", "2022-04-07", RECOGNIZED))
    calendar.on("2022-04-08")
    newest = calendar.entries()[0]
    assert day_of(newest) == "2022-04-07"
    assert "Vẫn cần xem: Thiếu mục tiêu, kết quả (năm 2022): từ 2 thành 4" in told(newest)
    assert "Mới cần xem: Công nhận chưa qua kiểm tra (năm 2022): 1" in told(newest)


RECOGNIZED = {
    "registration_id": "r-1",
    "tier": "recognized",
    "level": "grassroots",
    "decided_by_org_id": "o-2",
    "decision": {"kind": "decision", "number": "1-QĐ"},
}


def test_pages_together_have_every_day_once(calendar: Days) -> None:
    calendar.on("2022-04-05", plan("2022-04-05", "o-2"))
    calendar.on("2022-05-20")
    days, pages, address = [], 0, "/feeds/bk/signals.atom"
    while address:
        feed = calendar.feed(address)
        days += [day_of(each) for each in feed.findall(f"{ATOM}entry")]
        links = {e.get("rel"): str(e.get("href")) for e in feed.findall(f"{ATOM}link")}
        assert links["self"].startswith("http://test/feeds/bk/signals.atom")
        address, pages = links.get("next", ""), pages + 1
    assert days == ["2022-04-05", "2022-04-01"]
    weeks = (date(2022, 5, 19) - date(2022, 2, 10)) / timedelta(7)
    assert pages == int(weeks) + 1


def test_a_page_is_known_until_the_day_is_over(calendar: Days) -> None:
    calendar.on("2022-04-02")
    tag = calendar.answer("/feeds/bk/signals.atom").headers["etag"]
    calendar.on("2022-04-02", plan("2022-04-02", "o-2"))
    asked = {"headers": {"If-None-Match": tag}}
    assert calendar.answer("/feeds/bk/signals.atom", **asked).status_code == 304
    calendar.on("2022-04-03")
    assert calendar.answer("/feeds/bk/signals.atom", **asked).status_code == 200


def test_an_entry_leads_to_the_signals_of_its_day(calendar: Days) -> None:
    calendar.on("2022-06-01", plan("2022-06-01", "o-2"))
    (entry,) = calendar.entries("/feeds/bk/signals.atom?before=2022-04-04&lang=en")
    assert told(entry) == ["New: Plan missing (2022): 1"]
    (link,) = entry.findall(f"{ATOM}link")
    page = calendar.answer(str(link.get("href")))
    assert page.status_code == 200
    assert "Deadlines are judged on 2022-04-01" in page.text
    assert "/feeds/bk/signals.atom?lang=en" in page.text


def test_near_duplicates_of_a_large_scope_are_never_told(
    calendar: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "COMPARED_EACH_DAY", 1)
    title = "Nhà văn hóa thôn Nà Pài xã Dương Quang"
    twins = [model("1", "2022-04-05", title=title)]
    twins += [model("2", "2022-04-05", title=title, unit_id="tn")]
    calendar.on("2022-04-05", *twins)
    calendar.on("2022-04-06")
    # Though its list was opened, so that the number is known.
    listed = "/signals/near_duplicate?unit=vn&year=2022&known_at=2022-04-05&map=2022-04-05"
    assert calendar.answer(listed).json()["number"] == 1
    (newest,) = calendar.entries("/feeds/vn/signals.atom")[:1]
    assert "Thiếu mục tiêu" in told(newest)[0]
    assert not any("trùng nhau" in each for each in told(newest))


def test_a_wrong_day_or_unit_is_refused(calendar: Days) -> None:
    assert calendar.answer("/feeds/none/signals.atom").status_code == 404
    assert calendar.answer("/feeds/bk/signals.atom?before=2022-02-30").status_code == 422
    for day in ("0001-01-01", "9999-12-31"):
        assert calendar.answer(f"/feeds/bk/signals.atom?before={day}").status_code == 200
