"""The refusals of trust: of signatures at the door, of keys and grants at the head of the log."""

from shared.errors import declare

UNSIGNED = declare(
    "unsigned",
    401,
    vi="Sự kiện chưa được ký: từ vị trí {began_at} sổ cái chỉ nhận sự kiện có đủ signature, "
    "signkey và signsalt.",
    en="The event is not signed: from position {began_at} on the log accepts only events with "
    "signature, signkey and signsalt.",
)
TRUST_NOT_BEGUN = declare(
    "trust_not_begun",
    409,
    vi="Sổ cái này chưa bắt đầu chế độ ký: hãy gửi sự kiện không có chữ ký, hoặc bắt đầu bằng "
    "dvk trust begin.",
    en="This ledger has not begun trust: send the event without a signature, or begin with "
    "dvk trust begin.",
)
ORIGIN_UNPROVED = declare(
    "origin_unproved",
    403,
    vi="Sự kiện ghi là do sổ cái {ledger} chuyển, nhưng yêu cầu không do khóa của sổ ấy ký.",
    en="The event says that the ledger {ledger} forwards it, but the request is not signed with a "
    "key of that ledger.",
)
UNKNOWN_KEY = declare(
    "unknown_key",
    403,
    vi="Sổ cái không có khóa ký sự kiện nào mang mã {key_id}.",
    en="The ledger has no key for events with the id {key_id}.",
)
FOREIGN_KEY = declare(
    "foreign_key",
    403,
    vi="Khóa {key_id} không phải của nơi gửi {publisher}.",
    en="The key {key_id} is not that of the publisher {publisher}.",
)
BAD_SIGNATURE = declare(
    "bad_signature",
    403,
    vi="Chữ ký không đúng. SHA-256 của sự kiện ở dạng chuẩn mà sổ cái tính được là "
    "{canonical_sha256}: hãy so với dạng mà nơi gửi đã ký.",
    en="The signature is not right. The SHA-256 of the canonical event as the ledger makes it is "
    "{canonical_sha256}: compare it with what was signed.",
)
NOT_TRIED = declare(
    "signature_not_tried",
    403,
    vi="Yêu cầu này đã có {bad} chữ ký sai; các chữ ký còn lại không được xét. Hãy gửi lại.",
    en="This request had {bad} bad signatures already; the rest were not tried. Send again.",
)
KEY_REVOKED = declare(
    "key_revoked",
    403,
    vi="Khóa {key_id} đã bị thu hồi tại vị trí {revoked_at}.",
    en="The key {key_id} was revoked at position {revoked_at}.",
)
OUTSIDE_GRANT = declare(
    "outside_grant",
    403,
    vi="Nơi gửi {publisher} không được phép nói thay các đơn vị của sự kiện này (dịch vụ {family}, "
    "quyền {power}, ngày ghi {day}).",
    en="The publisher {publisher} may not speak for the units of this event (service {family}, "
    "power {power}, recorded on {day}).",
)
FOREIGN_PREFIX = declare(
    "foreign_prefix",
    403,
    vi="Mã mới {new_id} không bắt đầu bằng tiền tố mà nơi gửi {publisher} được cấp ({prefixes}).",
    en="The new id {new_id} does not begin with a prefix given to the publisher {publisher} "
    "({prefixes}).",
)
TRUST_BEGAN = declare(
    "trust_began_already",
    409,
    vi="Sổ cái đã bắt đầu chế độ ký tại vị trí {began_at}; việc này chỉ có một lần.",
    en="Trust began at position {began_at} already; it begins only once.",
)
WEAK_KEY = declare(
    "weak_key",
    422,
    vi="Khóa {key_id} không an toàn (bậc nhỏ hoặc không ở dạng chuẩn): hãy tạo khóa khác bằng "
    "dvk key new.",
    en="The key {key_id} is weak (of small order, or not canonical): make another with "
    "dvk key new.",
)
NO_POSSESSION = declare(
    "no_possession",
    422,
    vi="proof không chứng minh được nơi gửi {publisher} đang giữ khóa {key_id}.",
    en="The proof does not show that the publisher {publisher} holds the key {key_id}.",
)
KEY_IN_USE = declare(
    "key_in_use",
    409,
    vi="Khóa {key_id} đã có trong sổ cái, được thêm tại vị trí {added_at}; mỗi khóa chỉ thêm "
    "một lần.",
    en="The key {key_id} is in the log already, added at position {added_at}; a key is added once.",
)
TOO_MANY_KEYS = declare(
    "too_many_keys",
    409,
    vi="Nơi gửi {publisher} đã có {most} khóa còn hiệu lực: hãy thu hồi một khóa trước.",
    en="The publisher {publisher} has {most} live keys already: revoke one first.",
)
GRANT_ID_USED = declare(
    "grant_id_used",
    409,
    vi="Mã quyền {grant_id} đã dùng tại vị trí {given_at}.",
    en="The grant id {grant_id} was used at position {given_at}.",
)
NO_SUCH_GRANT = declare(
    "no_such_grant",
    409,
    vi="Nơi gửi {publisher} không có quyền {grant_id} còn hiệu lực.",
    en="The publisher {publisher} has no grant {grant_id} in force.",
)
NO_SUCH_KEY = declare(
    "no_such_key",
    409,
    vi="Nơi gửi {publisher} không có khóa {key_id} còn hiệu lực.",
    en="The publisher {publisher} has no live key {key_id}.",
)
NOT_THE_GRANTOR = declare(
    "not_the_grantor",
    403,
    vi="{sender} không phải nơi cấp quyền cho {publisher}, nên không thay đổi được quyền và khóa "
    "của nơi gửi này.",
    en="{sender} did not authorise {publisher}, and may not change its grants and keys.",
)
DELEGATION_TOO_WIDE = declare(
    "delegation_too_wide",
    403,
    vi="Quyền định cấp rộng hơn quyền {under} của {sender}: {wider}.",
    en="The grant is wider than {under}, the right of {sender}: {wider}.",
)
NOTHING_TO_APPROVE = declare(
    "nothing_to_approve",
    409,
    vi="Không có sự kiện nào của {approved_source} mang mã {approved_id} đang chờ chấp thuận.",
    en="No event of {approved_source} with id {approved_id} waits for approval.",
)
APPROVED_ALREADY = declare(
    "approved_already",
    409,
    vi="{sender} đã gửi hoặc đã chấp thuận sự kiện này: cần một nơi gốc khác.",
    en="{sender} sent or approved this event already: another root is needed.",
)
