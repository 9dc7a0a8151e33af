"""docs/events.md, written from the code: every event, its stream, its service and its fields."""

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

Written from the code by `make schemas`; a test fails when it differs. Each event has a JSON Schema
in `shared/events/contract/`, and `asyncapi.json` beside them describes the Redis streams.

An event is a [CloudEvent](https://github.com/cloudevents/spec) 1.0 in JSON with `specversion`,
`id`, `source`, `type`, `subject`, `time` and `data`; `datacontenttype`, `dataschema` and
`expectedversion` are optional, and an attribute that is null counts as not sent. Its type is
`dvk.<EventName>.v<n>`. Required fields are **bold**; an optional field may be null.

What the door makes of an event: every text and key in Unicode NFC, integral numbers as integers,
then the canonical bytes of RFC 8785; they are the record. Numbers are integers within ±2^53, or
have at most 3 decimals and 15 digits. Days are written YYYY-MM-DD, from the year 1000 on. JSON is
nested at most 64 levels deep. What breaks the contract is answered with a code of
[problems.md](problems.md) and a JSON pointer to each wrong place.

Titles and names have at most 500 characters on one line: no control characters, no line or
paragraph separators (Unicode categories Cc, Zl, Zp). Other texts have at most 8,000, where newline
and tab are the only control characters. On a title, and in a reason, something is visible: not only
separators, controls, formats, private characters and marks (Z, C, M), Hangul fillers or blank
Braille.

A record has at most {record} KiB. An event may be longer as it is sent, by escapes, decomposed
letters or white space: {sent} KiB; a batch has at most {batch_events} events and {batch} MiB.
However it is spelled it is the same event and gets its first answer; so does what stands in the log
from an earlier release, whose door asked for less. A byte-order mark before the JSON is passed
over; UTF-16, UTF-32 and code pages are refused by name.
"""

_DIGEST = """\
## The digest of a summary

Every summary states a digest of its figures, and `PeriodClosed` repeats it: it fixes the figures
of a year as they were known at one position. It is `sha256:` and the hex digits of the SHA-256 of
the canonical form (RFC 8785: keys sorted, no spaces, UTF-8) of an object with seven members:
`unit_id` of the scope (null before there is a country), `map` as it was asked for, `programme`,
`year`, `position` (of `known_at`), `rules` (the version of the counting rules, now {rules}) and
`measures` (exactly the measures of that version: {count} now). A closing is held against the
summary of its unit and year under `map=recorded` for `dan_van_kheo` at the position that it states,
computed again from the log; one that states another digest is refused (`closing_digest_differs`).

Version 1 counted the first twelve measures; version 2 added `evaluated`, `declined`, `replicated`
and `commended`, and changed none of the twelve. A closing that states the digest of an earlier
version stands as it was made: its figures are those of its version, and `changed` compares these.

A summary then shows the closing in force: `position` and `digest` as stated, `rules` (the version
that gives this digest), `event_position` where the closing itself stands, `measures` as closed, and
`changed`: whether `map=recorded` says anything else of them as known at the position of the read;
`closed_on`, `recordedtime` and `documents` say when and by which document. A reopened year has no
closing again; its `reopening` says when, why and by which document.

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
## Asserted figures beside the log

`GET /reconciliation` compares each `FigureAsserted` with the log under `map=recorded`, as known at
the position of the read. The first reason that applies is told:

- `unknown_metric`: it is no measure of a summary, is not named above for outcomes, and no outcome
  in the log has ever reported it, of whatever unit. A metric is known from its first report on;
  that the report was taken back since does not make it unknown again.
- `unknown_dimension`: a key is no dimension of a table, or no table has it together with the metric
  and the other keys. Outcomes have none.
- `stock`: it may not be summed over time. The period is `as_of`; or of the metric only stocks were
  reported, anywhere, or of that unit and period; or it counts different organisations or units
  (`recognized_organizations`, `inspected_units`) over several years, where one that comes again
  would count twice.
- `unstated_period`: it is not of whole plan years, from a 1 January to a 31 December, both stated.
  A part of a year has no figure of its own, and is not compared with that of the whole.
- `no_events`: of that unit, with all below it, and of those years nothing stands from which the
  metric is counted: for measures of registrations a registration, or a model that was discontinued
  or replicated; for those of awards an award that was granted; for `commended` a commendation; for
  `inspected_units` an inspection; for outcomes one of that metric. Where there is such a thing,
  none of the kind that is asked for is 0: an award that no event tells of is not compared with
  registrations.
"""

_TAXONOMIES = """\
## Codes in tables

A table by `field`, `block` or `tier` speaks the taxonomy in force for its scope on the last day of
the year. What a registration says was said in the taxonomy in force for its unit (as amended): its
field and block in that of its own `occurred_on`, its tier in that of the `occurred_on` of its
recognition, which is the one that the tier was judged by. A taxonomy of tiers is not taken back
while a tier stands that it has judged and no other in force there on that day names.
"""

_FILES = """\
## Lists as files

A list answers pages of at most 1,000 items with `next`. Asked for as CSV (`format=csv`, or by
`Accept`), or as `format=json` where that is stated, without `limit` and `cursor` it is a whole
file: everything that it names, streamed, as known at one position and on one map, under a file
name that says what it is. With `limit` or `cursor` it stays one page, and `Link: rel=next` names
the next. What fails while a file is sent breaks the connection off: a file that was ended is
whole. So it is with every list of the three services, with `/explain`, `/reconciliation` and the
history of a model. A summary as CSV is the one table of its `by`, or without `by` one row of the
scope.

CSV is that of RFC 4180 in UTF-8 with a byte-order mark; the separator is a comma.

- **Numbers** are written as the reader's language writes them, without separators of thousands:
  Vietnamese, the default, with a decimal comma (`"1,234"`), English with a point. The language is
  `lang=vi` or `lang=en`, else that of `Accept-Language`; `Content-Language` says which it was.
- **Without `lang`**, for programs: the columns bear the names of the contract and stand in its
  order; behind them stand labels, `<column>_label` for the words of a code and `unit_name` for
  the name of a unit. Booleans are `true` and `false`, objects and lists JSON.
- **With `lang`**, for people: headings and booleans in that language, each label right beside
  its code, objects spread over columns.
- **Labels**: a unit is called as on the day of the row, a field, block, tier or form of award by
  the taxonomy in force for the unit on that day, an organisation as last defined. A code that
  has no words stands for itself. Days are always YYYY-MM-DD.
- **Texts** that begin like a formula get an apostrophe in front, so that no spreadsheet runs
  them. Ids never do: their pattern cannot be a formula that calls anything, and they are the same
  in CSV and in JSON.

CSV says nothing of types, so a spreadsheet that opens such a file directly takes the id `00123`
for 123 and `1E5` for 100000, and nothing in the file can stop it. Import it instead (Data > From
Text/CSV) and choose Text for the columns of ids.
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
    lines += [_TAXONOMIES, _CLAIMS, _FILES, "## Parts\n", *_parts(parts)]
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


_TEXTS = {"Title": "title", "Reason": "text with something visible", "JsonValue": "any JSON"}
_WRITTEN = {
    ID_PATTERN: "id",
    LINES_PATTERN: "text",
    DAY_PATTERN: "day",
    SHA256_PATTERN: "64 hex digits",
    DIGEST_PATTERN: "`sha256:` and 64 hex digits",
}


def type_words(schema: Schema) -> str:
    """Return what a field holds, in a few words."""
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
