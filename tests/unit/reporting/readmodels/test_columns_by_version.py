"""The columns of each read model by version: a rebuild is due only when the version is raised."""

import hashlib
import json
from pathlib import Path

import pytest

from services.reporting.readmodels.catalog import Catalog
from shared.readmodel.protocol import ReadModel

NAME = "tests/golden/read_model_columns.json"
FILE = Path(__file__).parents[4] / NAME
MODELS = {model.name: model for model in Catalog().all()}


def entry(model: ReadModel) -> dict[str, object]:
    """Return the entry of a read model in the file: its version and a digest of its columns."""
    columns = sorted(
        f"{table.name}.{column.name} {column.type} {column.nullable} {column.primary_key}"
        for table in model.metadata.tables.values()
        for column in table.columns
    )
    digest = hashlib.sha256("\n".join(columns).encode()).hexdigest()
    return {"version": model.version, "columns": digest[:16]}


@pytest.mark.parametrize("name", MODELS)
def test_columns_change_only_with_the_version(name: str) -> None:
    now = entry(MODELS[name])
    kept = json.loads(FILE.read_text("utf-8")).get(name, {"version": 0})
    line = f'"{name}": {json.dumps(now)}'
    if now["version"] == kept["version"]:
        assert now == kept, f"the columns of {name} changed: raise its version, then update {NAME}"
    assert now == kept, f"the version of {name} changed: update {NAME} with {line}"


def test_the_file_has_no_other_read_models() -> None:
    assert json.loads(FILE.read_text("utf-8")).keys() == MODELS.keys()
