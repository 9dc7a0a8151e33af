"""Writes the bill of materials of the product: CycloneDX, the same bytes for the same lock.

The list is uv's, with the hashes of every file; of it the random number and the time are replaced,
and licences are added as the installed packages state them.
"""

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any
from uuid import NAMESPACE_URL, uuid5

_LONGEST_NAME = 100


def bill_of_materials(uv: str) -> dict[str, Any]:
    """Return the bill of what the image has, which is the product with the extra `archive`."""
    command = [uv, "export", "--quiet", "--frozen", "--no-config", "--no-dev", "--extra", "archive",
               "--format", "cyclonedx1.5", "--preview-features", "sbom-export"]  # fmt: skip
    run = subprocess.run(command, capture_output=True, check=True)
    bill: dict[str, Any] = json.loads(run.stdout)
    del bill["metadata"]["timestamp"]
    for component in bill["components"]:
        licences = _licences(component["name"])
        if licences:
            component["licenses"] = licences
    listed = json.dumps([bill["components"], bill["dependencies"]], sort_keys=True)
    bill["serialNumber"] = f"urn:uuid:{uuid5(NAMESPACE_URL, listed)}"
    return bill


def _licences(name: str) -> list[dict[str, Any]]:
    """Return the licence that an installed package states, nothing for one of other machines."""
    try:
        stated = metadata(name)
    except PackageNotFoundError:
        return []
    if expression := stated.get("License-Expression"):
        return [{"expression": expression}]
    classified = [
        each.rpartition(" :: ")[2]
        for each in stated.get_all("Classifier", [])
        if each.startswith("License :: ") and each.count(" :: ") > 1
    ]
    named = classified or [stated.get("License") or ""]
    return [{"license": {"name": each}} for each in named if 0 < len(each) < _LONGEST_NAME]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(bill_of_materials(sys.argv[1]), indent=1, sort_keys=True) + "\n")
