"""A naive search over the events of a log, read one by one, and random events to search.

It shares no code with the index that it is compared with.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from tests.support import event_builders as say
from tests.support.cloudevents import country, received, unit
from tests.support.scenarios import History

if TYPE_CHECKING:
    from shared.events.envelope import ReceivedEvent

TITLES = (
    "Đường hoa nông thôn mới",
    "Bảo vệ môi trường",
    "Khéo vận động hiến đất làm đường",
    "Tổ tự quản an ninh",
    "Dân vận khéo trong bao vệ rừng",
)
UNITS = {"c1": "Xã Đức Xuân", "c2": "Xã Minh Khai"}
NAMES = ("Hội Nông dân xã", "Hội Phụ nữ", "Ban Dân vận Hòa An", "Đoàn Thanh niên")


def organization(number: int, name: str, **data: Any) -> ReceivedEvent:
    stated = {"org_id": f"o-{number}", "name": name, "kind": "k", "unit_id": "vn", **data}
    return received("OrganizationDefined", {**stated, "occurred_on": "2020-01-01"})


def random_event(  # noqa: PLR0911  one for each kind
    random: Random, number: int, defined: list[ReceivedEvent]
) -> ReceivedEvent:
    """Return one event of models, organisations or awards; the rules may refuse it."""
    pick, title = random.choice, random.choice(TITLES)
    place, owner = pick(("vn", "p1", "c1", "c2")), pick((None, "o-1", "o-2", "o-3"))
    of = pick(range(1, 13))
    decision = {"decision": {"kind": "decision", "number": pick(("12/QĐ-UBND", "7-QĐ/TU"))}}
    match pick(("register", "register", "amend", "recognize", "revoke", "define", "define",
                "retract", "grant", "amend award")):  # fmt: skip
        case "register":
            model = {"model_id": f"m-{pick(range(1, 6))}", "plan_year": pick((2021, 2022))}
            return say.registered(
                f"{number}", unit_id=place, title=title, owner_org_id=owner, **model
            )
        case "amend":
            changes = {"title": title} if random.random() < 0.6 else {"owner_org_id": owner}
            return say.amended(f"{of}", **pick((changes, {**changes, "unit_id": place})))
        case "recognize":
            return say.recognized(f"{of}", **pick((decision, {"decision": {"kind": "decision"}})))
        case "revoke":
            return say.revoked(f"{of}")
        case "define":
            return organization(pick((1, 2, 3)), pick(NAMES), unit_id=place)
        case "retract" if defined:
            return say.retracted(pick(defined))
        case "grant":
            recipient = {"kind": "collective", **({"org_id": owner} if owner else {})}
            if place in UNITS:
                recipient["unit_id"] = pick(tuple(UNITS))
            return say.granted(f"{number}", unit_id=place, recipient=recipient, **decision)
        case _:
            received_by = {"recipient": {"kind": "collective", "unit_id": pick(tuple(UNITS))}}
            changes = pick(({"award_name": title}, {"award_name": None}, decision, received_by))
            stated = {"reason": "sửa", "changes": changes}
            return say.of_award("AwardAmended", f"{of}", **stated)


def made(seed: int, count: int = 170) -> History:
    """Return a history of those random events that the rules accept."""
    random = Random(seed)
    defined: list[ReceivedEvent] = []
    history = History().given(country(), unit("p1"))
    for unit_id, title in UNITS.items():
        kind, _, name = title.partition(" ")
        history.given(unit(unit_id, "p1", "commune", name=name, kind=kind.lower()))
    for number in range(1, count):
        event = random_event(random, number, defined)
        if history.when(event).accepted:
            history.record(event)
            if event.type == "dvk.OrganizationDefined.v1":
                defined.append(event)
    return history


def naive(text: str) -> list[str]:
    """Return the words of a text without accents."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else " " for c in letters).split()


@dataclass
class NaiveFinding:
    """What there is to be found at a position: by kind, the texts of each subject."""

    registrations: dict[str, dict[str, Any]] = field(default_factory=dict)
    definitions: dict[str, list[tuple[tuple[str, str], dict[str, Any]]]] = field(
        default_factory=dict
    )
    awards: dict[str, dict[str, Any]] = field(default_factory=dict)
    recognitions: dict[str, str | None] = field(default_factory=dict)

    def take(self, event: Any) -> None:
        data = json.loads(event.body)["data"]
        about = event.subject.partition("/")[2]
        match event.type.split(".")[1]:
            case "ModelRegistered":
                self.registrations[about] = {**data, "position": event.position}
            case "ModelAmended":
                self.registrations[about].update(data["changes"])
            case "ModelRecognized":
                self.recognitions[about] = data["decision"].get("number")
            case "RecognitionRevoked":
                self.recognitions[about] = None
            case "OrganizationDefined":
                self.definitions.setdefault(about, []).append((tuple(event.key), data))
            case "EventRetracted":
                gone = (data["retracts"]["source"], data["retracts"]["id"])
                kept = [each for each in self.definitions.get(about, ()) if each[0] != gone]
                self.definitions[about] = kept
            case "AwardGranted":
                self.awards[about] = dict(data)
            case "AwardAmended":
                self.awards[about].update(data["changes"])

    def name(self, org_id: str | None) -> str:
        said = self.definitions.get(org_id or "")
        return said[-1][1]["name"] if said else ""

    def texts(self, kind: str) -> dict[str, str]:
        found: dict[str, str] = {}
        if kind == "model":
            rows = self.registrations.values()
            for row in sorted(rows, key=lambda row: (row["plan_year"], row["position"])):
                name = self.name(row.get("owner_org_id"))
                found[f"model/{row['model_id']}"] = f"{row['title']} {name}"
        elif kind == "organization":
            found = {
                f"organization/{o}": self.name(o) for o, said in self.definitions.items() if said
            }
        elif kind == "award":
            for award_id, award in self.awards.items():
                to = self.name(award["recipient"].get("org_id"))
                place = UNITS.get(award["recipient"].get("unit_id", ""), "")
                named = award.get("award_name") or ""
                found[f"award/{award_id}"] = f"{named} Giấy khen {to} {place}"
        elif kind == "decision":
            found = {f"registration/{r}": n for r, n in self.recognitions.items() if n}
            for award_id, award in self.awards.items():
                if award["decision"].get("number"):
                    found[f"award/{award_id}"] = award["decision"]["number"]
        return found

    def find(self, kind: str, question: str) -> set[str]:
        *whole, last = naive(question)
        return {
            subject
            for subject, text in self.texts(kind).items()
            if set(whole) <= set(words := naive(text))
            and any(word == last or (len(last) > 1 and word.startswith(last)) for word in words)
        }
