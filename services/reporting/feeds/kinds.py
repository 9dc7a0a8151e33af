"""The kinds of entries of a feed; a new kind is added only here.

Every event of the log belongs to exactly one kind.
"""

from enum import StrEnum


class FeedKind(StrEnum):
    """The kinds, as `of=` names them."""

    CHANGES = "changes"
    DECISIONS = "decisions"
    CLOSINGS = "closings"


_KIND_OF = {
    "PeriodClosed": FeedKind.CLOSINGS,
    "PeriodReopened": FeedKind.CLOSINGS,
    **dict.fromkeys(
        (
            "ModelRecognized",
            "RecognitionDeclined",
            "RecognitionRevoked",
            "AwardGranted",
            "AwardDeclined",
            "AwardRevoked",
            "ExemplarCommended",
        ),
        FeedKind.DECISIONS,
    ),
}
"""The kinds of events by name; all others are changes."""


def kind_of(name: str) -> FeedKind:
    """Return the kind of an event by its name in the contract, such as `AwardGranted`."""
    return _KIND_OF.get(name, FeedKind.CHANGES)
