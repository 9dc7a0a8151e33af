"""One year of a synthetic history: its calendar, its places, its contents and its ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.console.datasets.synthetic.event_writer import EventWriter
from services.console.datasets.synthetic.model_outcomes import ModelOutcomes, RegistrationSlot, What
from services.console.datasets.synthetic.territory import SyntheticTerritory
from shared.territory.day_map import UnitState


@dataclass
class Year:
    """The common data of a year's events; its fixed days all end in October."""

    number: int
    territory: SyntheticTerritory
    outcomes: ModelOutcomes
    writer: EventWriter
    places: list[UnitState] = field(init=False)
    _names: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.registering = (date(self.number, 2, 1), date(self.number, 3, 31))
        self.inspecting = date(self.number, 8, 10)
        self.deciding = date(self.number, 9, 20)
        self.awarding = date(self.number, 10, 15)
        self.places = self.territory.places(*self.registering)
        self._names = {unit.unit_id: unit.name for unit in self.places}
        if not self.places:
            raise ValueError(f"the map has no unit that exists in February and March {self.number}")

    def unit_of(self, slot: RegistrationSlot) -> str:
        """Return the unit of a slot's model in this year: the first one, or its successor."""
        began = self.places
        if slot.began != self.number:
            began = self.territory.places(date(slot.began, 2, 1), date(slot.began, 3, 31))
        unit_id = began[int(self.outcomes.of_model(slot, What.PLACE) * len(began))].unit_id
        return (
            unit_id
            if slot.began == self.number
            else self.territory.home(unit_id, *self.registering)
        )

    def registration_id(self, slot: RegistrationSlot, year: int | None = None) -> str:
        """Return the id of the registration of a slot."""
        return f"{self.writer.prefix}-{year or slot.year}-{slot.number}"

    def model_id(self, slot: RegistrationSlot) -> str:
        """Return the id of the model in a slot."""
        return f"{self.writer.prefix}-m-{slot.began}-{slot.number}"

    def title_of(self, slot: RegistrationSlot, unit_id: str) -> str:
        """Return the title of a slot's model."""
        topics = TOPICS
        topic = topics[int(self.outcomes.of_model(slot, What.TITLE) * len(topics))]
        return f"Mô hình tổng hợp số {slot.number}: {topic} ở {self._names.get(unit_id, unit_id)}"

    def award_id(self, slot: RegistrationSlot) -> str:
        """Return the id of the award for a slot's model."""
        return f"{self.registration_id(slot)}-award"

    def province_of(self, slot: RegistrationSlot) -> str:
        """Return the province that decides on a slot's model."""
        return self.territory.province_of(self.unit_of(slot), self.deciding)

    def session_id(self, province: str) -> str:
        """Return the id of a province's review session."""
        return f"{self.writer.prefix}-{self.number}-{province}"

    def stream_of(self, slot: RegistrationSlot) -> str:
        """Return the stream of a slot's registration."""
        return f"registration/{self.registration_id(slot)}"

    def day_of(self, slot: RegistrationSlot) -> date:
        """Return the day on which a slot's model is registered."""
        first, last = self.registering
        return first + timedelta(
            days=int(self.outcomes.of_year(slot, What.DAY) * ((last - first).days + 1))
        )

    def of(
        self,
        slot: RegistrationSlot,
        name: str,
        day: date,
        sent_on: date | None = None,
        **data: object,
    ) -> bytes:
        """Return an event about the registration of a slot."""
        key = f"{self.number}-{slot.number}-{name}"
        return self.event(
            name,
            key,
            self.stream_of(slot),
            day,
            sent_on,
            registration_id=self.registration_id(slot),
            **data,
        )

    def event(
        self,
        name: str,
        key: str,
        subject: str,
        day: date,
        sent_on: date | None = None,
        /,
        **data: object,
    ) -> bytes:
        """Return an event that happens on a day and is sent then or later; `key` makes its id."""
        data = {"occurred_on": day.isoformat(), **data}
        sent = (sent_on or day).isoformat()
        return self.writer.event(name, f"{self.writer.prefix}-{key}", subject, sent, data)


def organization(unit_id: str) -> str:
    """Return the id of the party organisation of a unit."""
    return f"syn-org-{unit_id}"


def document(kind: str, number: str, issuer: str, day: date) -> Mapping[str, str]:
    """Return a document that the issuer signed on a day."""
    return {
        "kind": kind,
        "number": number,
        "issuer_org_id": issuer,
        "signed_on": day.isoformat(),
    }


FIELDS = {
    "economy": "Kinh tế",
    "culture_society": "Văn hóa – xã hội",
    "defence_security": "Quốc phòng – an ninh",
    "political_system": "Xây dựng hệ thống chính trị",
}
BLOCKS = {
    "commune_and_ward": "Khối xã, phường",
    "administrative_and_public_service": "Khối hành chính, sự nghiệp",
    "armed_forces": "Khối lực lượng vũ trang",
    "enterprise": "Khối doanh nghiệp",
}
TOPICS = (
    "trồng quế và hồi dưới tán rừng",
    "hũ gạo tình thương",
    "đường hoa tự quản",
    "hiến đất mở đường",
    "tổ tự quản an ninh, trật tự",
    "chuyển đổi số ở khu dân cư",
    "nhà sạch, vườn đẹp",
    "gia đình học tập, dòng họ học tập",
    "cải cách hành chính vì dân phục vụ",
    "quỹ khuyến học thôn bản",
)
