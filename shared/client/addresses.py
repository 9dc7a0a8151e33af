"""The addresses of the three services: three ports in a row, or one address with prefixes."""

from dataclasses import dataclass

import httpx

from shared.vocabulary import Family

PORTS = 4
"""Reporting, registry, evaluation and lists listen on so many ports in a row."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The address of each service, without a trailing slash."""

    reporting: str
    registry: str
    evaluation: str
    lists: str = ""
    """The list desk: a publisher, so it accepts no events and is not among `named`."""

    def of(self, family: Family) -> str:
        """Return the address of the service that accepts a family of events."""
        match family:
            case Family.REGISTRY:
                return self.registry
            case Family.EVALUATION:
                return self.evaluation
            case Family.REPORTING:
                return self.reporting

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return (name, address) of each service that accepts events."""
        return (
            ("registry", self.registry),
            ("evaluation", self.evaluation),
            ("reporting", self.reporting),
        )


def on_ports(host: str, port: int) -> Addresses:
    """Return the addresses of services that listen on a port and the next three."""
    reach = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  compared, not bound
    reach = f"[{reach}]" if ":" in reach else reach
    return Addresses(*(f"http://{reach}:{port + step}" for step in range(PORTS)))


def behind_proxy(url: str) -> Addresses:
    """Return the addresses of services behind one proxy, each under its prefix."""
    root = url.rstrip("/")
    return Addresses(root, f"{root}/registry", f"{root}/evaluation", f"{root}/lists")


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach a host."""
    return host in {"127.0.0.1", "localhost", "::1"}


def addresses_at(url: str, client: httpx.Client) -> Addresses:
    """Find the services from one address: behind a proxy by prefix, else on ports in a row.

    Only a proxy answers for the health of the registry under the prefix `/registry`, or says that
    the registry is away (5xx).
    """
    proxied = behind_proxy(url)
    root = proxied.reporting
    try:
        health = client.get(f"{proxied.registry}/healthz")
        if health.is_success or health.is_server_error:
            return proxied
    except httpx.TransportError:
        pass
    parsed = httpx.URL(root)
    if parsed.port is None:
        return proxied
    others = (str(parsed.copy_with(port=parsed.port + step)) for step in range(1, PORTS))
    return Addresses(root, *(address.rstrip("/") for address in others))
