"""The files of subscriptions under `DVK_HOME`: `subscriptions.toml` and `webhooks.toml`."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.console.local.data_directory import CannotStart
from shared.errors import Language
from shared.events.payloads.payload import ID_PATTERN

if TYPE_CHECKING:
    from pathlib import Path

DIGESTS_FILE = "subscriptions.toml"
WEBHOOKS_FILE = "webhooks.toml"
Kind = Literal["changes", "decisions", "closings"]
"""The kinds of events."""
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
_Unit = Annotated[str, Field(pattern=ID_PATTERN)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DigestSubscription(_Strict):
    """A digest for one address; `name` identifies its cursor."""

    name: _Name
    address: Annotated[str, Field(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$")]
    unit: _Unit
    lang: Language = "vi"
    every: Literal["day", "week"] = "day"
    of: list[Kind | Literal["signals"]] = []

    @property
    def events(self) -> list[Kind] | None:
        """Return the kinds of events, all if empty; None: no events."""
        kinds = [each for each in self.of if each != "signals"]
        return kinds if kinds or not self.of else None

    @property
    def signals(self) -> bool:
        """Say whether it has signals too."""
        return not self.of or "signals" in self.of


class WebhookSubscription(_Strict):
    """A webhook; `types` are names of events, all if empty; `after` is where a new one begins."""

    name: _Name
    url: Annotated[str, Field(max_length=2048)]
    unit: _Unit
    secret_file: str
    of: list[Kind] = []
    types: list[str] = []
    after: int | None = None


class DigestsFile(_Strict):
    """The contents of `subscriptions.toml`."""

    subscription: list[DigestSubscription] = []


class WebhooksFile(_Strict):
    """The contents of `webhooks.toml`; `allow_loopback` is for tests on one machine."""

    allow_loopback: bool = False
    webhook: list[WebhookSubscription] = []


_File = TypeVar("_File", DigestsFile, WebhooksFile)


def read_digests(home: Path) -> DigestsFile:
    """Return the digests; raises `CannotStart` for a missing or wrong file."""
    found = _read(home / DIGESTS_FILE, DigestsFile)
    _require_distinct(home / DIGESTS_FILE, [each.name for each in found.subscription])
    return found


def read_webhooks(home: Path) -> WebhooksFile:
    """Return the webhooks; raises `CannotStart` for a missing or wrong file."""
    found = _read(home / WEBHOOKS_FILE, WebhooksFile)
    _require_distinct(home / WEBHOOKS_FILE, [each.name for each in found.webhook])
    return found


def _read(path: Path, kind: type[_File]) -> _File:
    try:
        return kind.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise CannotStart(
            f"Chưa có tệp {path}. Cách viết: docs/subscriptions.md.",
            f"There is no file {path}. How to write it: docs/subscriptions.md.",
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        _refuse(path, f"{place}: {first['msg']}")
    except (OSError, ValueError) as error:
        _refuse(path, str(error))
    raise AssertionError  # `_refuse` always raises


def _require_distinct(path: Path, names: list[str]) -> None:
    if len(set(names)) < len(names):
        _refuse(path, "name: must differ")


def _refuse(path: Path, reason: str) -> None:
    raise CannotStart(
        f"Tệp {path} viết chưa đúng: {reason}.", f"The file {path} is not right: {reason}."
    ) from None
