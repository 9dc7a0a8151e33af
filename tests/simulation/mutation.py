"""Takes a protection out of this process: other functions stand in for those that protect.

Each function is named by its module and its name there. One that is not defined there any more is
an error, so that nobody is told of a protection that was moved.
"""

from __future__ import annotations

from functools import reduce
from importlib import import_module
from inspect import isfunction, signature
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Protection(NamedTuple):
    """One protection: what stands in for its functions, and how the suite must then fail.

    `instead` is by function (`"shared.bus.relay:Relay.step"`); the tests named in `red` must fail
    without it, and say something that matches `says`.
    """

    name: str
    instead: Mapping[str, Callable[..., Any]]
    red: tuple[str, ...]
    says: str


class Found(NamedTuple):
    """A function where it is looked up when it is called: an attribute of its module or class."""

    owner: Any
    name: str
    function: Callable[..., Any]


def found(named: str) -> Found:
    """Return the function of that name; raises `LookupError` when it is not defined there."""
    module, _, path = named.partition(":")
    *owners, name = path.split(".")
    try:
        owner = reduce(getattr, owners, import_module(module))
        function = vars(owner)[name]
    except (ImportError, AttributeError, KeyError):
        raise LookupError(f"there is no function {named}") from None
    if not isfunction(function) or (function.__module__, function.__qualname__) != (module, path):
        raise LookupError(f"{named} is no function that is defined there")
    return Found(owner, name, function)


def take_out(
    protection: Protection, put: Callable[[Any, str, Callable[..., Any]], None] = setattr
) -> None:
    """Put what does not protect in the place of what does, for as long as the process lives."""
    for named, instead in protection.instead.items():
        owner, name, function = found(named)
        if _kinds(function) != _kinds(instead):
            raise LookupError(f"{named} is called otherwise than what stands in for it")
        put(owner, name, instead)


def _kinds(function: Callable[..., Any]) -> list[Any]:
    return [parameter.kind for parameter in signature(function).parameters.values()]
