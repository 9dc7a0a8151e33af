"""Labels of codes in Vietnamese and English, for pages, tables and files.

They are grouped by column. Codes defined by a province are in its taxonomies; only those that the
contract mentions have labels here.
"""

from collections.abc import Mapping
from itertools import chain

Both = tuple[str, str]
"""A label in Vietnamese and in English."""

_OWNERS: Mapping[str, Both] = {
    "collective": ("Tập thể", "Collective"),
    "individual": ("Cá nhân", "Individual"),
    "household": ("Hộ gia đình", "Household"),
}
_LEVELS: Mapping[str, Both] = {
    "country": ("Cả nước", "Country"),
    "centre": ("Trung ương", "Centre"),
    "province": ("Cấp tỉnh", "Province"),
    "district": ("Cấp huyện", "District"),
    "commune": ("Cấp xã", "Commune"),
    "grassroots": ("Cơ sở", "Grass roots"),
}
_MEASURES: Mapping[str, Both] = {
    "registered": ("Đăng ký", "Registered"),
    "eligible": ("Đủ điều kiện bình xét", "Eligible for review"),
    "recognized": ("Được công nhận", "Recognised"),
    "exemplary": ("Điển hình", "Exemplary"),
    "revoked": ("Bị hủy công nhận", "Recognition revoked"),
    "withdrawn": ("Rút đăng ký", "Withdrawn"),
    "discontinued": ("Không tiếp tục", "Discontinued"),
    "awards_granted": ("Khen thưởng đã tặng", "Awards granted"),
    "awards_presented": ("Khen thưởng đã trao", "Awards presented"),
    "awards_revoked": ("Khen thưởng bị thu hồi", "Awards revoked"),
    "inspected_units": ("Đơn vị được kiểm tra", "Units inspected"),
    "recognized_organizations": (
        "Tổ chức có mô hình được công nhận",
        "Organisations with recognised models",
    ),
    "evaluated": ("Đã đánh giá, phân loại", "Evaluated"),
    "declined": ("Không được công nhận", "Recognition declined"),
    "replicated": ("Được nhân rộng", "Replicated"),
    "commended": ("Được biểu dương", "Commended"),
}
CODE_WORDS: Mapping[str, Mapping[str, Both]] = {
    "owner_kind": _OWNERS,
    "recipient_kind": _OWNERS,
    "level": _LEVELS,
    "recognized_level": _LEVELS,
    "measure": _MEASURES,
    "metric": {
        **_MEASURES,
        "land_donated_m2": ("Đất hiến (m²)", "Land donated (m²)"),
        "workdays": ("Ngày công", "Workdays"),
        "money_vnd": ("Tiền (đồng)", "Money (VND)"),
    },
    "registration_kind": {
        "new": ("Đăng ký mới", "New"),
        "maintained": ("Duy trì", "Maintained"),
        "pre_existing": ("Đã có từ trước", "Pre-existing"),
    },
    "subject_form": {"model": ("Mô hình", "Model"), "exemplar": ("Điển hình", "Exemplar")},
    "origin_kind": {
        "entry": ("Nhập trực tiếp", "Entered"),
        "import": ("Nhập từ tệp, từ hệ thống khác", "Imported"),
        "press": ("Theo báo chí", "From the press"),
        "legacy": ("Hồi cố từ tài liệu cũ", "From older records"),
    },
    "tier": {
        "recognized": ("Được công nhận", "Recognised"),
        "exemplary": ("Điển hình", "Exemplary"),
    },
    "award_form": {
        "giay_khen": ("Giấy khen", "Certificate of commendation"),
        "bang_khen": ("Bằng khen", "Certificate of merit"),
        "ky_niem_chuong": ("Kỷ niệm chương", "Commemorative medal"),
    },
    "basis_kind": {
        "model": ("Mô hình", "Model"),
        "career": ("Quá trình cống hiến", "Career"),
        "contest": ("Cuộc thi", "Contest"),
        "period": ("Giai đoạn", "Period"),
    },
    "scopes": {
        "DVK": ("Phong trào “Dân vận khéo”", "The movement"),
        "QCDC": ("Quy chế dân chủ ở cơ sở", "Grass-roots democracy regulation"),
    },
    "state": {
        "planned": ("Theo kế hoạch", "Planned"),
        "conducted": ("Đã tiến hành", "Conducted"),
        "held": ("Đang cách ly", "Held"),
        "discarded": ("Đã loại", "Discarded"),
        "proposed": ("Đã đề nghị", "Proposed"),
        "granted": ("Đã tặng", "Granted"),
        "declined": ("Không khen thưởng", "Declined"),
    },
    "nature": {
        "flow": ("Phát sinh trong kỳ", "Flow"),
        "stock": ("Tại một thời điểm", "Stock"),
    },
    "qualifier": {
        "exact": ("Đúng bằng", "Exactly"),
        "more_than": ("Hơn", "More than"),
        "approx": ("Khoảng", "About"),
    },
    "officer_role": {
        "reader": ("Xem", "Reads"),
        "clerk": ("Nhập liệu", "Enters"),
        "approver": ("Phê duyệt", "Approves"),
        "personal": ("Xem họ tên cá nhân", "Reads names of persons"),
        "operator": ("Vận hành", "Operates"),
    },
    "period.kind": {
        "year": ("Trong một năm", "One year"),
        "multi_year": ("Trong nhiều năm", "Several years"),
        "as_of": ("Tính đến ngày", "As of a day"),
        "relative": ("Tương đối (“những năm qua”)", "Relative (“in past years”)"),
        "event": ("Của một sự kiện, một đợt", "Of one event"),
        "unstated": ("Không nêu", "Unstated"),
    },
    "flags": {
        "recognized_without_eligible": (
            "Công nhận khi chưa đủ điều kiện bình xét",
            "Recognised without being eligible",
        ),
        "decision_without_number": ("Quyết định không có số hiệu", "Decisions without a number"),
        "possible_duplicate_award": (
            "Có thể khen trùng một thành tích",
            "Possible duplicate awards",
        ),
        "unknown_organization": ("Tổ chức chưa được khai báo", "Organisations not defined"),
        "unknown_organization_kind": (
            "Loại tổ chức không có trong danh mục",
            "Kinds of organisation that no list has",
        ),
    },
    "result": {
        "agrees": ("Khớp", "Agrees"),
        "differs": ("Lệch", "Differs"),
        "cannot_be_checked": ("Không đối chiếu được", "Cannot be checked"),
    },
    "reason": {
        "unknown_metric": ("Sổ cái không đếm chỉ tiêu này", "The ledger does not count this"),
        "unknown_dimension": ("Sổ cái không phân tổ như vậy", "The ledger has no such breakdown"),
        "stock": (
            "Số tại một thời điểm, không cộng qua các năm được",
            "A stock, never summed over years",
        ),
        "unstated_period": (
            "Thời gian không phải những năm trọn vẹn, nêu rõ",
            "The period is not one of whole years, stated",
        ),
        "no_events": (
            "Sổ cái chưa có sự kiện nào của nơi và thời gian này",
            "The ledger has no event of this place and time",
        ),
        # Of the rows of signals
        "no_registration": ("Chưa có đăng ký", "No registration"),
        "no_event": ("Lâu không có sự kiện", "No event for long"),
        "one_field": ("Tập trung vào một lĩnh vực", "Most in one field"),
        "empty_field": ("Lĩnh vực chưa có đăng ký", "Field without a registration"),
        "far_from_peers": ("Khác xa các đơn vị cùng cấp", "Far from units of the same level"),
        "all_recognized": ("Công nhận tất cả", "All recognised"),
        "undecided": ("Đề nghị chưa có kết quả", "Proposed, not decided"),
        "unpresented": ("Đã tặng, chưa trao", "Granted, not presented"),
        "two_units": ("Hai đơn vị, tên gần như nhau", "Two units, nearly the same title"),
        "common_name": ("Tên chung của nhiều đăng ký", "Common name of many registrations"),
    },
    "signal": {
        "plan_missing": ("Chưa có kế hoạch", "Plan missing"),
        "unit_silent": ("Đơn vị im ắng", "Silent units"),
        "task_unlinked": ("Chưa gắn với nhiệm vụ", "Not linked to tasks"),
        "field_concentrated": ("Lĩnh vực mất cân đối", "Concentrated in one field"),
        "promise_thin": ("Thiếu mục tiêu, kết quả", "Without objectives or outcomes"),
        "near_duplicate": ("Tên gần như trùng nhau", "Near duplicates"),
        "recognized_rate": ("Tỷ lệ công nhận khác thường", "Unusual rate of recognition"),
        "recognized_uninspected": ("Công nhận chưa qua kiểm tra", "Recognised, not inspected"),
        "decision_without_number": ("Quyết định không có số", "Decisions without a number"),
        "not_sustained": ("Chưa được duy trì", "Not sustained"),
        "exemplary_unreplicated": ("Điển hình chưa nhân rộng", "Exemplary, not replicated"),
        "proposal_overdue": ("Khen thưởng chờ lâu", "Awards waiting"),
        "sum_differs": ("Số công bố khác sổ cái", "Published figure differs"),
    },
    "signal_level": {
        "look": ("Cần xem", "To be looked at"),
        "clear": ("Không có gì cần xem", "Nothing to look at"),
        "early": ("Chưa đến hạn", "Not due yet"),
        "few": ("Quá ít để xét", "Too few to judge"),
        "later": ("Mở danh sách để tính", "Open the list to compute it"),
    },
    "side": {
        "party": ("Đảng", "Party"),
        "state": ("Chính quyền", "State"),
        "front": ("Mặt trận và đoàn thể", "Front and mass organisations"),
        "army": ("Lực lượng vũ trang", "Armed forces"),
        "enterprise": ("Doanh nghiệp", "Enterprise"),
        "school": ("Trường học", "School"),
    },
    "families": {
        "registry": ("Đăng ký", "Registry"),
        "evaluation": ("Đánh giá", "Evaluation"),
        "reporting": ("Tổng hợp", "Reporting"),
    },
    "powers": {
        "publish": ("Gửi sự kiện", "To send facts"),
        "correct": (
            "Sửa, thu hồi sự kiện của nơi gửi khác",
            "To correct what others sent",
        ),
        "grant": (
            "Cấp quyền, thay đổi bản đồ hành chính",
            "To authorise others and change the map",
        ),
    },
    "key_use": {
        "events": ("Ký sự kiện", "Signing events"),
        "receipts": ("Đọc biên nhận của mình", "Reading its own receipts"),
        "witness": ("Làm chứng", "Witnessing checkpoints"),
        "forwarding": ("Chuyển sổ lên trên", "Forwarding a ledger"),
    },
    "why": {
        "retired": ("Thay khóa", "Retired"),
        "lost": ("Mất khóa", "Lost"),
        "compromised": ("Lộ khóa", "Compromised"),
    },
    "taxonomy": {
        "field": ("Lĩnh vực", "Field"),
        "block": ("Khối", "Block"),
        "tier": ("Mức công nhận", "Tier"),
        "award_form": ("Hình thức khen thưởng", "Form of award"),
        "criteria": ("Tiêu chí", "Criteria"),
        "deadline": ("Thời hạn", "Deadline"),
        "authority": ("Thẩm quyền", "Authority"),
        "organization_kind": ("Loại tổ chức", "Kind of organisation"),
    },
}
NOT_SET: Both = ("Chưa xác định", "Not set")
NOTHING: Mapping[str, Both] = {
    "unit": ("Chưa phân bổ", "Not allocated"),
    "tier": ("Chưa được công nhận", "Not recognised"),
    "classification": ("Chưa xếp loại", "Not classified"),
}
"""Labels of the table row without a value of a dimension, where it has a special meaning."""
AT_SCOPE: Both = ("Ghi nhận tại chính đơn vị này", "Recorded at this unit itself")

_ON_PAGES = ("owner_kind", "measure", "metric", "registration_kind", "award_form", "nature")
PAGE_WORDS: Mapping[str, Both] = {
    **dict(
        chain.from_iterable(CODE_WORDS[each].items() for each in (*_ON_PAGES, "flags", "result"))
    ),
    # Except two levels, whose codes are ambiguous there: a block may be called `commune`.
    **{code: both for code, both in _LEVELS.items() if code not in {"country", "commune"}},
    "null": NOT_SET,
    "unallocated": NOTHING["unit"],
    "no_tier": NOTHING["tier"],
    "no_classification": NOTHING["classification"],
    "at_scope": AT_SCOPE,
}
"""Labels of the codes that pages show, whatever their column."""
