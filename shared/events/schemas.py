"""Writes the files of the contract from the code: `python -m shared.events.schemas`.

One JSON Schema for each version of an event, the AsyncAPI document, and docs/events.md; a test
fails when the committed files differ from what this would write.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.events.attributes import (
    ID_PATTERN,
    REQUIRED,
    SOURCE_PATTERN,
)
from shared.events.catalogue import CATALOGUE, EventType
from shared.events.descriptions import description_of

FOLDER = Path(__file__).parent / "contract"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
