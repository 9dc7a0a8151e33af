"""What every writing service needs to decide: the contract's row "any", and streams as states.

It is a package of its own because it stands between the log and the three domains: the rules in
`naming`, `coding`, `registrations` and `retracting` are contract and pure, so that every domain
may import them; `streams` and `decider` are plumbing over the log's ports. Nothing here names a
service.
"""
