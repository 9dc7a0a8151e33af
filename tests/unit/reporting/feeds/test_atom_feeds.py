"""The Atom feed of a unit: its entries, their order and pages, and its validity by RFC 4287."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest

from services.reporting.feeds import activity, places
from services.reporting.feeds.routes import SHOWN_ENTRIES
from tests.support.cloudevents import country, unit
from tests.support.dashboard_pages import Paging
from tests.support.event_builders import amended, granted, recognized, registered, withdrawn
from tests.support.figures_of_events import Projecting

ATOM = "{http://www.w3.org/2005/Atom}"
WILD = "Mô hình <b>&amp; \"hay\"</b> ]]> 'x' & y"


@pytest.fixture(scope="module")
def paging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    """Give a country of two provinces, with a model in each of two communes and one that moved."""
    url = f"sqlite:///{tmp_path_factory.mktemp('feeds') / Path('reporting.db')}"
    started = Projecting(url, run=100)
    started.given(
        country(),
        unit("bk", name="Bắc Kạn", kind="tỉnh"),
        unit("tn", name="Thái Nguyên", kind="tỉnh"),
        unit("bk-1", "bk", "commune", name="Phường Đức Xuân", kind="phường"),
        unit("tn-1", "tn", "commune", name="Xã Đại Từ", kind="xã"),
        registered("1", unit_id="bk-1", title=WILD),  # 6
        registered("2", unit_id="tn-1"),  # 7
        recognized("1"),  # 8
        withdrawn("2"),  # 9
        granted("1", unit_id="tn-1", recipient={"kind": "collective", "org_id": "o-1"}),  # 10
        registered("3", unit_id="bk-1"),  # 11
        amended("3", unit_id="tn-1"),  # 12
        *(registered(f"more-{n}", unit_id="tn") for n in range(SHOWN_ENTRIES)),
    )
    yield Paging(started)
    started.store.close()


def read(paging: Paging, address: str) -> Element:
    answer = paging.answer(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    return fromstring(answer.content)  # noqa: S314  our own document


def positions(feed: Element) -> list[int]:
    ids = [str(each.findtext(f"{ATOM}id")) for each in feed.iter(f"{ATOM}entry")]
    return [int(re.fullmatch(r"tag:dvk\.example,2026:(\d+)/.+", each)[1]) for each in ids]  # type: ignore[index]


def link(element: Element, rel: str) -> str | None:
    found = [e.get("href") for e in element.findall(f"{ATOM}link") if e.get("rel") == rel]
    assert len(found) <= 1
    return found[0] if found else None


def test_a_feed_has_the_events_of_its_scope_the_newest_first(paging: Paging) -> None:
    # The units of a province, its registrations, what is decided of them, and what left it.
    assert positions(read(paging, "/feeds/bk.atom")) == [12, 11, 8, 6, 4, 2]
    assert positions(read(paging, "/feeds/tn-1.atom")) == [12, 10, 9, 7, 5]


def test_a_feed_of_one_kind_has_no_other(paging: Paging) -> None:
    assert positions(read(paging, "/feeds/vn.atom?of=decisions")) == [10, 8]
    assert positions(read(paging, "/feeds/bk.atom?of=changes")) == [12, 11, 6, 4, 2]
    assert positions(read(paging, "/feeds/vn.atom?of=closings")) == []
    assert positions(read(paging, "/feeds/bk.atom?of=closings&of=decisions")) == [8]


def test_pages_together_are_the_whole_feed(paging: Paging) -> None:
    found: list[int] = []
    address: str | None = "/feeds/vn.atom"
    pages = 0
    while address is not None:
        feed = read(paging, address)
        found += positions(feed)
        address = link(feed, "next")
        pages += 1
    assert found == list(range(12 + SHOWN_ENTRIES, 0, -1))
    assert pages == 2


def test_a_quiet_unit_is_found_though_each_answer_reads_only_a_part_of_the_log(
    paging: Paging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "CHUNK", 10)
    monkeypatch.setattr(places, "CHUNK", 10)
    monkeypatch.setattr(activity, "MOST_CHUNKS", 2)
    paging.projecting.reads.activity._placed._chunks.clear()
    found: list[list[int]] = []
    address: str | None = "/feeds/bk.atom"
    while address is not None:
        feed = read(paging, address)
        found.append(positions(feed))
        address = link(feed, "next")
    paging.projecting.reads.activity._placed._chunks.clear()
    assert [each for page in found for each in page] == [12, 11, 8, 6, 4, 2]
    assert found[0] == []


def test_a_feed_is_valid_atom(paging: Paging) -> None:
    for address in ("/feeds/vn.atom", "/feeds/bk.atom?lang=en", "/feeds/vn.atom?of=closings"):
        feed = read(paging, address)
        assert feed.tag == f"{ATOM}feed"
        ids = []
        for element in (feed, *feed.findall(f"{ATOM}entry")):
            for name in ("id", "title", "updated"):  # RFC 4287, 4.1.1 and 4.1.2: exactly one
                (text,) = [str(each.text) for each in element.findall(f"{ATOM}{name}")]
                assert text.strip()
            ids.append(element.findtext(f"{ATOM}id"))
            updated = datetime.fromisoformat(str(element.findtext(f"{ATOM}updated")))
            assert updated.tzinfo is not None
            for each in element.findall(f"{ATOM}link"):
                assert str(each.get("href")).startswith("http://test/")
        assert len(set(ids)) == len(ids)
        assert feed.findtext(f"{ATOM}author/{ATOM}name")  # so that entries need none
        assert str(link(feed, "self")).startswith(f"http://test{address.partition('?')[0]}")


def test_titles_are_in_the_words_of_the_reader_and_escaped(paging: Paging) -> None:
    for language, words in (("vi", "Đăng ký mô hình"), ("en", "A model was registered")):
        feed = read(paging, f"/feeds/bk.atom?lang={language}&before=7")
        (entry, *_) = feed.findall(f"{ATOM}entry")
        assert entry.findtext(f"{ATOM}title") == f"{words}: {WILD}"
        assert "Đức Xuân" in str(entry.findtext(f"{ATOM}summary"))


def test_every_link_of_a_feed_leads_to_a_page(paging: Paging) -> None:
    feed = read(paging, "/feeds/bk.atom")
    addresses = {link(entry, "alternate") for entry in feed.findall(f"{ATOM}entry")}
    assert "http://test/pages/model?year=2022&model=m-1&unit=bk" not in addresses
    for address in {*addresses, link(feed, "alternate"), link(feed, "first")}:
        assert paging.answer(str(address)).status_code == 200, address


def test_the_page_of_a_unit_names_its_feed(paging: Paging) -> None:
    for address, feed in (
        ("/", "/feeds/vn.atom"),
        ("/?unit=bk", "/feeds/bk.atom"),
        ("/?unit=bk&lang=en", "/feeds/bk.atom?lang=en"),
    ):
        named, of_signals = [
            e.attributes["href"]
            for e in paging.get(address).elements
            if e.tag == "link" and e.attributes.get("type") == "application/atom+xml"
        ]
        assert named == feed
        assert of_signals == feed.replace(".atom", "/signals.atom")
        read(paging, named)


def test_each_language_of_a_feed_has_a_name_of_its_own(paging: Paging) -> None:
    first = paging.answer("/feeds/bk.atom")
    assert first.headers["etag"] == paging.answer("/feeds/bk.atom").headers["etag"]
    assert first.headers["etag"] != paging.answer("/feeds/bk.atom?lang=en").headers["etag"]


def test_a_unit_that_was_never_opened_has_no_feed(paging: Paging) -> None:
    assert paging.answer("/feeds/nowhere.atom").status_code == 404
    assert paging.answer("/feeds/nowhere.json").status_code == 404
    assert paging.answer("/feeds/vn.atom?of=gossip").status_code == 422


def test_events_after_a_position_are_in_order_and_none_is_skipped(paging: Paging) -> None:
    found: list[int] = []
    after, head = 0, 12 + SHOWN_ENTRIES
    while after < head:
        answer = paging.answer(f"/feeds/bk.json?after={after}&limit=2").json()
        assert answer["reached"] > after
        found += [int(each["sequence"]) for each in answer["items"]]
        after = answer["reached"]
    assert found == [2, 4, 6, 8, 11, 12]
    assert paging.answer(f"/feeds/bk.json?after={head}").json() == {"reached": head, "items": []}
