"""Evaluation: what committees decide.

It owns inspections, eligibility, review sessions, recognitions, awards and commendations. It
accepts the events of its family over HTTP and from its intake stream
(`shared.web.publishing`), and decides them (`domain`, on what `decider` folds) at the head of the
one log. The registrations that it judges it reads from that log; it never asks another service.
"""
