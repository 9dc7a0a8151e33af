"""The rules of the signals in words, with their deadline and thresholds to fill in."""

from collections.abc import Mapping

from services.reporting.signals.found import SignalCode
from shared.vocabulary.code_words import Both

RULES: Mapping[SignalCode, Both] = {
    SignalCode.PLAN_MISSING: (
        (
            "Tổ chức có tên trong phạm vi của một kế hoạch, hoặc có đăng ký năm trước, mà "
            "sau hạn {deadline} sổ cái chưa có kế hoạch năm của tổ chức ấy."
        ),
        (
            "An organisation in the scope of a plan, or with registrations the year before, "
            "of which the ledger has no plan of the year after {deadline}."
        ),
    ),
    SignalCode.UNIT_SILENT: (
        (
            "Đơn vị năm trước có đăng ký mà đến hết {deadline} chưa đăng ký mô hình nào; "
            "hoặc không có sự kiện nào trong {days} ngày của năm."
        ),
        (
            "A unit with registrations the year before and none by {deadline}; or without "
            "any event for {days} days of the year."
        ),
    ),
    SignalCode.TASK_UNLINKED: (
        (
            "Hơn {share} số đăng ký của đơn vị không nêu nhiệm vụ được gắn với mô hình (từ "
            "{least} đăng ký trở lên mới xét)."
        ),
        (
            "More than {share} of a unit's registrations name no task that the model serves "
            "(judged from {least} registrations on)."
        ),
    ),
    SignalCode.FIELD_CONCENTRATED: (
        (
            "Một lĩnh vực chiếm từ {share} số đăng ký của đơn vị, hoặc một lĩnh vực trong "
            "danh mục không có đăng ký nào (từ {least} đăng ký trở lên mới xét)."
        ),
        (
            "One field has {share} or more of a unit's registrations, or a field of the "
            "taxonomy has none (judged from {least} registrations on)."
        ),
    ),
    SignalCode.PROMISE_THIN: (
        (
            "Đăng ký không nêu mục tiêu, tiêu chí hay sản phẩm nào; sau {deadline} còn xét "
            "thêm: chưa có kết quả nào được báo cáo."
        ),
        (
            "A registration states no objective, criterion or output; after {deadline} "
            "also: no outcome of it has been reported."
        ),
    ),
    SignalCode.NEAR_DUPLICATE: (
        (
            "Hai đơn vị có mô hình với tên giống nhau từ {likeness} số từ trở lên, không kể "
            "tên tổ chức thực hiện; một tên mà hơn {common} đăng ký cùng dùng chỉ ghi một "
            "dòng “tên chung”."
        ),
        (
            "Two units have models whose title words are alike by {likeness} or more, "
            "without the owner's name; a title of more than {common} registrations is one "
            "row, a common name."
        ),
    ),
    SignalCode.RECOGNIZED_RATE: (
        (
            "Tỷ lệ công nhận trên đăng ký khác xa các đơn vị cùng cấp (điểm z hiệu chỉnh từ "
            "{z}, khi có ít nhất {peers} đơn vị để so), hoặc công nhận tất cả trong ít nhất "
            "{all_of} đăng ký (từ {least} đăng ký trở lên mới xét)."
        ),
        (
            "The rate of recognised to registered is far from units of the same level "
            "(modified z of {z} or more, among at least {peers}), or all of at least "
            "{all_of} are recognised (judged from {least} registrations on)."
        ),
    ),
    SignalCode.RECOGNIZED_UNINSPECTED: (
        (
            "Đăng ký được công nhận mà trong năm không có cuộc kiểm tra nào nêu tên nó, tổ "
            "chức thực hiện hay đơn vị của nó."
        ),
        (
            "A recognised registration that no inspection of the year names, nor its "
            "organisation or unit."
        ),
    ),
    SignalCode.DECISION_WITHOUT_NUMBER: (
        ("Quyết định công nhận hoặc khen thưởng được ghi mà không có số."),
        ("A decision of recognition or award is recorded without its number."),
    ),
    SignalCode.NOT_SUSTAINED: (
        (
            "Mô hình được công nhận năm trước mà sau {deadline} năm nay chưa được đăng ký "
            "duy trì, cũng chưa có tin dừng hay nhân rộng."
        ),
        (
            "A model recognised the year before that after {deadline} is neither "
            "registered, discontinued nor replicated."
        ),
    ),
    SignalCode.EXEMPLARY_UNREPLICATED: (
        ("Mô hình điển hình chưa được nhân rộng ở đâu sau {months} tháng kể từ ngày công nhận."),
        (
            "An exemplary model that was replicated nowhere within {months} months of its "
            "recognition."
        ),
    ),
    SignalCode.PROPOSAL_OVERDUE: (
        (
            "Đề nghị khen thưởng chưa có kết quả sau {proposed_days} ngày; hoặc khen thưởng "
            "chưa trao sau {granted_days} ngày."
        ),
        (
            "An award proposed and undecided after {proposed_days} days; or granted and not "
            "presented after {granted_days} days."
        ),
    ),
    SignalCode.SUM_DIFFERS: (
        ("Số liệu đã công bố của đơn vị khác với số mà sổ cái cộng được."),
        ("A figure published of a unit differs from what the ledger counts."),
    ),
}
