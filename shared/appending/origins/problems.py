"""Problems of forwarded events: they stop the ledger that forwards, and nothing else."""

from shared.errors import declare

ORIGIN_GAP = declare(
    "origin_gap",
    409,
    vi="Sổ cái {ledger} đã chuyển đến vị trí {head}, nên tiếp theo phải là vị trí {next}, không "
    "phải {position}. Hãy chuyển tiếp từ vị trí {next}: dvk forward tự hỏi GET /origins khi khởi "
    "động.",
    en="The ledger {ledger} was received up to position {head}, so position {next} is next, not "
    "{position}. Forward from position {next}: dvk forward asks GET /origins when it starts.",
)
ORIGIN_FORKED = declare(
    "origin_forked",
    409,
    vi="Sổ cái {ledger} có lịch sử khác ở vị trí {position} so với khi chuyển trước đây: có lẽ đã "
    "được phục hồi về một bản cũ, hoặc có hai sổ cùng tên. Việc chuyển của sổ này dừng lại. Hãy "
    "phục hồi bản mới hơn, hoặc chuyển lại từ đầu với một tên sổ mới.",
    en="The ledger {ledger} has another history at position {position} than the one it forwarded "
    "before: it may be restored to an older state, or two ledgers have one name. Its forwarding "
    "stops. Restore a newer state of it, or forward all of it again under a new name.",
)
ORIGIN_ELSEWHERE = declare(
    "origin_elsewhere",
    409,
    vi="Sự kiện ở vị trí {position} của sổ này do sổ cái {ledger} chuyển đến. Một sự kiện chỉ có "
    "một sổ gốc, nên sổ này không chuyển tiếp được. Hãy chuyển từ chính sổ {ledger} lên sổ cấp "
    "trên.",
    en="The event at position {position} of this ledger was forwarded to it by the ledger "
    "{ledger}. An event has one ledger of origin, so this one is not forwarded. Forward from "
    "{ledger} itself.",
)
STOPPING = frozenset({ORIGIN_GAP.code, ORIGIN_FORKED.code, ORIGIN_ELSEWHERE.code})
"""Codes of problems after which nothing more of a ledger is forwarded, or received."""
