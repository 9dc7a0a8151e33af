"""The language of responses: Vietnamese, or English if the client prefers it."""

from starlette.requests import Request

from shared.errors import Language
from shared.web.answers.accept import stated, weights

LANGUAGES: tuple[Language, ...] = ("vi", "en")


def language_of(request: Request) -> Language:
    """Return the reader's language, by `Accept-Language` (RFC 9110, 12.5.4)."""
    return preferred(stated(request, "accept-language"))


def preferred(accepted: str) -> Language:
    """Return English only if it is preferred to Vietnamese; `*` and no header are neutral."""
    wanted: dict[str, float] = {}
    for tag, weight in weights(accepted).items():
        language = tag.partition("-")[0]
        wanted[language] = max(wanted.get(language, 0.0), weight)
    english, vietnamese = wanted.get("en", 0.0), wanted.get("vi", 0.0)
    # Of two languages with equal weights, the first one is preferred.
    if english == vietnamese > 0.0:
        return "en" if list(wanted).index("en") < list(wanted).index("vi") else "vi"
    return "en" if english > vietnamese else "vi"
