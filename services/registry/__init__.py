"""The registry service: what units promise.

It owns the map of administrative units, organisations, taxonomies, plans, registrations of models
and their outcomes. It accepts the events of its family over HTTP and from its intake stream
(`shared.web.publishing`), decides them at the head of the one log (the rules in `domain`, on the
state folded by `decider`), and serves the feed of that log. It never calls another service: it
reads what it needs from the log.
"""
