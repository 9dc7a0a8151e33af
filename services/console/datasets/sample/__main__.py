"""Writes the sample as JSON Lines: `python -m services.console.datasets.sample > sample.jsonl`."""

import sys

import orjson

from services.console.datasets.sample import sample_events

for one in sample_events():
    sys.stdout.buffer.write(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE))
