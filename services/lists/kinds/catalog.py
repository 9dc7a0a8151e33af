"""Every kind of list by its name, in the order in which a year needs them."""

from collections.abc import Mapping

from services.lists.kinds.awards import AWARDS
from services.lists.kinds.figures import FIGURES
from services.lists.kinds.inspections import INSPECTIONS
from services.lists.kinds.kind import ListKind
from services.lists.kinds.outcomes import OUTCOMES
from services.lists.kinds.plans import PLANS
from services.lists.kinds.recognitions import RECOGNITIONS
from services.lists.kinds.registrations import REGISTRATIONS
from services.lists.kinds.reviews import REVIEWS

KINDS: Mapping[str, ListKind] = {
    kind.name: kind
    for kind in (
        REGISTRATIONS,
        REVIEWS,
        RECOGNITIONS,
        AWARDS,
        OUTCOMES,
        PLANS,
        INSPECTIONS,
        FIGURES,
    )
}
