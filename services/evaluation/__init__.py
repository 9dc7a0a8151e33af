"""The evaluation service: what committees decide.

It owns inspections, eligibility, review sessions, recognitions, awards and commendations. It
accepts the events of its family over HTTP and from its intake stream (`shared.web.publishing`),
and decides them at the head of the one log (the rules in `domain`, on the state folded by
`decider`). It reads the registrations it evaluates from that log, never from another service.
"""
