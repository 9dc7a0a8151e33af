"""The registry: what units promise.

It owns the map of administrative units, organisations, taxonomies, plans, registrations of models
and their outcomes. It accepts the events of its family over HTTP and from its intake stream
(`shared.web.publishing`), decides them (`domain`, on what `decider` folds) at the head of the one
log, and gives everybody the feed of that log. It never asks another service: what it needs to know
it reads from the log.
"""
