"""The read models: of this release, of this log, complete, and nothing in quarantine."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import inspect

from services.console.doctor.finding import Bilingual, Finding, broken, look, well
from services.console.output.texts import number, number_en
from services.reporting.readmodels.catalog import Catalog
from shared.readmodel import checkpoints, generations, quarantine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from shared.eventlog.protocol import Reader
    from shared.readmodel.checkpoints import ReadModelCheckpoint
    from shared.readmodel.generations import Pointer
    from shared.readmodel.quarantine import Quarantined

_ANEW = "docs/operations.md#a-backup-restored-to-an-older-moment"


def check_read_models(connection: Connection, log: Reader) -> Iterator[Finding]:
    """Check each read model's version, its position in the log, and its quarantine."""
    if not inspect(connection).has_table(generations.READ_MODELS.name):
        yield look(
            "read_models",
            Bilingual("chưa có bảng tổng hợp nào", "there are no read models yet"),
            Bilingual("Chưa đọc được tổng hợp.", "No summary can be read."),
            Bilingual(
                "Chạy dịch vụ reporting; nó tự lập từ sổ.", "Start reporting: it fills them."
            ),
        )
        return
    pointers, places = generations.load(connection), checkpoints.load(connection)
    # The checkpoints were read before the head: none may be ahead of it.
    head = log.head().position
    yield check_versions(pointers)
    yield check_same_log(pointers, places, log, head)
    yield check_position(pointers, places, head)
    quarantined = quarantine.load(connection)
    yield check_accounts(pointers, places, quarantined)
    yield check_quarantine(pointers, quarantined)


def check_versions(pointers: Mapping[str, Pointer]) -> Finding:
    """Compare the versions in the database with those of this release."""
    own = {model.name: model.version for model in Catalog().all()}
    other = [p.name for p in pointers.values() if own.get(p.name, p.version) != p.version]
    if not other:
        return well("read_models", f"{len(pointers)} bảng", f"{len(pointers)} read models")
    listed = ", ".join(other)
    return broken(
        "read_models",
        Bilingual(f"{listed}: của bản phát hành khác", f"{listed}: filled by another release"),
        Bilingual(
            "Reporting trả lời 503 cho đến khi lập lại.", "Reporting answers 503 until rebuilt."
        ),
        *(f"dvk rebuild {name}" for name in other),
    )


def check_same_log(
    pointers: Mapping[str, Pointer],
    places: Mapping[str, ReadModelCheckpoint],
    log: Reader,
    head: int,
) -> Finding:
    """Check that the log still holds the events that the read models have folded."""
    for pointer in pointers.values():
        place = places.get(pointer.key)
        there = log.at(place.position) if place else None
        if place is None or (there is not None and there.chain == place.chain):
            continue
        return broken(
            "same_log",
            Bilingual(
                f"{pointer.name} đã đọc tới {number(place.position)} một lịch sử khác; sổ có "
                f"{number(head)}",
                f"{pointer.name} has read another history up to {number_en(place.position)}; the "
                f"log ends at {number_en(head)}",
            ),
            Bilingual(
                "Sổ đã được phục hồi về một bản cũ: số liệu và sổ không còn là một.",
                "The log was restored to an older state: figures and log no longer match.",
            ),
            Bilingual("Làm từng bước theo:", "Go step by step through:"),
            _ANEW,
        )
    return well("same_log", "đọc từ chính sổ này", "they were built from this log")


def check_position(
    pointers: Mapping[str, Pointer], places: Mapping[str, ReadModelCheckpoint], head: int
) -> Finding:
    """Compare the position of each read model with the head."""
    behind = {p.name: head - places[p.key].position for p in pointers.values() if p.key in places}
    most = max(behind.values(), default=0)
    if most <= 0:
        return well("position", "đã theo kịp sổ", "all have reached the head of the log")
    name = max(behind, key=lambda each: behind[each])
    return look(
        "position",
        Bilingual(
            f"{name} còn thiếu {number(most)} sự kiện", f"{name} is {number_en(most)} events behind"
        ),
        Bilingual("Tổng hợp thiếu những sự kiện đó.", "Summaries lack those events."),
        Bilingual(
            "Hỏi lại sau một phút. Nếu số không giảm, xem reporting chờ gì:",
            "Ask again in a minute. If the number does not fall, see what reporting waits for:",
        ),
        "dvk doctor",
    )


def check_accounts(
    pointers: Mapping[str, Pointer],
    places: Mapping[str, ReadModelCheckpoint],
    quarantined: Sequence[Quarantined],
) -> Finding:
    """Check that handled and quarantined events add up to the position."""
    held: Counter[str] = Counter()
    for each in quarantined:
        held[each.read_model] += each.events_held
    for pointer in pointers.values():
        place = places.get(pointer.key)
        if place and place.events_handled + held[pointer.key] != place.position:
            handled, position = place.events_handled, place.position
            return broken(
                "completeness",
                Bilingual(
                    f"{pointer.name} tính {number(handled)} trên {number(position)} sự kiện",
                    f"{pointer.name} accounts for {number_en(handled)} of "
                    f"{number_en(position)} events",
                ),
                Bilingual(
                    "Có sự kiện bị sót hoặc tính hai lần.", "An event was lost or counted twice."
                ),
                Bilingual("Lập lại, và báo lỗi này:", "Rebuild it, and report this fault:"),
                f"dvk rebuild {pointer.name}",
            )
    return well(
        "completeness", "không sót, không tính hai lần", "nothing lost, nothing counted twice"
    )


def check_quarantine(
    pointers: Mapping[str, Pointer], quarantined: Sequence[Quarantined]
) -> Finding:
    """Report the first subject in quarantine."""
    names = {pointer.key: pointer.name for pointer in pointers.values()}
    own = [each for each in quarantined if each.read_model in names]
    if not own:
        return well("quarantine", "không chuỗi nào bị cách ly", "no subject is in quarantine")
    first = own[0]
    at = first.position
    why = f"({first.read_model}): {first.reason}"
    return broken(
        "quarantine",
        Bilingual(
            f"{number(len(own))} chuỗi bị cách ly, trước hết {first.subject} "
            f"ở vị trí {number(at)} {why}",
            f"{number_en(len(own))} subjects are set aside, first {first.subject} "
            f"at position {number_en(at)} {why}",
        ),
        Bilingual(
            "Số liệu thiếu những chuỗi này; các chuỗi khác vẫn đúng.",
            "Figures lack these subjects; all others are right.",
        ),
        Bilingual(
            "Đây là lỗi của chương trình: báo lỗi với dòng trên. Sau khi có bản sửa:",
            "It is a fault of the program: report that line. With the release that fixes it:",
        ),
        f"dvk rebuild {names[first.read_model]}",
    )
