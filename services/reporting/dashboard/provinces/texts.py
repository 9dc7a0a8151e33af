"""The words of the pages of forwarding."""

from collections.abc import Mapping

WORDS_OF_PROVINCES: Mapping[str, tuple[str, str]] = {
    "page_provinces": ("Các tỉnh", "Provinces"),
    "provinces_note": (
        (
            "Mỗi tỉnh có sổ riêng và chuyển mọi sự kiện về đây theo đúng thứ tự, không bỏ vị trí "
            "nào. Bảng này cho biết sổ của mỗi tỉnh đã chuyển đến đâu, còn thiếu bao nhiêu và "
            "vướng điều gì."
        ),
        (
            "Each province has a ledger of its own and forwards every event in order, without a "
            "gap. This table shows how far each ledger was received, how much is still to come, "
            "and what stops it."
        ),
    ),
    "no_provinces": (
        "Chưa có sổ nào chuyển sự kiện về đây.",
        "No ledger forwards its events to this one yet.",
    ),
    "provinces_well": (
        "Mọi sổ đều chuyển bình thường ({count}).",
        "Every ledger forwards as it should ({count}).",
    ),
    "provinces_troubled": (
        "{troubled} trong {count} sổ cần được xem: bị dừng, hoặc đã lâu không liên lạc.",
        "{troubled} of {count} ledgers need to be looked at: stopped, or silent for long.",
    ),
    "line_ledger": ("Sổ của", "Ledger of"),
    "line_state": ("Tình trạng", "State"),
    "line_position": ("Đã đến vị trí", "Received to"),
    "line_shared": ("(bản sao đến {position})", "(a copy up to {position})"),
    "line_behind_by": ("Còn thiếu", "To come"),
    "line_lag": ("Chậm", "Lag"),
    "line_received": ("Nhận gần nhất", "Last received"),
    "line_recorded": ("Đã ghi sổ", "Recorded"),
    "line_duplicates": ("Đã có từ trước", "Known before"),
    "line_parked": ("Phải chờ", "Parked"),
    "line_refused": ("Bị từ chối", "Refused"),
    "line_invalid": ("Sai định dạng", "Not valid"),
    "line_again": ("Gửi lại thì được nhận", "Taken when sent again"),
    "line_stopped": ("Bị dừng", "Stopped"),
    "line_silent": ("Im lặng", "Silent"),
    "line_behind": ("Đang chuyển", "Catching up"),
    "line_level": ("Đủ", "Complete"),
    "line_stopped_since": ("Dừng từ {time}:", "Stopped since {time}:"),
    "line_silent_for": (
        "{name}: {duration} chưa liên lạc. Chưa biết sổ này có thêm sự kiện hay không.",
        "{name}: not heard from for {duration}. Whether it has more events is not known.",
    ),
    "page_forwarding": ("Chuyển sổ lên trên", "Forwarding"),
    "forwarding_note": (
        (
            "Mọi sự kiện của sổ này được chuyển lên sổ cấp trên theo đúng thứ tự. Ở đây sự kiện "
            "nào cũng còn nguyên, kể cả khi sổ cấp trên từ chối."
        ),
        (
            "Every event of this ledger is forwarded to the one above in order. Nothing is lost "
            "here, even if the other ledger refuses it."
        ),
    ),
    "not_forwarded": (
        "Sổ này chưa được chuyển đi đâu (dvk forward).",
        "This ledger is not forwarded (dvk forward).",
    ),
    "forwarding_final": (
        "Việc chuyển đã DỪNG và không tự chạy tiếp.",
        "Forwarding has STOPPED and does not go on by itself.",
    ),
    "forwarding_trouble": (
        "Chưa chuyển được; máy sẽ tự thử lại.",
        "Not forwarded at the moment; it is tried again.",
    ),
    "forwarding_silent": (
        "{duration} chưa được sổ cấp trên trả lời: lệnh dvk forward có đang chạy không?",
        "The other ledger has not answered for {duration}: does dvk forward run?",
    ),
    "forwarding_well": ("Việc chuyển bình thường.", "Forwarding is well."),
    "forwarding_as": ("Tên của sổ này ở đó", "Name of this ledger there"),
    "forwarding_to": ("Chuyển tới", "Forwarded to"),
    "forwarding_shared": ("Là bản sao của sổ ấy đến vị trí", "A copy of that ledger up to"),
    "forwarding_position": ("Đã chuyển đến vị trí", "Forwarded up to position"),
    "forwarding_of": ("{position} trên {head}", "{position} of {head}"),
    "forwarding_behind": ("Còn phải chuyển", "To be forwarded"),
    "forwarding_receipt": ("Biên nhận gần nhất", "Last receipt"),
    "forwarding_answered": ("Được trả lời gần nhất", "Last answer"),
    "forwarding_never": ("chưa có", "never"),
    "forwarding_outcomes": ("Kết quả ở sổ cấp trên", "What became of the events there"),
    "forwarding_refusals": ("Sổ cấp trên không ghi", "Not recorded there"),
    "forwarding_refusals_note": (
        (
            "Mới nhất trước. Sửa bằng một sự kiện mới: đính chính, rút lại hoặc đăng ký lại. Nếu "
            "lý do không còn (ví dụ khóa được thêm muộn) thì gửi lại: dvk forward --again."
        ),
        (
            "The newest first. Correct it by a new event: an amendment, a retraction, a "
            "registration. Once the reason is gone, such as a key that was added late, send it "
            "again: dvk forward --again."
        ),
    ),
    "forwarding_no_refusals": (
        "Chưa có sự kiện nào bị từ chối.",
        "No event was refused.",
    ),
    "refused_position": ("Vị trí", "Position"),
    "refused_event": ("Sự kiện", "Event"),
    "refused_subject": ("Của", "Of"),
    "refused_reason": ("Lý do", "Reason"),
    "refused_at": ("Trả lời lúc", "Answered"),
    "duration_days": ("{count} ngày", "{count} d"),
    "duration_hours": ("{count} giờ", "{count} h"),
    "duration_minutes": ("{count} phút", "{count} min"),
    "duration_seconds": ("{count} giây", "{count} s"),
}
