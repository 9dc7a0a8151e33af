"""The words of the page of annexes and of the files of an office."""

from collections.abc import Mapping

WORDS_OF_ANNEXES: Mapping[str, tuple[str, str]] = {
    "xlsx": ("Tải Excel (xlsx)", "Download Excel (xlsx)"),
    "docx": ("Tải Word (docx)", "Download Word (docx)"),
    "page_annexes": ("Phụ lục báo cáo", "Annexes"),
    "annex_a": ("Phụ lục A: tổng hợp", "Annex A: main table"),
    "annex_b": ("Phụ lục B: mô hình được công nhận", "Annex B: recognised models"),
    "annex_c": ("Phụ lục C: khen thưởng", "Annex C: awards"),
    "annex_style": ("Thể thức", "Style"),
    "style_state": ("Nhà nước (Nghị định 30/2020/NĐ-CP)", "State (Decree 30/2020/NĐ-CP)"),
    "style_party": ("Đảng (Hướng dẫn 36-HD/VPTW)", "Party (Guidance 36-HD/VPTW)"),
    "annex_basis": ("Căn cứ", "Legal basis"),
    "annex_form": ("Mẫu", "Form"),
    "annex_more": (
        "Trang này chỉ hiện {shown} dòng đầu trong {count} dòng; tệp có đủ.",
        "This page shows the first {shown} of {count} rows; the files have all.",
    ),
    "annex_narrative": ("Câu số liệu cho báo cáo", "Sentences for the report"),
    "txt": ("Tải văn bản thuần (txt)", "Download plain text (txt)"),
}
