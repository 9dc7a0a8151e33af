"""Holds uv.lock against the published advisories (OSV); one loud line if they cannot be reached.

`uv audit` reads the lock itself, so nothing is installed and nothing else is trusted.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

SECONDS = 20
_FOUND = 1
SKIPPED = "NOT CHECKED: advisories of dependencies cannot be reached ({reason}). Lint again with a network."


def audited(
    uv: str, more: Sequence[str] = (), environment: Mapping[str, str] = os.environ
) -> tuple[int, str]:
    """Return the exit code for `make lint`, and what is said; only an advisory fails."""
    command = [
        uv,
        "audit",
        "--quiet",
        "--frozen",
        "--no-config",
        "--preview-features",
        "audit",
        *more,
    ]
    try:
        run = subprocess.run(
            command,
            env={**environment, "UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": "5"},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 0, SKIPPED.format(reason=type(error).__name__)
    if run.returncode in {0, _FOUND}:
        return run.returncode, run.stdout + run.stderr
    last = run.stderr.strip().splitlines() or ["no reason given"]
    return 0, SKIPPED.format(reason=last[-1].strip())


if __name__ == "__main__":
    code, said = audited(sys.argv[1])
    sys.stderr.write(said and f"{said.rstrip()}\n")
    sys.exit(code)
