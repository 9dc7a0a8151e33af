"""The desk's signature on what it sends: from the moment when trust begins, without a restart."""

from collections.abc import Sequence

from shared.settings import Settings
from shared.trust.keys import SecretKey
from shared.trust.signing import Signer


def signer_of(settings: Settings) -> Signer | None:
    """Return the desk's signer where trust began and the desk has a key, else None.

    Raises `BrokenContract` for a key file that cannot be used.
    """
    realm = settings.kept_realm
    if settings.kept_trust is None or realm is None or not settings.signing_key.exists():
        return None  # before trust no signature is taken
    return Signer(SecretKey.load(settings.signing_key), realm)


class DeskSigner:
    """Signs once it can; raises `BrokenContract` for a key file that cannot be used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._signer = signer_of(settings)

    def signed(self, lines: Sequence[bytes]) -> Sequence[bytes]:
        """Return events signed, and as they are before trust begins."""
        if self._signer is None:
            self._signer = signer_of(self._settings)
        return lines if self._signer is None else self._signer.signed(lines)
