"""The texts of the pages of lists, cards and the exchange of good models."""

from collections.abc import Mapping

WORDS_OF_LISTS: Mapping[str, tuple[str, str]] = {
    "page_list": ("Danh sách", "Lists"),
    "list_registrations": ("Mô hình đăng ký", "Registered models"),
    "list_awards": ("Khen thưởng", "Awards"),
    "list_plans": ("Kế hoạch", "Plans"),
    "list_inspections": ("Kiểm tra", "Inspections"),
    "list_outcomes": ("Kết quả đo được", "Measured outcomes"),
    "list_commendations": ("Biểu dương", "Commendations"),
    "list_replications": ("Nhân rộng", "Models taken up elsewhere"),
    "list_reviews": ("Họp bình xét", "Review sessions"),
    "list_proposals": ("Đề nghị khen thưởng", "Awards proposed"),
    "list_organizations": ("Tổ chức", "Organisations"),
    "choose_list": ("Chọn danh sách", "Choose a list"),
    "filter_list": ("Lọc danh sách", "Filter the list"),
    "figure_of_list": ("Chỉ tiêu", "Measure"),
    "every_value": ("Tất cả", "All"),
    "of_year": ("Năm {year}", "Year {year}"),
    "all_years": ("Mọi năm", "All years"),
    "filter": ("Lọc", "Filter"),
    "unfiltered": ("Bỏ lọc", "Without filters"),
    "rows_shown": ("{first}–{last} trong tổng số {count} dòng", "{first}–{last} of {count} rows"),
    "page_number": ("Trang {page}/{pages}", "Page {page} of {pages}"),
    "turn_pages": ("Các trang của danh sách", "Pages of the list"),
    "first_page": ("Trang đầu", "First page"),
    "previous_page": ("Trang trước", "Previous page"),
    "last_page": ("Trang cuối", "Last page"),
    "sort_by": ("Sắp xếp theo {column}", "Sort by {column}"),
    "empty_list": (
        "Không có dòng nào. Hãy bỏ bớt điều kiện lọc, hoặc chọn năm khác, đơn vị khác.",
        "There are no rows. Remove a filter, or choose another year or unit.",
    ),
    "whole_list": (
        "Tệp có đủ mọi dòng và mọi cột của danh sách đang lọc.",
        "The files have every row and every column of the list as filtered.",
    ),
    # Cards
    "organization_card": ("Tổ chức", "Organisation"),
    "kind": ("Loại", "Kind"),
    "now_in": ("nay thuộc", "today in"),
    "predecessors": ("Tổ chức tiền thân", "Predecessors"),
    "successors": ("Tổ chức kế thừa", "Successors"),
    "result_of_years": ("Kết quả từng năm", "Result of each year"),
    "result_note": (
        (
            "Dùng khi đánh giá, xếp loại tổ chức: số đăng ký, số đủ điều kiện bình xét, số được "
            "công nhận, khen thưởng tập thể đã tặng, cuộc kiểm tra đã tiến hành, kế hoạch của năm."
        ),
        (
            "For the rating of the organisation: registrations, those eligible and recognised, "
            "awards granted to it, inspections conducted, and the plan of the year."
        ),
    ),
    "result_joined": (
        "Đã gộp số của các tổ chức tiền thân.",
        "The figures of its predecessors are included.",
    ),
    "no_result": (
        "Sổ cái chưa ghi việc nào của tổ chức này.",
        "The ledger has recorded nothing of this organisation yet.",
    ),
    "plan_of_year": ("Kế hoạch của năm", "Plan of the year"),
    "results_of_organizations": ("Kết quả từng tổ chức", "Results of organisations"),
    "organization_name": ("Tổ chức", "Organisation"),
    "results_link": (
        "Kết quả từng tổ chức trong năm (để xếp loại)",
        "The year's result of each organisation (for its rating)",
    ),
    "results_note": (
        (
            "Mỗi dòng là kết quả trong năm của một tổ chức tại đơn vị này, gồm cả phần của tổ "
            "chức tiền thân, như trên thẻ của tổ chức; tổ chức đã có tổ chức kế tục thì không có "
            "dòng riêng. Tổ chức thuộc đơn vị này mà trong năm chưa có gì vẫn được nêu."
        ),
        (
            "Each row is the year's result of an organisation in this unit, with that of its "
            "predecessors, as on its card; an organisation with a successor has no row of its own. "
            "Organisations defined here that have nothing in the year are named too."
        ),
    ),
    "results_without": (
        "{count} tổ chức không có đăng ký",
        "{count} without a registration",
    ),
    "no_organizations": (
        "Sổ cái chưa có tổ chức nào ở đơn vị này.",
        "The ledger has no organisation in this unit yet.",
    ),
    "no_plan": ("chưa có", "none yet"),
    "inspections": ("Cuộc kiểm tra", "Inspections"),
    "shown_of": ("Hiện {shown} trong {count} dòng.", "{shown} of {count} rows are shown."),
    # The card of a model
    "latest_status": ("Kết quả gần nhất", "Latest result"),
    "subject_form": ("Đối tượng đăng ký", "What is registered"),
    "years_of_model": ("Các năm đăng ký", "Years of registration"),
    "promised": ("Nội dung đăng ký", "What was promised"),
    "came_of_it": ("Kết quả đạt được", "What came of it"),
    "until_day": ("Tính đến hết ngày", "Until the end of"),
    "not_counted": ("không tính vào tổng", "not in the sums"),
    "reviewed_and_decided": (
        "Kiểm tra, bình xét, công nhận",
        "Inspections, reviews and recognition",
    ),
    "points": ("điểm", "points"),
    "inspection_of_owner": ("kiểm tra tổ chức thực hiện", "of the owner organisation"),
    "inspection_of_unit": ("kiểm tra đơn vị", "of the unit"),
    "lineage": ("Nguồn gốc và nhân rộng", "Origin and replication"),
    "taken_from": ("Học từ mô hình", "Taken from"),
    "taken_up_at": ("Được nhân rộng tại", "Taken up at"),
    "similar_models": ("Mô hình tương tự ở nơi khác", "Similar models elsewhere"),
    "how_we_know": ("Vì sao biết điều này", "How we know this"),
    # The card of an award
    "award_card": ("Khen thưởng", "Award"),
    "granted_by": ("Cơ quan tặng", "Granted by"),
    "basis": ("Căn cứ", "Basis"),
    "presented_on": ("Ngày trao", "Presented on"),
    "not_yet": ("chưa trao", "not yet"),
    "state_of_award": ("Trạng thái", "State"),
    "award_is_revoked": ("đã bị thu hồi", "revoked"),
    "to_look_at": ("Cần xem lại", "To be looked at"),
    "for_models": ("Khen cho mô hình", "For the models"),
    "events_of_award": ("Các sự kiện của khen thưởng", "Events of the award"),
    # The exchange
    "page_exchange": ("Mô hình hay", "Good models"),
    "exchange_title": (
        "Mô hình hay để học và nhân rộng",
        "Good models to learn from and take up",
    ),
    "choose_models": ("Chọn loại mô hình", "Choose which models"),
    "exchange_exemplary": ("Mô hình điển hình", "Exemplary models"),
    "exchange_replicated": ("Mô hình đã nhân rộng", "Models taken up elsewhere"),
    "models_found": ("{count} mô hình", "{count} models"),
    "by_place": ("Theo đơn vị", "By unit"),
    "no_outcome_yet": ("chưa có kết quả nào được báo cáo", "no outcome was reported yet"),
    "taken_up_times": ("Đã nhân rộng {count} lần", "Taken up {count} times"),
    "no_good_models": (
        "Chưa có mô hình nào như vậy. Hãy chọn năm khác, lĩnh vực khác hoặc đơn vị cấp trên.",
        "There is no such model yet. Choose another year, field or a higher unit.",
    ),
    "yes": ("có", "yes"),
    "no": ("không", "no"),
}
