"""The faults and questions of reading, and the reasons for which no table is found.

Every sentence says what was read and what to do; the cell is beside it (`ListFinding.cell`).
"""

from shared.errors import declare

NO_HEADER = declare(
    "list_header_not_found",
    422,
    vi="Không tìm thấy dòng tiêu đề của “{list}”: đã xem {limit} dòng đầu của các trang {sheets}, "
    "nhiều nhất chỉ thấy {found} tiêu đề quen thuộc. Dòng tiêu đề cần có các cột: {wanted}. Hãy "
    "dùng tệp mẫu, hoặc sửa tên cột theo tệp mẫu.",
    en="The row of headings of “{list}” was not found: the first {limit} rows of the sheets "
    "{sheets} were read and at most {found} known headings seen. The headings must be: {wanted}. "
    "Use the template, or name the columns as it does.",
)
WRONG_KIND = declare(
    "list_of_another_kind",
    422,
    vi="Tệp này có vẻ là “{other}”, không phải “{list}” ({where}). Hãy chọn đúng loại danh sách "
    "khi tải lên, hoặc tải lên tệp khác.",
    en="This looks like “{other}”, not like “{list}” ({where}). Choose the right kind of list "
    "when you upload it, or upload another file.",
)
HEADING_MISSING = declare(
    "list_heading_missing",
    422,
    vi="Thiếu cột bắt buộc: {missing}. Đã tìm ở trang {sheet}, dòng {rows}; các tiêu đề chưa nhận "
    "ra: {unknown}. Hãy thêm cột, hoặc sửa tên cột cho đúng.",
    en="Required columns are missing: {missing}. They were looked for in the sheet {sheet}, row "
    "{rows}; headings that were not recognised: {unknown}. Add the columns, or correct the names.",
)
HEADING_TWICE = declare(
    "list_heading_twice",
    422,
    vi="Cột “{heading}” có ở nhiều ô: {cells}. Lấy cột nào? Cột còn lại sẽ được bỏ qua.",
    en="The column “{heading}” is in several cells: {cells}. Which one is meant? The other is "
    "left aside.",
)
VALUE_MISSING = declare(
    "list_value_missing",
    422,
    vi="Cột “{heading}” không được để trống. Hãy điền ô này.",
    en="The column “{heading}” must not be empty. Fill in this cell.",
)
FORMULA_NOT_CALCULATED = declare(
    "list_formula_not_calculated",
    422,
    vi="Ô có công thức nhưng chưa có kết quả. Hãy mở tệp bằng Excel, bấm F9, lưu lại rồi tải lên, "
    "hoặc gõ thẳng giá trị.",
    en="The cell has a formula without a result. Open the file in Excel, press F9, save and upload "
    "it again, or type the value itself.",
)
CELL_ERROR = declare(
    "list_cell_error",
    422,
    vi="Ô báo lỗi của Excel ({read}). Hãy sửa công thức, hoặc gõ thẳng giá trị.",
    en="The cell shows an error of Excel ({read}). Mend the formula, or type the value itself.",
)
TEXT_CONVERTED = declare(
    "list_text_converted",
    422,
    vi="Cột “{heading}” có {count} ô gõ bằng phông cũ ({encodings}), đã chuyển sang Unicode, ví "
    "dụ: {examples}. Chữ sau khi chuyển có đúng không?",
    en="The column “{heading}” has {count} cells in old fonts ({encodings}), turned into Unicode, "
    "for example: {examples}. Are the words right?",
)
DAY_UNREADABLE = declare(
    "list_day_unreadable",
    422,
    vi="“{read}” không phải là ngày. Hãy ghi ngày/tháng/năm, ví dụ 05/6/2022; nếu chỉ biết tháng "
    "hoặc năm thì ghi 6/2022 hoặc 2022.",
    en="“{read}” is no date. Write day/month/year, for example 05/6/2022; where only the month or "
    "the year is known, 6/2022 or 2022.",
)
DAY_IMPOSSIBLE = declare(
    "list_day_impossible",
    422,
    vi="“{read}” không có trên lịch (thứ tự là ngày/tháng/năm). Hãy sửa lại, ví dụ 25/6/2022.",
    en="“{read}” is not in the calendar (the order is day/month/year). Correct it, for example "
    "25/6/2022.",
)
DAY_OF_TWO_DIGITS = declare(
    "list_year_of_two_digits",
    422,
    vi="“{read}” ghi năm bằng hai chữ số. Có phải là {suggestion} không?",
    en="“{read}” has a year of two digits. Is {suggestion} meant?",
)
DAYS_SWAPPED = declare(
    "list_days_swapped",
    422,
    vi="Cột “{heading}”: có vẻ Excel đã hiểu nhầm ngày thành tháng ở {count} ô, ví dụ {examples}. "
    "Có đổi chỗ ngày và tháng của các ô đó không?",
    en="The column “{heading}”: Excel seems to have taken days for months in {count} cells, for "
    "example {examples}. Shall day and month of those cells be exchanged?",
)
NUMBER_UNREADABLE = declare(
    "list_number_unreadable",
    422,
    vi="“{read}” không phải là số. Hãy ghi bằng chữ số, ví dụ 1.250 hoặc 1,25.",
    en="“{read}” is no number. Write it in digits, for example 1.250 (thousands) or 1,25.",
)
NUMBER_AMBIGUOUS = declare(
    "list_number_ambiguous",
    422,
    vi="“{read}” có thể hiểu theo nhiều cách: {choices}. Cách nào đúng? (Dấu chấm phân cách hàng "
    "nghìn, dấu phẩy phân cách phần thập phân.)",
    en="“{read}” can be read in several ways: {choices}. Which is right? (A dot parts thousands, a "
    "comma parts decimals.)",
)
UNIT_NOT_TAKEN = declare(
    "list_unit_not_taken",
    422,
    vi="Cột “{heading}” chỉ nhận số, nhưng ô ghi “{read}”. Hãy bỏ phần “{unit}”.",
    en="The column “{heading}” takes a number alone, but the cell says “{read}”. Leave out "
    "“{unit}”.",
)
YES_NO_UNREADABLE = declare(
    "list_yes_no_unreadable",
    422,
    vi="“{read}” không rõ là có hay không. Hãy ghi “có” (hoặc x) hay “không”.",
    en="“{read}” is neither yes nor no. Write “có” (or x), or “không”.",
)
DOCUMENT_UNREADABLE = declare(
    "list_document_unreadable",
    422,
    vi="“{read}” không có số văn bản. Hãy ghi số và ngày, ví dụ 15/QĐ-UBND ngày 05/6/2022.",
    en="“{read}” has no number of a document. Write number and day, for example 15/QĐ-UBND ngày "
    "05/6/2022.",
)
PERSON_IN_TITLE = declare(
    "list_person_in_title",
    422,
    vi="Tên mô hình có vẻ chứa tên người. Tên người không được công bố: nếu đúng là tên người, "
    "hãy bỏ khỏi tên mô hình; nếu không phải, hãy trả lời “không”.",
    en="The title seems to hold the name of a person. Names of persons are not published: if it is "
    "one, take it out of the title; if not, answer “no”.",
)
