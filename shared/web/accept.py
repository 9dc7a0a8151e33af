"""What a reader accepts, and how much they want it (RFC 9110, 12.4.2)."""


def weights(header: str) -> dict[str, float]:
    """Return the weight of each member of an `Accept` or `Accept-Language` header, in its order.

    An unstated weight is 1, an unreadable one 0; of a member named twice the larger counts.
    """
    found: dict[str, float] = {}
    for part in header.split(","):
        name, _, parameters = part.strip().partition(";")
        name = name.strip().lower()
        if name:
            found[name] = max(found.get(name, 0.0), _weight(parameters))
    return found


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
