"""The definition of each measure and flag in a sentence (events.md, What is counted)."""

from collections.abc import Mapping

WORDS_OF_COUNTING: Mapping[str, tuple[str, str]] = {
    "counts_registered": (
        (
            "Các đăng ký của năm chưa bị rút, không phân biệt hình thức. Mỗi mục là một đăng ký; "
            "một mô hình duy trì được đăng ký lại mỗi năm."
        ),
        (
            "Registrations of the year that are not withdrawn, whatever their form. Each item is "
            "one registration; a maintained model is registered again each year."
        ),
    ),
    "counts_eligible": (
        "Các đăng ký có lần xét gần nhất kết luận đủ điều kiện bình xét.",
        "Registrations whose latest assessment says that they are eligible for review.",
    ),
    "counts_recognized": (
        "Các đăng ký có công nhận đang còn hiệu lực, ở bất kỳ mức nào.",
        "Registrations whose recognition is in force, whatever the tier.",
    ),
    "counts_exemplary": (
        "Các đăng ký có mức công nhận đang hiệu lực là điển hình.",
        "Registrations whose tier in force is exemplary.",
    ),
    "counts_revoked": (
        "Các đăng ký bị hủy công nhận và chưa được công nhận lại.",
        "Registrations whose recognition was revoked and not given again.",
    ),
    "counts_withdrawn": (
        "Các đăng ký của năm đã rút.",
        "Registrations of the year that were withdrawn.",
    ),
    "counts_discontinued": (
        "Các mô hình được báo là không tiếp tục trong năm.",
        "Models that were reported in that year to be carried on no longer.",
    ),
    "counts_awards_granted": (
        (
            "Các khen thưởng của năm đã tặng và còn hiệu lực. Khen thưởng không phải là mô hình, "
            "cũng không phải là người được khen."
        ),
        (
            "Awards of the year that were granted and are in force. An award is neither a model "
            "nor its recipient."
        ),
    ),
    "counts_awards_presented": (
        "Trong các khen thưởng đã tặng và còn hiệu lực, những khen thưởng đã được trao.",
        "Of the awards granted and in force, those that were presented.",
    ),
    "counts_awards_revoked": (
        "Các khen thưởng của năm đã bị thu hồi.",
        "Awards of the year that were revoked.",
    ),
    "counts_inspected_units": (
        (
            "Số tổ chức (hoặc đơn vị) khác nhau đã được kiểm tra: mỗi nơi chỉ đếm một lần, "
            "nên không cộng được qua các dòng."
        ),
        "Different organisations (or units) inspected: each counts once, so rows do not add up.",
    ),
    "counts_recognized_organizations": (
        (
            "Số tổ chức khác nhau có mô hình được công nhận: mỗi tổ chức chỉ đếm một lần, "
            "nên không cộng được qua các dòng."
        ),
        "Different organisations with recognised models: each counts once, so rows do not add up.",
    ),
    "counts_evaluated": (
        "Các đăng ký chưa bị rút đã được đánh giá, phân loại; lấy theo lần đánh giá gần nhất.",
        "Registrations, not withdrawn, that were evaluated; the latest evaluation counts.",
    ),
    "counts_declined": (
        ("Các đăng ký chưa bị rút có kết luận không công nhận và sau đó không được công nhận lại."),
        ("Registrations, not withdrawn, of which recognition was declined and not given since."),
    ),
    "counts_replicated": (
        (
            "Các mô hình được nhân rộng trong năm; một mô hình nhân rộng nhiều lần trong năm chỉ "
            "đếm một lần."
        ),
        "Models taken up elsewhere in that year; one taken up several times counts once.",
    ),
    "counts_commended": (
        (
            "Các lần biểu dương điển hình của năm, không thuộc hình thức khen thưởng nào và không "
            "cộng vào khen thưởng."
        ),
        "Commendations of the year; they are no form of award and are not added to awards.",
    ),
    "counts_recognized_without_eligible": (
        "Các đăng ký được công nhận mà lần xét gần nhất không kết luận đủ điều kiện.",
        "Registrations recognised although no latest assessment says that they are eligible.",
    ),
    "counts_decision_without_number": (
        "Các công nhận hoặc khen thưởng có quyết định không ghi số hiệu.",
        "Recognitions or awards whose decision bears no number.",
    ),
    "counts_possible_duplicate_award": (
        (
            "Các khen thưởng cùng người nhận, cùng hình thức và có chung một đăng ký với khen "
            "thưởng khác."
        ),
        "Awards with the recipient and form of another one, and a registration in common.",
    ),
    "counts_unknown_organization": (
        "Các đăng ký hoặc khen thưởng nêu một tổ chức chưa được khai báo trong sổ cái.",
        "Registrations or awards that name an organisation which the ledger does not know.",
    ),
    "counts_unknown_organization_kind": (
        (
            "Các tổ chức có loại không nằm trong danh mục loại tổ chức của địa phương, bất kể năm; "
            "sửa bằng cách khai báo lại tổ chức hoặc công bố danh mục có loại đó."
        ),
        (
            "Organisations of a kind that the jurisdiction's list of kinds does not have, whatever "
            "the year: define the organisation again, or publish a list with that kind."
        ),
    ),
}
