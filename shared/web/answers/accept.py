"""Content negotiation: the `Accept` headers and their weights (RFC 9110, 12.4.2 and 12.5.1)."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from starlette.requests import Request

from shared.errors import Language


def stated(request: Request, name: str) -> str:
    """Return a header that is a list, joined if it is repeated."""
    return ", ".join(request.headers.getlist(name))


def weights(header: str) -> dict[str, float]:
    """Return the weight of each member of an `Accept-Language` header, in its order.

    A missing weight is 1, an invalid one 0; of a member listed twice the larger weight counts.
    """
    found: dict[str, float] = {}
    for name, _, weight in _members(header):
        found[name] = max(found.get(name, 0.0), weight)
    return found


class MediaType(NamedTuple):
    """A media type that we can answer with, and its parameters."""

    name: str
    parameters: Mapping[str, str]

    def weight(self, accepted: str) -> float:
        """Return the weight that an `Accept` header gives it; 0 if it is not acceptable.

        The most specific matching range decides: `text/csv;q=0, */*` accepts anything but CSV. Of
        equally specific ones the larger weight counts.
        """
        found = [
            (specificity, weight)
            for name, parameters, weight in _members(accepted)
            if (specificity := self._within(name, parameters)) is not None
        ]
        return max(found, default=(0, 0.0))[1]

    def _within(self, name: str, parameters: Mapping[str, str]) -> int | None:
        """Return the specificity of a matching range, None if it does not match."""
        kind = self.name.partition("/")[0]
        # Some clients write `*` for `*/*`.
        ranges = {"*": 0, "*/*": 0, f"{kind}/*": 1, self.name: 2}
        if name not in ranges or not parameters.items() <= self.parameters.items():
            return None
        return ranges[name] + len(parameters)


def _members(header: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Yield each member of a list in lower case: its name, its parameters, its weight."""
    for part in header.lower().split(","):
        name, *rest = (each.strip() for each in part.split(";"))
        if not name:
            continue
        parameters, weight = {}, 1.0
        for parameter in rest:
            key, _, value = (each.strip() for each in parameter.partition("="))
            if key == "q":
                weight = _weight(value)
                break  # what follows are no parameters of the type
            if key:
                parameters[key] = value.strip('"')
        yield name, parameters, weight


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return min(weight, 1.0) if weight > 0.0 else 0.0  # NaN is not greater than 0


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
