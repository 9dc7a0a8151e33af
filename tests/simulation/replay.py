"""`python -m tests.simulation.replay <seed>` lives one seed again and prints every step of it."""

from __future__ import annotations

import argparse
import logging
import sys
from hashlib import sha256

from tests.simulation.seeds import told
from tests.simulation.without import take_out_chosen
from tests.simulation.world import Simulation


def main() -> int:
    """Print the trace, its digest, and what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    logging.disable(logging.CRITICAL)  # the trace says it
    take_out_chosen()
    simulation = Simulation(parser.parse_args().seed)
    findings = simulation.run()
    for line in simulation.trace:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"digest {digest_of(simulation)}\n")
    if findings:
        sys.stdout.write(f"{told(simulation.seed, findings)}\n")
    return bool(findings)


def digest_of(simulation: Simulation) -> str:
    """Return the SHA-256 of a trace."""
    return sha256("\n".join(simulation.trace).encode()).hexdigest()


if __name__ == "__main__":
    raise SystemExit(main())
