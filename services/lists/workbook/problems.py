"""The reasons for which a file is not read as a workbook, each with what to do about it."""

from shared.errors import declare

EMPTY_FILE = declare(
    "workbook_empty_file",
    422,
    vi="Tệp không có nội dung (0 byte). Hãy mở tệp gốc trên máy, lưu lại rồi tải lên lần nữa.",
    en="The file is empty (0 bytes). Open the original on your computer, save it and upload it "
    "again.",
)
OLD_FORMAT = declare(
    "workbook_old_format",
    422,
    vi="Tệp ở định dạng cũ của Excel (.xls), hệ thống không đọc được. Hãy mở tệp bằng Excel, chọn "
    "Lưu thành (Save As), loại tệp Excel Workbook (*.xlsx), rồi tải tệp mới lên.",
    en="The file has Excel's old format (.xls), which cannot be read. Open it in Excel, choose "
    "Save As, the type Excel Workbook (*.xlsx), and upload the new file.",
)
PASSWORD = declare(
    "workbook_password",
    422,
    vi="Tệp được bảo vệ bằng mật khẩu nên không đọc được. Hãy mở tệp bằng Excel, vào Tệp > Thông "
    "tin > Bảo vệ sổ làm việc > Mã hóa bằng mật khẩu, xóa mật khẩu, lưu lại rồi tải lên.",
    en="The file is protected by a password and cannot be read. Open it in Excel, go to File > "
    "Info > Protect Workbook > Encrypt with Password, clear the password, save and upload again.",
)
NOT_A_WORKBOOK = declare(
    "workbook_other_kind",
    422,
    vi="Tệp tải lên không phải là bảng tính Excel (.xlsx); nội dung bên trong là: {found}. Hãy mở "
    "bằng Excel, lưu thành loại Excel Workbook (*.xlsx) rồi tải lên; chỉ đổi đuôi tên tệp thì "
    "không đủ.",
    en="The file is no Excel workbook (.xlsx); inside it is: {found}. Open it in Excel, save it as "
    "an Excel Workbook (*.xlsx) and upload that; to change the ending of its name is not enough.",
)
DAMAGED = declare(
    "workbook_damaged",
    422,
    vi="Tệp bị hỏng hoặc tải lên chưa trọn vẹn ({where}). Hãy mở tệp bằng Excel (chọn sửa chữa "
    "nếu được hỏi), lưu lại thành .xlsx rồi tải lên lần nữa.",
    en="The file is damaged or did not arrive as a whole ({where}). Open it in Excel (let Excel "
    "repair it when it asks), save it as .xlsx and upload it again.",
)
TOO_MANY_ENTRIES = declare(
    "workbook_too_many_parts",
    422,
    vi="Tệp chứa {found} thành phần bên trong, nhiều hơn mức {limit} của một bảng tính thông "
    "thường. Hãy chép riêng trang danh sách sang một tệp Excel mới rồi tải tệp đó lên.",
    en="The file has {found} parts inside, more than the {limit} of an ordinary workbook. Copy the "
    "sheet with the list into a new workbook and upload that.",
)
TOO_LARGE = declare(
    "workbook_too_large",
    422,
    vi="Nội dung của tệp khi giải nén quá lớn ({part}: {megabytes} MB, tối đa {limit} MB). Hãy "
    "chép riêng danh sách (chỉ giá trị) sang một tệp Excel mới, hoặc chia thành nhiều tệp.",
    en="The file is too large when unpacked ({part}: {megabytes} MB, at most {limit} MB). Copy the "
    "list alone (values only) into a new workbook, or divide it into several files.",
)
BOMB = declare(
    "workbook_packed_too_far",
    422,
    vi="Thành phần {part} của tệp được nén quá mức bình thường ({ratio} lần), giống một tệp gây "
    "hại nên không được mở. Hãy chép riêng danh sách sang một tệp Excel mới rồi tải lên.",
    en="The part {part} of the file is packed far more than usual ({ratio} times), as harmful "
    "files are, and is not opened. Copy the list alone into a new workbook and upload that.",
)
UNSAFE_PART = declare(
    "workbook_unsafe_part",
    422,
    vi="Tệp có thành phần bất thường mà Excel không bao giờ ghi ({part}: {why}) nên không được "
    "mở. Hãy mở tệp bằng Excel, lưu thành một tệp .xlsx mới rồi tải tệp mới lên.",
    en="The file has a part that Excel never writes ({part}: {why}) and is not opened. Open it "
    "in Excel, save it as a new .xlsx file and upload that.",
)
STRICT_FORMAT = declare(
    "workbook_strict_format",
    422,
    vi="Tệp được lưu theo loại Strict Open XML, hệ thống không đọc được. Hãy mở bằng Excel, chọn "
    "Lưu thành (Save As), loại Excel Workbook (*.xlsx), rồi tải lên.",
    en="The file was saved as Strict Open XML, which cannot be read. Open it in Excel, choose "
    "Save As, the type Excel Workbook (*.xlsx), and upload that.",
)
TOO_MANY_ROWS = declare(
    "workbook_too_many_rows",
    422,
    vi="Trang {sheet} có dữ liệu ở ô {cell}, quá {limit} dòng. Hãy xóa những gì nằm xa bên dưới "
    "danh sách (chọn các dòng đó, Delete), hoặc chia danh sách thành nhiều tệp.",
    en="The sheet {sheet} has data in the cell {cell}, beyond {limit} rows. Delete what is far "
    "below the list (select those rows, Delete), or divide the list into several files.",
)
TOO_MANY_COLUMNS = declare(
    "workbook_too_many_columns",
    422,
    vi="Trang {sheet} có dữ liệu ở ô {cell}, quá {limit} cột. Hãy xóa những gì nằm xa bên phải "
    "danh sách (chọn các cột đó, Delete) rồi tải lên lần nữa.",
    en="The sheet {sheet} has data in the cell {cell}, beyond {limit} columns. Delete what is far "
    "to the right of the list (select those columns, Delete) and upload it again.",
)
TOO_MANY_CELLS = declare(
    "workbook_too_many_cells",
    422,
    vi="Bảng tính có hơn {limit} ô (tính cả ô trống có định dạng) cho đến trang {sheet}. Hãy chép "
    "riêng danh sách sang một tệp Excel mới, hoặc chia thành nhiều tệp.",
    en="The workbook has more than {limit} cells (formatted blanks included) up to the sheet "
    "{sheet}. Copy the list alone into a new workbook, or divide it into several files.",
)
UNREADABLE = declare(
    "workbook_unreadable",
    422,
    vi="Không đọc được cấu trúc bên trong của bảng tính ({where}). Hãy mở bằng Excel, chép danh "
    "sách sang tệp mẫu mới tải từ hệ thống, rồi tải tệp mẫu đó lên.",
    en="The inner structure of the workbook cannot be read ({where}). Open it in Excel, copy the "
    "list into a fresh template from this system, and upload that.",
)
NO_SHEET = declare(
    "workbook_no_sheet",
    422,
    vi="Bảng tính không có trang nào hiển thị có dữ liệu (đã xem: {sheets}). Hãy bỏ ẩn trang có "
    "danh sách (bấm chuột phải vào tên trang, Unhide), lưu lại rồi tải lên.",
    en="The workbook has no visible sheet with data (seen: {sheets}). Unhide the sheet with the "
    "list (right click on a sheet's name, Unhide), save and upload it again.",
)
READER_STOPPED = declare(
    "workbook_reader_stopped",
    422,
    vi="Việc đọc bảng tính phải dừng vì quá {limit}. Tệp có thể quá lớn hoặc bất thường: hãy chép "
    "riêng danh sách (chỉ giá trị) sang một tệp Excel mới, hoặc chia thành nhiều tệp.",
    en="Reading the workbook was stopped because it took more than {limit}. The file may be too "
    "large or unusual: copy the list alone (values only) into a new workbook, or divide it.",
)
READER_FAILED = declare(
    "workbook_reader_failed",
    503,
    vi="Chương trình đọc bảng tính không trả kết quả ({where}). Tệp chưa được nhận; hãy tải lên "
    "lần nữa, nếu vẫn vậy thì báo người vận hành.",
    en="The program that reads workbooks gave no result ({where}). The file was not taken; upload "
    "it again, and tell the operator if it stays so.",
)
