"""The ten questions on 20,000 generated registrations and the whole map, answered rightly.

What is right is counted apart from the generated file, by plain sums.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.officer import Officer, asking
from tests.e2e.dvk_command import Up, dvk, until_complete
from tests.support.asking import ASKING
from tests.support.cloudevents import cloudevent
from tests.support.generated_years import GeneratedYears
from tests.support.http_clients import STRUCTURED

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(900),
]
YEAR = 2024
"""Of two generated years the later; both are over on any day of a test."""


@pytest.fixture(scope="module")
def years(ledger: Up, tmp_path_factory: pytest.TempPathFactory) -> GeneratedYears:
    """Publish 20,000 registrations of 2023 and 2024 on the map, and count them apart."""
    folder = tmp_path_factory.mktemp("country")
    land, file = folder / "map.jsonl", folder / "years.jsonl"
    assert dvk("load-map", "--out", str(land), env=ledger.env).returncode == 0
    made = dvk("generate", "--registrations", "20000", "--years", f"{YEAR - 1}-{YEAR}", "--seed", "7",
               "--map", str(land), "--out", str(file), env=ledger.env)  # fmt: skip
    assert made.returncode == 0, made.stdout
    assert dvk("publish", str(file), env=ledger.env, seconds=600).returncode == 0
    years = GeneratedYears.of(file)
    (largest, count), *_ = years.by_province(YEAR).most_common(1)
    asserted = {
        "figure_id": "f-largest",
        "metric": "registered",
        "unit_id": largest,
        "period": {"from": f"{YEAR}-01-01", "to": f"{YEAR}-12-31", "kind": "year"},
        "value": count + 5,
        "qualifier": "exact",
        "source": {"kind": "báo cáo", "title": "Báo cáo tổng kết"},
        "occurred_on": f"{YEAR + 1}-01-15",
    }
    event = cloudevent("FigureAsserted", asserted)
    ASKING.post(
        f"{ledger.url}/events", json=event, headers=STRUCTURED, timeout=10
    ).raise_for_status()
    until_complete(ledger)
    return years


@pytest.fixture
def officer(page: Page, years: GeneratedYears) -> Iterator[Officer]:
    assert len(years.registrations) == 20_000
    with asking(page, YEAR) as reader:
        yield reader


@pytest.fixture
def largest(years: GeneratedYears) -> str:
    """Return the province with most registrations."""
    (first, count), (_, second) = years.by_province(YEAR).most_common(2)
    assert count > second
    return first


def shown(value: int) -> str:
    """Return a number as a Vietnamese page writes it."""
    return f"{value:,}".replace(",", ".")


def test_a_model_is_found_by_half_its_name_without_accents(
    officer: Officer, years: GeneratedYears
) -> None:
    some = [each for each in years.registered(YEAR) if each.data["registration_kind"] == "new"][
        1234
    ]
    title = some.data["title"]
    officer.find(f"mo hinh tong hop so {title.split(':')[0].split()[-1]}")
    officer.click(officer.page.locator(".found a", has_text=title).first)
    assert officer.heading.startswith(title)


def test_the_models_of_an_owner_are_found_by_its_name(
    officer: Officer, years: GeneratedYears
) -> None:
    named = Counter(years.organizations.values())
    owned = Counter(each.data.get("owner_org_id") for each in years.registrations.values())
    owner, count = next(
        (org_id, count)
        for org_id, count in owned.most_common()
        if org_id and named[years.organizations[org_id]] == 1
    )
    name = years.organizations[owner]
    officer.find(name)
    officer.link(name)
    assert officer.heading == name
    assert f"Mô hình đăng ký ({count})" in officer.page.locator("main").inner_text()


def test_who_received_an_award_is_a_list(officer: Officer, years: GeneratedYears) -> None:
    officer.link("Danh sách")
    officer.link("Khen thưởng")
    granted = sum(each["plan_year"] == YEAR for each in years.awards)
    assert shown(granted) in officer.page.locator("main").inner_text()
    recipient = officer.page.locator("main table tbody tr").first.inner_text()
    assert any(name in recipient for name in years.organizations.values())


def test_provinces_are_ranked(officer: Officer, years: GeneratedYears, largest: str) -> None:
    officer.click(officer.page.locator("main a[href*='compare=registered']").first)
    officer.click(officer.units.locator("thead a", has_text="Thứ hạng"))
    first = officer.units.locator("tbody tr").first.inner_text().split("\t")
    assert first[0] == years.name(largest)
    assert first[1] == shown(years.by_province(YEAR)[largest])
    assert first[-1] == "1"


def test_the_map_leads_to_a_province(officer: Officer, years: GeneratedYears, largest: str) -> None:
    bare = years.units[largest]["name"]
    officer.click(officer.page.locator(f"a[aria-label^='{bare}']").first)
    assert officer.heading.startswith(years.name(largest))
    funnel = officer.page.locator("svg.funnel .number").all_text_contents()
    recognized = years.by_province(YEAR, recognized=True)[largest]
    assert (funnel[0], funnel[2]) == (shown(years.by_province(YEAR)[largest]), shown(recognized))


def test_what_needs_action_is_named_with_its_rows(officer: Officer, years: GeneratedYears) -> None:
    officer.link("Việc cần làm")
    officer.link("Thiếu mục tiêu, kết quả")
    registered = sum(1 for _ in years.registered(YEAR))  # none of them promises anything
    assert officer.heading == f"Thiếu mục tiêu, kết quả: {shown(registered)}"
    assert officer.page.locator("main table tbody tr").count() >= 1


def test_a_figure_that_differs_from_a_report_is_explained(
    officer: Officer, years: GeneratedYears, largest: str
) -> None:
    officer.link("Đối chiếu")
    row = officer.page.locator("main table tbody tr").filter(has_text="Lệch").first
    assert "+5" in row.inner_text() or "\N{MINUS SIGN}5" in row.inner_text()
    officer.click(row.locator("a.figure"))
    assert officer.page.url.split("?")[0].endswith("/pages/explanation")
    # Recorded in the province itself or below it on the days of 2024, before it was merged.
    assert shown(years.by_province(YEAR)[largest]) in officer.page.locator("main").inner_text()
    assert officer.page.locator(".things > li").count() == 50


def test_silent_units_are_named(officer: Officer, years: GeneratedYears) -> None:
    speaking = years.speaking(YEAR)
    silent = {each: years.communes(each) - speaking for each in years.by_province(YEAR)}
    province, without = min(silent.items(), key=lambda each: (not each[1], len(each[1]), each[0]))
    bare = years.units[province]["name"]
    officer.click(officer.page.locator(f"a[aria-label^='{bare}']").first)
    officer.open("Đơn vị chưa có đăng ký")
    named = officer.page.locator("details.silent a").all_inner_texts()
    assert sorted(named) == sorted(map(years.name, without))


def test_a_year_is_set_beside_the_year_before(officer: Officer, years: GeneratedYears) -> None:
    officer.click(officer.page.locator("main a[href*='compare=registered']").first)
    rows = officer.units.locator("tfoot td").all_inner_texts()
    now, before = (sum(years.by_province(each).values()) for each in (YEAR, YEAR - 1))
    assert rows[:2] == [shown(now), shown(before)]
    assert rows[2].replace("\N{MINUS SIGN}", "-") == f"{now - before:+}".replace("+0", "0")


def test_the_rate_of_recognition_is_in_the_table_of_units(
    officer: Officer, years: GeneratedYears
) -> None:
    officer.click(officer.page.locator("main a[href*='compare=recognized']").first)
    heads = officer.heads(officer.units)
    row = officer.units.locator("tbody tr").first.inner_text().split("\t")
    registered, recognized = years.by_province(YEAR), years.by_province(YEAR, recognized=True)
    province = next(each for each in registered if years.name(each) == row[0])
    percent = round(100 * recognized[province] / registered[province] + 1e-9, 1)
    assert row[heads.index("Công nhận / đăng ký")] == f"{percent:.1f}%".replace(".", ",")
