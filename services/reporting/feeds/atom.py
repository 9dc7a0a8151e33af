"""An Atom document (RFC 4287) of one page of a feed (RFC 5005)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.reporting.feeds.entries import FeedEntry

ATOM_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_TAG = "tag:dvk.example,2026"
"""The authority of the ids is a reserved name: they must not change with the ledger's address."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class AtomFeed:
    """A page of a feed; the addresses are absolute, `next` is that of older entries."""

    feed_id: str
    title: str
    author: str
    language: str
    updated: str
    page: str
    here: str
    first: str
    next: str | None
    kinds: dict[str, str]
    """The kinds in words."""


def entry_id(entry: FeedEntry) -> str:
    """Return the id of an entry, the same at any address of the ledger."""
    return f"{_TAG}:{entry.position}/{entry.subject}"


def atom(feed: AtomFeed, entries: Sequence[FeedEntry], root: str) -> bytes:
    """Return the document; `root` begins the addresses of the entries' pages."""
    top = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": feed.language})
    _text(top, "id", f"{_TAG}:feeds/{feed.feed_id}")
    _text(top, "title", feed.title)
    _text(top, "updated", feed.updated)
    _text(SubElement(top, "author"), "name", feed.author)
    _link(top, "self", feed.here, ATOM_TYPE)
    _link(top, "first", feed.first, ATOM_TYPE)
    _link(top, "alternate", feed.page, "text/html")
    if feed.next is not None:
        _link(top, "next", feed.next, ATOM_TYPE)
    for entry in entries:
        each = SubElement(top, "entry")
        _text(each, "id", entry_id(entry))
        _text(each, "title", entry.title)
        _text(each, "updated", entry.updated)
        SubElement(each, "category", {"term": entry.kind, "label": feed.kinds[entry.kind]})
        _text(each, "summary", "\n".join(entry.lines))
        _link(each, "alternate", f"{root}{entry.address}", "text/html")
    document: bytes = tostring(top, encoding="utf-8", xml_declaration=True)
    return document


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _NOT_XML.sub("\ufffd", text)


def _link(parent: Element, rel: str, address: str, type_: str) -> None:
    SubElement(parent, "link", {"rel": rel, "type": type_, "href": address})
