"""Growing arrays: the cached columns of a year are only ever appended to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Growing:
    """An array with amortised append: its capacity doubles."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._room = np.zeros(1_024, dtype)
        self.size = 0

    def append(self, values: NDArray[Any]) -> None:
        """Append values."""
        needed = self.size + len(values)
        if needed > len(self._room):
            larger = np.zeros(max(needed, 2 * len(self._room)), self._room.dtype)
            larger[: self.size] = self._room[: self.size]
            self._room = larger
        self._room[self.size : needed] = values
        self.size = needed

    @property
    def values(self) -> NDArray[Any]:
        """Return what was appended so far."""
        return self._room[: self.size]

    @property
    def nbytes(self) -> int:
        """Return the bytes held."""
        return int(self._room.nbytes)
