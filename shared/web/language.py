"""Everybody is answered in Vietnamese, and in English when they say that they prefer it."""

from starlette.requests import Request

from shared.errors import Language

LANGUAGES: tuple[Language, ...] = ("vi", "en")


def language_of(request: Request) -> Language:
    """Return the reader's language, by `Accept-Language` (RFC 9110, 12.5.4)."""
    return preferred(request.headers.get("accept-language", ""))


def preferred(accepted: str) -> Language:
    """Return English only where it is wanted more than Vietnamese; `*` and silence mean neither."""
    weights: dict[str, float] = {}
    for part in accepted.split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        weights[language] = max(weights.get(language, 0.0), _weight(parameters))
    # Of two languages that are wanted equally, the one named first is meant.
    if weights.get("en", 0.0) == weights.get("vi", 0.0) > 0.0:
        return "en" if list(weights).index("en") < list(weights).index("vi") else "vi"
    return "en" if weights.get("en", 0.0) > weights.get("vi", 0.0) else "vi"


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
