"""The words of the page of integrity."""

from collections.abc import Mapping

WORDS_OF_INTEGRITY: Mapping[str, tuple[str, str]] = {
    "page_integrity": ("Bằng chứng toàn vẹn", "Integrity"),
    "integrity_note": (
        (
            "Mọi sự kiện được ghép vào một cây băm, gốc cây được ký thành điểm kiểm. "
            "Ai đã giữ một điểm kiểm thì sau này chứng minh được sổ có bị sửa, cắt bớt hay viết "
            "lại hay không, mà không cần tin người giữ sổ."
        ),
        (
            "Every event is part of a hash tree, whose root is signed as a checkpoint. "
            "Anyone who has kept a checkpoint can prove later that the log was changed, truncated "
            "or rewritten, without trusting its keeper."
        ),
    ),
    "not_sealed": (
        "Sổ chưa có điểm kiểm nào: tiến trình niêm phong chưa chạy, hoặc sổ còn trống.",
        "There is no checkpoint yet: the sealer has not run, or the log is empty.",
    ),
    "seal_broken": (
        (
            "SỔ TRÁI VỚI ĐIỂM KIỂM ĐÃ KÝ: sổ đã bị sửa hoặc được phục hồi về bản cũ. "
            "Đừng dùng số liệu từ đây cho đến khi người vận hành giải thích."
        ),
        (
            "THE LOG CONTRADICTS ITS SIGNED CHECKPOINT: it was changed, or restored. "
            "Do not use figures from here until the operator has explained it."
        ),
    ),
    "seal_intact": (
        "Sổ hiện nay khớp với điểm kiểm gần nhất.",
        "The log agrees with its last checkpoint.",
    ),
    "last_checkpoint": ("Điểm kiểm gần nhất", "The last checkpoint"),
    "sealed_to": ("Đến vị trí", "Up to position"),
    "sealed_at": ("Ký lúc", "Signed"),
    "not_yet_sealed": ("Chờ niêm phong", "Not yet sealed"),
    "seal_origin": ("Tên của sổ", "Name of the log"),
    "seal_root": ("Gốc cây băm", "Root of the tree"),
    "seal_key": ("Khóa công khai (vkey)", "Public key (vkey)"),
    "seal_witnesses": ("Bên chứng kiến", "Witnesses"),
    "no_policy": (
        "Chưa cấu hình bên chứng kiến nào (DVK_WITNESS_POLICY).",
        "No witnesses are configured (DVK_WITNESS_POLICY).",
    ),
    "quorum_at": (
        "Đủ bên chứng kiến đến vị trí {position}.",
        "A quorum of witnesses has cosigned up to position {position}.",
    ),
    "no_quorum": (
        "Chưa có điểm kiểm nào đủ bên chứng kiến.",
        "No checkpoint has a quorum of witnesses yet.",
    ),
    "witness": ("Bên chứng kiến", "Witness"),
    "cosigned_to": ("Đã ký đến vị trí", "Cosigned up to position"),
    "cosigned_at": ("Ký lúc", "Cosigned"),
    "verify_yourself": ("Tự kiểm tra", "Verify it yourself"),
    "verify_checkpoint": ("Điểm kiểm đã ký", "The signed checkpoint"),
    "verify_proof": (
        (
            "Bằng chứng của một sự kiện: /proof?position=…; kiểm bằng dvk proof verify, không cần "
            "máy chủ."
        ),
        "The proof of an event: /proof?position=…; dvk proof verify checks it without servers.",
    ),
}
