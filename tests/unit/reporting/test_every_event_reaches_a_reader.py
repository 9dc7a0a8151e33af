"""Whatever a publisher may say, some read model takes it in and some page or list shows it."""

from services.reporting.readmodels.catalog import Catalog
from shared.events.catalogue import CATALOGUE
from shared.vocabulary.event_words import WORDS_OF_EVENTS


def test_every_type_of_event_is_taken_in_by_a_read_model() -> None:
    taken = {name for model in Catalog().all() for name in model.events}
    accepted = {event.name for event in CATALOGUE.values()}
    assert accepted - taken == set(), "accepted for ever, and shown to nobody"
    assert taken - accepted == set(), "no such event"


def test_every_type_of_event_has_words_on_the_pages() -> None:
    assert {event.name for event in CATALOGUE.values()} - set(WORDS_OF_EVENTS) == set()
