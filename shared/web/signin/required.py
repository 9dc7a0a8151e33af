"""Sign-in is required from the beginning of trust on, for ever; before it by the setting."""

from collections.abc import Callable

from shared.settings import Settings


class SignInRequired:
    """Says so for a running service; it never changes back.

    `has_begun` returns whether trust has begun in the log, as the service knows it now. It is not
    asked where the setting requires sign-in, or the beginning of trust is pinned.
    """

    def __init__(self, settings: Settings, has_begun: Callable[[], bool]) -> None:
        self._has_begun = has_begun
        self._is_required = settings.require_sign_in or settings.trust is not None

    def __call__(self) -> bool:
        """Return whether a route that is not public needs a session."""
        # It is kept: a decider that starts again knows nothing of trust for a moment.
        if not self._is_required:
            self._is_required = self._has_begun()
        return self._is_required
