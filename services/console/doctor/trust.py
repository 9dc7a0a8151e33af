"""Trust: begun and pinned, roots with live keys, approvals that wait, the key of the list desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.console.doctor.finding import Bilingual, Finding, broken, look, well
from services.console.output.texts import number, number_en
from services.lists.uploads.events import PUBLISHER as DESK
from shared.clock import MICROSECONDS, Clock
from shared.errors import BrokenContract
from shared.trust.authority import Authority
from shared.trust.keys import SecretKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.eventlog.protocol import Reader
    from shared.settings import Settings

DAY_US = 86_400 * MICROSECONDS
LONGEST_DAYS = 1
"""An approval that waits for longer has been forgotten; a revoked key is live until then."""
_TRUST = "docs/operations.md#trust"
_PROOF = Bilingual(
    "Chỉ mã băm này chứng minh các nơi gốc là thật.",
    "Nothing but this digest proves that the roots are the right ones.",
)


def check_trust(settings: Settings, reader: Reader, clock: Clock) -> Iterator[Finding]:
    """Check the pin, the keys of the roots, pending approvals, and the desk's key."""
    events = reader.under("trust/", "publisher/")
    authority = Authority()
    authority.fold(events)
    yield check_pin(authority, settings.kept_trust)
    if not authority.began:
        return
    yield check_roots(authority)
    waiting = [each.recorded_us for each in authority.pending.values()]
    yield check_pending(waiting, clock())
    if (settings.home / "lists.db").exists():
        yield check_signing_key(settings, authority)


def check_pin(authority: Authority, pin: str | None) -> Finding:
    """Compare the beginning of trust in the log with the pin."""
    found = authority.trust_digest.hex() if authority.trust_digest else None
    if found == pin:
        if found is None:
            return well("trust", "chưa bắt đầu chế độ ký", "trust has not begun")
        at = authority.began_at or 0
        return well(
            "trust", f"ký từ vị trí {number(at)}", f"signed from position {number_en(at)} on"
        )
    return broken(
        "trust",
        Bilingual(
            f"sổ bắt đầu bằng {found or '–'}, DVK_TRUST là {pin or '–'}",
            f"the log began with {found or '–'}, DVK_TRUST is {pin or '–'}",
        ),
        _PROOF,
        Bilingual(
            "So với mã băm mà kiểm toán viên giữ, rồi đặt lại:",
            "Compare it with the one that the auditors keep, then set it:",
        ),
        _TRUST,
    )


def check_roots(authority: Authority) -> Finding:
    """Check that enough roots have a live key, and that none is without."""
    trust = authority.trust
    roots = [root.publisher_id for root in trust.roots] if trust else []
    without = [root for root in roots if not authority.live_keys(root)]
    if not without:
        return well("roots", "mọi nơi gốc có khóa", "every root has a live key")
    able, named = len(roots) - len(without), ", ".join(without)
    found = Bilingual(f"không còn khóa: {named}", f"without a live key: {named}")
    if able < authority.threshold:
        return broken(
            "roots",
            found,
            Bilingual(
                "Không đủ nơi gốc để cấp quyền hay thêm khóa nữa.",
                "Too few roots are left to authorise anything or to add a key.",
            ),
            _TRUST,
        )
    return look(
        "roots",
        found,
        Bilingual("Mất thêm khóa thì có thể không cấp quyền được nữa.", "Few roots are left."),
        Bilingual("Thêm khóa cho nơi gốc đó:", "Add a key for it:"),
        "dvk trust add-key",
    )


def check_pending(waiting: list[int], now_us: int) -> Finding:
    """Check that no change has waited for an approval for more than a day."""
    days = max((now_us - since for since in waiting), default=0) // DAY_US
    if days <= LONGEST_DAYS:
        count = len(waiting)
        return well(
            "pending", f"{number(count)} việc chờ đồng ý", f"{number_en(count)} wait for approval"
        )
    return look(
        "pending",
        Bilingual(
            f"có việc chờ đồng ý đã {number(days)} ngày",
            f"a change has waited for approval for {number_en(days)} days",
        ),
        Bilingual("Quyền hoặc khóa đó chưa có hiệu lực.", "That grant or key has no effect yet."),
        Bilingual("Xem rồi đồng ý, hoặc cấp lại:", "Look at it and approve it:"),
        "dvk trust show",
    )


def check_signing_key(settings: Settings, authority: Authority) -> Finding:
    """Check that the list desk has a key that its ledger takes."""
    file = settings.signing_key
    reason = Bilingual(f"không có {file}", f"there is no {file}")
    if file.exists():
        try:
            key_id = SecretKey.load(file).key_id
        except BrokenContract as error:
            rule, params = error.problem.rule, error.problem.params
            reason = Bilingual(rule.words("vi", params), rule.words("en", params))
        else:
            if any(key.key_id == key_id for key in authority.live_keys(DESK)):
                return well("desk_signing", "bàn danh sách ký được", "the list desk can sign")
            reason = Bilingual(
                f"sổ không nhận khóa {key_id} của {DESK}",
                f"the ledger has no live key {key_id} of {DESK}",
            )
    return look(
        "desk_signing",
        reason,
        Bilingual("Danh sách nộp vào bị từ chối.", "Lists that are sent are refused."),
        Bilingual("Tạo khóa và cấp quyền cho nó:", "Make a key and authorise it:"),
        _TRUST,
    )
