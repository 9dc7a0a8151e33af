"""The cards of a model, an award and an organisation, and the exchange of good models."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.reporting.dashboard.cards.lineage import Relative, lineage
from tests.support.dashboard_pages import Paging, Shown
from tests.support.event_builders import amended, registered, replicated, retracted
from tests.support.figures_of_events import Projecting
from tests.support.listed_year import listed_year

MODEL = "/pages/model?model=m-0"


@pytest.fixture(scope="module")
def paging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    """Give the pages of a small year with a little of everything."""
    url = f"sqlite:///{tmp_path_factory.mktemp('cards') / Path('reporting.db')}"
    started = Projecting(url, run=40)
    started.given(*listed_year())
    yield Paging(started)
    started.store.close()


def facts(page: Shown) -> dict[str, str]:
    """Return the terms and descriptions of a page."""
    terms = [e.text for e in page.elements if e.tag == "dt"]
    described = [e.text for e in page.elements if e.tag == "dd"]
    return dict(zip(terms, described, strict=True))


def test_a_model_says_whose_it_is_what_it_promised_and_what_came_of_it(paging: Paging) -> None:
    page = paging.get(MODEL)
    assert page.heading == "Ăn ở hợp vệ sinh"
    told = facts(page)
    assert told["Chủ thể"] == "Tập thể: Hội Nông dân xã Đại Từ"
    assert told["Lĩnh vực"] == "Kinh tế"
    assert told["Đơn vị"] == "Phường Đức Xuân"
    assert told["Kết quả gần nhất"] == "Điển hình (2022)"
    # As amended: the registration itself promised nothing.
    assert told["Mục tiêu"] == "Mười hộ thoát nghèo"
    assert told["Kết quả dự kiến"] == "Ngày công, 9"
    assert page.rows("Các năm đăng ký") == [
        ["2022", "Ăn ở hợp vệ sinh", "Phường Đức Xuân", "Đăng ký mới", "Tốt", "Điển hình"]
    ]
    assert page.rows("Kết quả đạt được 2022") == [["Ngày công", "320", "31/12/2022"]]
    assert "Đánh giá, phân loại · Tốt · điểm 92,5" in page.text
    assert "Công nhận · Điển hình · Ban Dân vận · Quyết định số 01-QĐ/TU" in page.text
    happened = [row[1] for row in page.rows("Lịch sử mô hình")]
    assert happened[0] == "Đăng ký mô hình"
    assert {"Công nhận", "Nhân rộng mô hình"} <= set(happened)


def test_a_model_leads_to_its_owner_and_its_awards(paging: Paging) -> None:
    page = paging.get("/pages/model?model=m-2")
    award = paging.get(page.link("Giấy khen"))
    told = facts(award)
    assert award.heading == "Giấy khen"
    assert told["Đối tượng được khen"] == "Tập thể: Đảng uỷ phường Đức Xuân"
    assert told["Quyết định"] == "01-QĐ/TU (01/12/2022)"
    assert told["Ngày trao"] == "10/12/2022"
    assert paging.get(award.link("Ý Đảng lòng dân")).heading == "Ý Đảng lòng dân"
    assert [row[1] for row in award.rows("Các sự kiện của khen thưởng")] == [
        "Tặng khen thưởng",
        "Trao khen thưởng",
    ]
    owner = paging.get(page.link("Tập thể: Đảng uỷ phường Đức Xuân"))
    assert owner.heading == "Đảng uỷ phường Đức Xuân"
    assert "quyết định không ghi số" in page.text.lower()


def test_the_inspections_of_a_model_are_those_of_its_owner_or_unit(paging: Paging) -> None:
    assert "Sổ sách đầy đủ" in paging.get("/pages/model?model=m-2").text
    assert "Sổ sách đầy đủ" not in paging.get(MODEL).text


def test_the_lineage_is_a_picture_and_a_list(paging: Paging) -> None:
    page = paging.get(MODEL)
    picture = next(e for e in page.elements if e.attributes.get("class") == "lineage")
    assert picture.attributes["aria-label"] == "Nguồn gốc và nhân rộng: Ăn ở hợp vệ sinh"
    assert "Xã Đại Từ, 20/12/2022" in page.text
    target = paging.get(next(href for href, _ in page.links if "model=m-5" in href))
    assert "Học từ mô hình (1) Ăn ở hợp vệ sinh, 15/12/2022: Tham quan, học tập" in target.text
    assert "Được nhân rộng tại" not in target.text


def test_a_replication_that_was_retracted_is_not_in_the_lineage(tmp_path: Path) -> None:
    started = Projecting(f"sqlite:///{tmp_path / 'reporting.db'}")
    events = listed_year()
    taken = replicated("1", target_model_id="m-2")
    started.given(*events[: events.index(next(e for e in events if "Plan" in e.type))], taken)
    before = started.reads.as_of().position
    started.given(retracted(taken))
    paging = Paging(started)
    assert "Được nhân rộng tại" not in paging.get("/pages/model?model=m-1").text
    earlier = paging.get(f"/pages/model?model=m-1&known_at={before}")
    assert "Được nhân rộng tại (1)" in earlier.text
    started.store.close()


def test_similar_models_are_those_with_the_words_of_the_title_but_not_of_its_owner(
    tmp_path: Path,
) -> None:
    started = Projecting(f"sqlite:///{tmp_path / 'reporting.db'}", run=40)
    owner = {"owner_org_id": "o-1", "unit_id": "bk-1"}  # Hội Nông dân xã Đại Từ
    started.given(
        *listed_year()[:11],
        registered("a", title="Hội Nông dân xã Đại Từ trồng hoa ven đường", **owner),
        registered("b", title="Trồng hoa ven đường 2", unit_id="bk-2"),
        registered("c", title="Hội Nông dân xã Đại Từ hiến đất", **owner),
        registered("d", title="Nuôi ong", unit_id="bk-2"),
    )
    page = Paging(started).get("/pages/model?model=m-a")
    assert "Mô hình tương tự ở nơi khác Trồng hoa ven đường 2, Phường Sông Cầu, 2022" in page.text
    assert "hiến đất" not in page.text
    assert "Nuôi ong" not in page.text
    started.store.close()


def test_a_picture_draws_as_many_relatives_as_fit_and_no_markup_of_names() -> None:
    many = [Relative(f"<b>{n}", f"/m?{n}", "", "") for n in range(20)]
    drawn = lineage("Tên", "Mô hình có tên rất dài " * 9, [], many)
    assert drawn.count("<a href") == 8
    assert "<b>" not in drawn
    assert "…" in drawn


def test_the_result_of_an_organization_is_what_a_hand_counts(paging: Paging) -> None:
    # o-3 took the place of o-2. Models of o-2: 1, 4, 7, 10, 13 (withdrawn); of o-3: 2, 5, 8, 11.
    # Eligible are 1, 4, 7, 2 and 5; recognised 1 and 2, the latter exemplary. One award of o-3 stands, that
    # of o-2 was revoked. One inspection of o-3.
    page = paging.get("/pages/organization?organization=o-3")
    assert page.rows("Kết quả từng năm") == [
        ["2022", "8", "5", "1", "2", "1", "1", "1", "2-KH/ĐU, 01/02/2022"],
        ["2021", "1", "0", "0", "0", "0", "0", "0", "chưa có"],
    ]
    assert "Đã gộp số của các tổ chức tiền thân." in page.text
    assert paging.get(page.link("Chi bộ thôn Nà Pò")).heading == "Chi bộ thôn Nà Pò"
    assert "Mô hình đăng ký (10)" in page.text
    alone = paging.get("/pages/organization?organization=o-1")
    assert alone.rows("Kết quả từng năm")[0][1:7] == ["5", "3", "1", "1", "1", "0"]


def test_the_result_is_the_same_as_data_and_as_files(paging: Paging) -> None:
    answer = paging.answer("/organizations/o-3/result?year=2022")
    (item,) = json.loads(answer.content)["items"]
    assert item == {
        "org_id": "o-3",
        "org_name": "Đảng uỷ phường Đức Xuân",
        "plan_year": 2022,
        "registered": 8,
        "eligible": 5,
        "evaluated": 1,
        "recognized": 2,
        "exemplary": 1,
        "awards_granted": 1,
        "inspections": 1,
        "plan_number": "2-KH/ĐU",
        "plan_signed_on": "2022-02-01",
    }
    page = paging.get("/pages/organization?organization=o-3")
    text = paging.answer(page.link("Tải bảng này (CSV)")).content.decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(text, newline=""))
    assert [first["Năm"], first["Đăng ký"], second["Đăng ký"]] == ["2022", "8", "1"]
    for name in ("Tải Excel (xlsx)", "Tải Word (docx)"):
        assert paging.answer(page.link(name)).status_code == 200


def test_a_card_is_as_known_at_a_position(tmp_path: Path) -> None:
    started = Projecting(f"sqlite:///{tmp_path / 'reporting.db'}", run=40)
    started.given(*listed_year())
    before = started.reads.as_of().position
    started.given(amended("2", owner_org_id="o-1", title="Tên mới"))
    paging = Paging(started)
    for at, title, owned in (("", "Tên mới", "7"), (f"&known_at={before}", "Dân vận khéo", "8")):
        assert paging.get(f"/pages/model?model=m-2{at}").heading == title
        result = paging.get(f"/pages/organization?organization=o-3{at}").rows("Kết quả từng năm")
        assert result[0][1] == owned
    unknown = paging.get("/pages/award?award=a-1&known_at=12", status=404)
    assert "chưa có khen thưởng a-1" in unknown.text
    started.store.close()


def test_the_exchange_shows_promises_and_outcomes_by_field_and_place(paging: Paging) -> None:
    page = paging.get("/pages/exchange?year=2022")
    assert page.heading == "Mô hình hay để học và nhân rộng: Cả nước, năm 2022"
    titles = [e.text for e in page.elements if e.tag == "h2"]
    assert titles == ["Dân vận khéo", "Ăn ở hợp vệ sinh"]  # the latest registered first
    assert "Kết quả dự kiến: Ngày công, 9" in page.text
    assert "Kết quả đạt được: Ngày công: 320" in page.text
    assert "Đã nhân rộng 2 lần" in page.text
    assert page.link("Tỉnh Bắc Kạn")
    inside = paging.get("/pages/exchange?year=2022&unit=tn")
    assert len([e for e in inside.elements if e.tag == "h2"]) == 1
    assert "2 mô hình" in paging.get("/pages/exchange?year=2022&field=economy").text
    assert "Chưa có mô hình nào" in paging.get("/pages/exchange?year=2022&field=culture").text
    taken_up = paging.get("/pages/exchange?year=2022&which=replicated")
    assert [e.text for e in taken_up.elements if e.tag == "h2"] == ["Ăn ở hợp vệ sinh"]


@pytest.mark.parametrize(("address", "status", "says"), [
    ("/pages/award", 422, "phải nêu mã khen thưởng"),
    ("/pages/award?award=a-9", 404, "chưa có khen thưởng a-9"),
    ("/pages/award?award=a-4", 404, "chưa có khen thưởng a-4"),  # proposed, not granted
    ("/pages/organization", 422, "phải nêu mã tổ chức"),
    ("/pages/organization?organization=o-9", 404, "chưa có tổ chức o-9"),
    ("/pages/exchange?which=worst", 422, "phải là exemplary hoặc replicated"),
    ("/pages/exchange?page=9", 422, "chỉ có 1 trang"),
])  # fmt: skip
def test_what_there_is_no_card_of_is_said_in_words(
    paging: Paging, address: str, status: int, says: str
) -> None:
    assert says in paging.get(address, status=status).text


def test_every_link_of_the_cards_leads_to_an_answer(paging: Paging) -> None:
    cards = (MODEL, "/pages/award?award=a-1", "/pages/organization?organization=o-3",
             "/pages/exchange", "/pages/list?list=awards", "/pages/list?list=replications")  # fmt: skip
    links = {href for card in cards for href, _ in paging.get(card).links if href[0] == "/"}
    assert {href: s for href in links if (s := paging.answer(href).status_code) != 200} == {}
