"""Reads one workbook in a process of its own: bytes on standard input, JSON on standard output.

    python -I -m services.lists.workbook.child '{"rows": 50000, …}' < list.xlsx

It limits itself before it imports a parser. What it refuses is answered as {"problem": code,
"params": …}; any other end is for its parent to explain.
"""

import gc
import json
import os
import resource
import sys
import warnings
from io import BytesIO

from services.lists.workbook.limits import LIMITS, WorkbookLimits


def main() -> None:
    """Read standard input, write the workbook or the problem."""
    limits = WorkbookLimits(**json.loads(sys.argv[1])) if len(sys.argv) > 1 else LIMITS
    _limit(limits)
    gc.disable()  # nothing is thrown away before the process ends
    # numpy and lxml are not needed here, and cost half the start and a third of the memory.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    os.environ["OPENPYXL_LXML"] = "False"
    warnings.simplefilter("ignore")
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read(), limits))


def answer(content: bytes, limits: WorkbookLimits) -> bytes:
    """Return the workbook or the problem as JSON."""
    # Imported late: the limits hold before a parser is loaded.
    import orjson  # noqa: PLC0415

    from services.lists.workbook.package import WorkbookPackage  # noqa: PLC0415
    from services.lists.workbook.problems import UNREADABLE  # noqa: PLC0415
    from shared.errors import LedgerError, Problem  # noqa: PLC0415

    try:
        return orjson.dumps(WorkbookPackage(BytesIO(content), limits).content())
    except MemoryError:
        raise  # the parent says so
    except LedgerError as error:
        problem = error.problem
    except Exception as error:  # noqa: BLE001  a parser may raise anything; the file is unreadable
        problem = Problem(UNREADABLE, {"where": f"{type(error).__name__}: {error}"[:200]})
    return orjson.dumps({"problem": problem.rule.code, "params": dict(problem.params)})


def _limit(limits: WorkbookLimits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    seconds = limits.processor_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
