"""The words of the page on who may send events."""

from collections.abc import Mapping

WORDS_OF_TRUST: Mapping[str, tuple[str, str]] = {
    "page_trust": ("Ai được gửi", "Who may send"),
    "trust_not_begun": (
        (
            "Sổ cái này chưa bắt đầu chế độ ký: ai mở được cổng của nó trên máy này cũng gửi được "
            "sự kiện cho mọi đơn vị. Vì vậy nó chỉ mở trên máy này."
        ),
        (
            "This ledger has not begun trust: whatever reaches it on this machine may send events "
            "about every unit. For this reason it is open on this machine alone."
        ),
    ),
    "trust_began": (
        (
            "Từ vị trí {position} ({time}) sự kiện nào cũng mang chữ ký của nơi gửi, và nơi gửi "
            "chỉ được nói về các đơn vị mà nó được giao. Sự kiện trước vị trí đó không có chữ ký."
        ),
        (
            "From position {position} ({time}) on, every event has the signature of its publisher, "
            "which speaks only for the units given to it. Events before that position have none."
        ),
    ),
    "trust_realm": ("Phạm vi của chữ ký", "Realm of the signatures"),
    "trust_digest": ("Mã băm cần đối chiếu (DVK_TRUST)", "Digest to compare (DVK_TRUST)"),
    "trust_roots": ("Các nơi gốc", "The roots"),
    "trust_roots_say": (
        "{roots}; mỗi thay đổi do nơi gốc gửi cần {threshold} nơi gốc đồng ý.",
        "{roots}; each change that a root sends needs {threshold} of them.",
    ),
    "trust_no_limit": ("Mọi đơn vị", "Every unit"),
    "trust_grants": ("Nơi gửi và đơn vị", "Publishers and units"),
    "trust_scope_note": (
        (
            "Các quyền liên quan đến {place}: của đơn vị này, của cấp trên và của các đơn vị trực "
            "thuộc."
        ),
        "The grants that concern {place}: its own, those above it and those below it.",
    ),
    "trust_publisher": ("Nơi gửi", "Publisher"),
    "trust_root": ("nơi gốc", "root"),
    "trust_families": ("Dịch vụ", "Services"),
    "trust_powers": ("Được làm", "May do"),
    "trust_days": ("Thời hạn", "Days"),
    "trust_from": ("từ {first}", "from {first}"),
    "trust_span": ("từ {first} đến hết {last}", "from {first} to {last}"),
    "trust_always": ("không thời hạn", "without limit"),
    "trust_state": ("Hiệu lực", "In force"),
    "trust_in_force": ("đang có hiệu lực", "in force"),
    "trust_not_in_force": ("không có hiệu lực", "not in force"),
    "trust_ended_at": ("chấm dứt tại vị trí {position}", "ended at position {position}"),
    "trust_given_at": ("Cấp tại vị trí", "Given at position"),
    "trust_keys": ("Khóa ký", "Keys"),
    "trust_key": ("Mã khóa", "Key id"),
    "trust_use": ("Công dụng", "Use"),
    "trust_live": ("còn hiệu lực", "live"),
    "trust_revoked_at": (
        "thu hồi tại vị trí {position}: {why}",
        "revoked at position {position}: {why}",
    ),
    "trust_suspects": (
        "sự kiện đáng ngờ từ vị trí {position}",
        "events in doubt from position {position}",
    ),
    "trust_added_at": ("Thêm tại vị trí", "Added at position"),
    "trust_pending": ("Đang chờ đồng ý", "Waiting for approval"),
    "trust_pending_note": (
        "Các thay đổi này chưa có hiệu lực: còn thiếu đồng ý của nơi gốc khác.",
        "These changes have no effect yet: another root has to agree.",
    ),
    "trust_change": ("Thay đổi", "Change"),
    "trust_sent_by": ("Đã đồng ý", "Agreed so far"),
    "trust_since": ("Chờ từ", "Waiting since"),
    "trust_shown": (
        "Đang xem {first}–{last} trong {count} quyền.",
        "Grants {first}–{last} of {count}.",
    ),
    "trust_previous": ("Trang trước", "Previous"),
    "trust_next": ("Trang sau", "Next"),
    "trust_none": (
        "Chưa có quyền nào liên quan đến đơn vị này.",
        "No grant concerns this unit yet.",
    ),
    "trust_files": ("Tải về", "Download"),
}
