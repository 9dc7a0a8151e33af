"""Vietnamese messages for invalid parameters, as Pydantic's are in English only."""

from collections.abc import Mapping
from typing import Any

from shared.events.bilingual import said

_VIETNAMESE: Mapping[str, str] = {
    "missing": "bắt buộc phải có",
    "int_parsing": "phải là số nguyên",
    "int_from_float": "phải là số nguyên",
    "bool_parsing": "phải là true hoặc false",
    "date_parsing": "phải là ngày dạng NNNN-TT-NN",
    "date_from_datetime_parsing": "phải là ngày dạng NNNN-TT-NN",
    "datetime_parsing": "phải là thời điểm có múi giờ",
    "greater_than_equal": "không được nhỏ hơn {ge}",
    "less_than_equal": "không được lớn hơn {le}",
    "string_too_short": "phải có ít nhất {min_length} ký tự",
    "string_too_long": "không được quá {max_length} ký tự",
    "string_pattern_mismatch": "phải khớp với mẫu {pattern}",
    "enum": "phải là một trong {expected}",
    "literal_error": "phải là một trong {expected}",
}


def detail_of(error: Mapping[str, Any]) -> str:
    """Return the message of a validation error; in English only if there is no translation."""
    english = str(error["msg"])
    template = _VIETNAMESE.get(error["type"])
    if template is None:
        return english
    try:
        return said(template.format_map(error.get("ctx", {})), english)
    except KeyError:
        return english
