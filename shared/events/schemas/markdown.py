"""The generator of docs/events.md: every event, its stream, its service and its fields."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.events.acceptance.receive import MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_SENT_BYTES
from shared.events.acceptance.validation import MAX_EVENT_BYTES
from shared.events.catalogue import CATALOGUE, EventType
from shared.events.payloads.payload import (
    DAY_PATTERN,
    DIGEST_PATTERN,
    ID_PATTERN,
    LINES_PATTERN,
    SHA256_PATTERN,
    Common,
)
from shared.events.schemas.field_descriptions import description_of
from shared.events.schemas.json_schema import data_schema, file_name
from shared.events.summary_digest import EXAMPLE, MEASURES_OF_RULES, RULES
from shared.vocabulary import Family

_COMMON = frozenset({*Common.model_fields, "occurred_on"})
_HEAD = """\
# The events

Generated from the code by `make schemas`; a test fails when it differs. Each event has a JSON
Schema in `shared/events/contract/`; `asyncapi.json` there describes the Redis streams.

An event is a [CloudEvent](https://github.com/cloudevents/spec) 1.0 in JSON with `specversion`,
`id`, `source`, `type`, `subject`, `time` and `data`; `datacontenttype`, `dataschema` and
`expectedversion` are optional, and an attribute that is null counts as absent. Once trust has
begun, `signature`, `signkey` and `signsalt` are required; before, they are refused. Its type is
`dvk.<EventName>.v<n>`. Required fields are **bold**; an optional field may be null.

An event that another ledger forwards states its place there: `originledger` (that ledger, named
like a source), `originposition`, `originchain` and `origintime` (position, `chain` and
`recordedtime` as its feed gives them), all four or none. They are part of the record, and neither
of the content nor of what the publisher signed. Such an event is taken if it is the next one of
its ledger, by position and by chain; one that was received before is answered again, and
`expectedversion` is not judged again. A gap is answered with `origin_gap`, another history with
`origin_forked`, and once trust has begun a request that the ledger did not sign with
`origin_unproved` ([publishing](publishing.md)).

On acceptance an event is normalised: every text and key to Unicode NFC, integral numbers to
integers, then to the canonical bytes of RFC 8785; these are the record. Numbers are integers within
±2^53, or have at most 3 decimals and 15 digits. Days are written YYYY-MM-DD, from the year 1000 on.
JSON is nested at most 64 levels deep. An event that breaks the contract is answered with a code of
[problems.md](problems.md) and a JSON pointer to each invalid place.

Titles and names have at most 500 characters on one line: no control characters, no line or
paragraph separators (Unicode categories Cc, Zl, Zp). Other texts have at most 8,000, where newline
and tab are the only control characters. A title or a reason has at least one visible character:
one that is no separator, control, format, private character or mark (Z, C, M), no Hangul filler and
no blank Braille.

A record has at most {record} KiB. An event as sent may be longer, by escapes, decomposed letters or
white space: {sent} KiB; a batch has at most {batch_events} events and {batch} MiB. Different
spellings are the same event and get the first answer again; so does an event recorded by an
earlier release with weaker validation. A byte-order mark before the JSON is skipped; UTF-16, UTF-32
and code pages are refused by name.
"""

_DIGEST = """\
## The digest of a summary

Every summary states a digest of its figures, and `PeriodClosed` repeats it: it fixes the figures
of a year as they were known at one position. It is `sha256:` and the hex digits of the SHA-256 of
the canonical form (RFC 8785: keys sorted, no spaces, UTF-8) of an object with seven members:
`unit_id` of the scope (null before a country exists), `map` as requested, `programme`,
`year`, `position` (of `known_at`), `rules` (the version of the counting rules, now {rules}) and
`measures` (exactly the measures of that version: {count} now). A closing is compared with the
summary of its unit and year under `map=recorded` for `dan_van_kheo` at its position, recomputed
from the log; a closing with another digest is refused (`closing_digest_differs`).

Version 1 counted the first twelve measures; version 2 added `evaluated`, `declined`, `replicated`
and `commended`, and changed none of the twelve. A closing with the digest of an earlier version
remains valid: its figures are those of its version, and `changed` compares these.

A summary then shows the closing in force: `position` and `digest` as stated, `rules` (the version
with this digest), `event_position` (the closing's own position), `measures` as closed, and
`changed`: whether `map=recorded` gives other figures at the position of the read; `closed_on`,
`recordedtime` and `documents` give the time and the document of the closing. A reopened year has no
closing; its `reopening` gives the time, the reason and the document.

One worked example ([as JSON](../shared/events/contract/summary-digest-example.json)), the bytes
and their digest:

```
{canonical}
```

```
{digest}
```
"""

_CLAIMS = """\
## Asserted figures

`GET /reconciliation` compares each `FigureAsserted` with the log under `map=recorded`, as known at
the position of the read. If they cannot be compared, it gives the first reason that applies:

- `unknown_metric`: the metric is no measure of a summary, is not named above for outcomes, and no
  outcome of any unit in the log has ever reported it. A metric is known from its first report on,
  even if that report was retracted since.
- `unknown_dimension`: a key is no dimension of a table, or no table has it together with the metric
  and the other keys. Outcomes have no dimensions.
- `stock`: the figure may not be summed over time. The period is `as_of`; or the metric was reported
  only as stocks, anywhere, or for that unit and period; or it counts distinct organisations or
  units (`recognized_organizations`, `inspected_units`) over several years, where the same one in
  two years would count twice.
- `unstated_period`: the period is not whole plan years, from a 1 January to a 31 December, both
  stated. A part of a year has no figure of its own, and is not compared with that of the year.
- `no_events`: for that unit, with all below it, and those years the log has no event from which the
  metric is counted: for measures of registrations a registration, or a discontinued or replicated
  model; for those of awards a granted award; for `commended` a commendation; for `inspected_units`
  an inspection; for outcomes one of that metric. If it has such events, but none of the requested
  kind, the figure is 0: awards without events are not compared with registrations.
"""

_TRUST = """\
## Who may speak

`GET /trust` gives the state of trust as known at a position: since when events are signed, the
realm, the roots, their threshold, and the digest to pin. The lists under it have the publishers,
their `grants` and `keys` (ended and revoked ones too), and the changes of roots that are `pending`.
`in_force` says whether a grant is in force on the day of knowledge. `GET /trust/suspects?key=` has
the events that a key signed from the position at which its revocation says that it is in doubt,
else from the position at which it was added; a page may have few items or none and still a `next`.
"""

_TAXONOMIES = """\
## Codes in tables

A table by `field`, `block` or `tier` uses the taxonomy in force for its scope on the last day of
the year. The codes of a registration are those of the taxonomy in force for its unit (as amended):
field and block on its own `occurred_on`, the tier on the `occurred_on` of its recognition, by which
the tier was validated. A taxonomy of tiers cannot be retracted while a tier that it validated is in
force and no other taxonomy in force there on that day has it.
"""

_FILES = """\
## Finding

`GET /find?q=` returns models, organisations, units, awards and decisions that have the words of
`q`: by kind (`groups`, or one `kind`), in `unit` and all below it on the `map`, as known at a
position (`known_at`). Accents, case and the kind of dash or apostrophe make no difference; every
word must be there, the last may be half typed (from two letters). A model has the words of its
title and of its owner's name, both as of its latest registration (of the latest `plan_year`, in
it the last recorded); an award those of its name, its form, the organisation that received it and
the unit of its recipient (every name that the unit has had, as known at the position; of more
than 200 units only those with the most words of `q`, so `xã` finds none by itself); a decision in
force those of its number (`15/QĐ-UBND` is also found by `15 qđ`). An owner has the name last
defined, so models follow it. What was recorded last comes first; of the newest 200 those with the
accents and numbers as typed (`05` and not `5`) come before the others, and first of these the
titles, names and numbers with no other word. `number` is exact up to 10,000, beyond
that `exact` is false; as many can be paged through. On the map of a day an entry is in the scope
in which its figures are on that day; on `recorded` it is in every unit that its own unit was ever
below.

As CSV, xlsx or docx (`format`, `lang`) the answer is a file with a row for each item, up to 10,000
of each kind; CSV with `limit` or `cursor` has the same items as that page.

## Lists as files

A list returns pages of at most 1,000 items with `next`. Requested as CSV (`format=csv`, or by
`Accept`), or with an explicit `format=json`, and without `limit` and `cursor`, it is a whole file:
all items, streamed, as known at one position and on one map, with a descriptive file name. With
`limit` or `cursor` it is one page, and `Link: rel=next` names the next. An error while a file is
sent closes the connection, so a file that ends normally is complete. This applies to every list of
the three services, to `/explain`, `/reconciliation` and the history of a model. A summary as CSV is
the table of its `by`, or without `by` one row of the scope.

CSV is that of RFC 4180 in UTF-8 with a byte-order mark; the separator is a comma.

- **Numbers** are formatted for the reader's language, without thousands separators: Vietnamese, the
  default, with a decimal comma (`"1,234"`), English with a point. The language is `lang=vi` or
  `lang=en`, else that of `Accept-Language`; `Content-Language` states it.
- **Without `lang`**, for programs: the columns have the names and the order of the contract,
  followed by the labels, `<column>_label` for a code and `unit_name` for a unit. Booleans are
  `true` and `false`, objects and lists are JSON.
- **With `lang`**, for people: headings and booleans are in that language, each label is next to its
  code, and objects are spread over columns.
- **Labels**: a unit has its name on the day of the row; a field, block, tier or form of award that
  of the taxonomy in force for the unit on that day; an organisation that of its last definition.
  A code without a label is its own label. Days are always YYYY-MM-DD.
- **Texts** that begin like a formula, also behind a semicolon, tab or line end (Excel in Vietnamese
  parts cells by semicolons), get an apostrophe there, so that no spreadsheet runs them. Ids are not
  changed: their pattern allows no formula with a call, and they are the same in CSV and in JSON.

CSV has no types, so a spreadsheet that opens such a file directly reads the id `00123` as 123 and
`1E5` as 100000, which the file cannot prevent. Import it instead (Data > From Text/CSV) and choose
Text for the columns of ids.
"""

Schema = Mapping[str, Any]


def events_page() -> str:
    """Return the page as Markdown."""
    parts: dict[str, Schema] = {}
    for event in CATALOGUE.values():
        parts.update(data_schema(event).get("$defs", {}))
    lines = [
        _HEAD.format(
            record=MAX_EVENT_BYTES >> 10,
            sent=MAX_SENT_BYTES >> 10,
            batch_events=MAX_BATCH_EVENTS,
            batch=MAX_BATCH_BYTES >> 20,
        ),
        "## Common fields\n",
        *_table(_only_common(data_schema(CATALOGUE["dvk.EventRetracted.v1"]))),
    ]
    for family in Family:
        lines += [f"## Events accepted by {family.value}\n"]
        for event in CATALOGUE.values():
            if family in event.families:
                lines += _event(event, family)
    lines.append(
        _DIGEST.format(
            rules=RULES,
            count=len(MEASURES_OF_RULES[RULES]),
            canonical=EXAMPLE.canonical().decode(),
            digest=EXAMPLE.digest(),
        )
    )
    lines += [_TAXONOMIES, _CLAIMS, _TRUST, _FILES, "## Parts\n", *_parts(parts)]
    return "\n".join(lines).rstrip() + "\n"


def _only_common(schema: Schema) -> Schema:
    fields = {name: field for name, field in schema["properties"].items() if name in _COMMON}
    general = {
        name: {**field, "description": description_of("", name)} for name, field in fields.items()
    }
    return {"properties": general, "required": ["occurred_on"]}


def _event(event: EventType, family: Family) -> list[str]:
    heading = f"### {event.name}"
    if len(event.families) > 1 and family is not Family.REGISTRY:
        return [heading, "\nAs above, for what this service accepted.\n"]
    schema = data_schema(event)
    own = {
        name: field
        for name, field in schema["properties"].items()
        if name not in _COMMON or (name in schema["required"] and name != "occurred_on")
    }
    stream = f"`{event.payload.STREAM}`" if event.payload.STREAM else "that of the event"
    return [
        heading,
        f"\n{schema['description']}\n",
        f"Type [`{event.type}`](../shared/events/contract/{file_name(event)}) · subject {stream}\n",
        *_table({"properties": own, "required": schema["required"]}),
    ]


def _table(schema: Schema) -> list[str]:
    required = schema.get("required", [])
    names = sorted(schema["properties"], key=lambda name: name not in required)
    rows = [
        f"| {f'**`{name}`**' if name in required else f'`{name}`'} "
        f"| {type_words(schema['properties'][name])} "
        f"| {schema['properties'][name]['description']} |"
        for name in names
    ]
    return ["| field | type | meaning |", "|---|---|---|", *rows, ""]


def _parts(parts: Mapping[str, Schema]) -> Iterable[str]:
    for name, part in sorted(parts.items()):
        if "enum" in part:
            codes = ", ".join(f"`{code}`" for code in part["enum"])
            yield from (f"### {name}", f"\n{part['description']}\n", f"One of {codes}.\n")
        elif "properties" in part:
            yield from (f"### {name}", f"\n{part['description']}\n", *_table(part))


_TEXTS = {"Title": "title", "Reason": "text with a visible character", "JsonValue": "any JSON"}
_WRITTEN = {
    ID_PATTERN: "id",
    LINES_PATTERN: "text",
    DAY_PATTERN: "day",
    SHA256_PATTERN: "64 hex digits",
    DIGEST_PATTERN: "`sha256:` and 64 hex digits",
}


def type_words(schema: Schema) -> str:
    """Return the type of a field in a few words."""
    match schema:
        case {"$ref": str(reference)}:
            part = reference.rpartition("/")[2]
            words = _TEXTS.get(part) or f"[{part}](#{part.lower()})"
        case {"anyOf": list(choices)}:
            words = " or ".join(type_words(c) for c in choices if c != {"type": "null"})
        case {"type": "string"}:
            words = _WRITTEN.get(schema["pattern"], f"`{schema['pattern']}`")
        case {"type": "array", "items": item}:
            words = f"list of {type_words(item)}"
        case {"type": "object", "patternProperties": patterns}:
            words = f"object of {' or '.join(type_words(value) for value in patterns.values())}"
        case {"type": "object", "additionalProperties": values}:
            words = f"object of {type_words(values)}"
        case {"type": "integer", "minimum": int(least)} if least < 0:
            words = "integer"
        case {"type": "integer", "minimum": least, "maximum": most}:
            words = f"integer, {least} to {most}"
        case _:
            words = str(schema.get("type", "any JSON"))
    return words
