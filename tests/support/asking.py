"""One client for what tests ask of services: each `httpx.get` would read all certificates anew."""

import httpx

ASKING = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False)
"""No connection is kept, for services are killed; nothing here is behind a proxy."""
