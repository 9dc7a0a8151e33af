"""All services, imported by the process from which each of them is forked."""

import gc
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # no service calls it, and its threads outlive no fork
gc.disable()  # collecting garbage while importing would take a fifth of the start

from setproctitle import setproctitle  # noqa: E402

import services.evaluation.app  # noqa: E402
import services.lists.app  # noqa: E402
import services.registry.app  # noqa: E402
import services.reporting.app  # noqa: E402
import services.sealer.app  # noqa: E402, F401

setproctitle("dvk up: the parent of the services")
gc.freeze()
gc.enable()
