# Everything that is done to this repository, by name. Only Python 3.11 or later and make are
# needed: pip brings uv, and hatchling for the wheel, into .bootstrap/; all else comes from uv.lock
# into .venv/.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run demo test test-all bench bench-quick fuzz lint format schemas golden-event lock \
  clean

BIN := .venv/bin
BOOT := .bootstrap/bin
INSTALLED := .venv/.installed
PEERS := .venv/.peers

# A wheel with Redis exists for 3.11 and 3.12: those are preferred, any later one serves.
find_python = for python in python3 python3.12 python3.11; do \
	  $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null \
	  && echo $$python && exit; done; \
	for python in python3 python3.13 python3.14; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  && echo $$python && exit; done
PYTHON ?= $(shell $(find_python))

export UV_PYTHON_DOWNLOADS := never
# What Python compiles is kept, even where the machine says otherwise (images of containers often
# do): a service starts in half the time, and tests start services by the hundred.
unexport PYTHONDONTWRITEBYTECODE
# One worker more than there are cores, for many tests wait for processes; each starts a Redis and
# a PostgreSQL of its own: a few are enough.
WORKERS := $(shell $(PYTHON) -c 'import os; print(min(os.cpu_count() + 1, 5))')
# The folders in their order: what runs long (browser, e2e, faults) comes first, and the many short
# files of tests/unit at the end leave no worker idle.
PYTEST = $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

help: ## List what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

install: $(INSTALLED) ## Install everything into .venv (the others do it by themselves)

run: $(INSTALLED) ## Start Redis, the three services and the sample; print the dashboard's address
	@$(BIN)/dvk up

demo: $(INSTALLED) ## The same, then compare the sample with the published figures and stop
	@$(BIN)/dvk demo

test: $(INSTALLED) ## Run the tests, with a real Redis and a real PostgreSQL
	@$(PYTEST) -m "not slow"

test-all: $(INSTALLED) ## Run the tests with the slow ones
	@$(PYTEST)

bench: $(PEERS) ## Measure every path beside its peer (eighteen minutes), and write docs/benchmarks.md
	@$(BIN)/python -m tests.benchmarks --write docs/benchmarks.md

bench-quick: $(PEERS) ## The same with little data, in two minutes; writes nothing
	@$(BIN)/python -m tests.benchmarks --quick

FUZZ_SECONDS ?= 300
fuzz: $(INSTALLED) .fuzz/.installed ## Fuzz the door with Atheris, FUZZ_SECONDS long (Linux only)
	@mkdir -p var/fuzz
	@PYTHONPATH=.:.fuzz $(BIN)/python -m tests.fuzz.fuzz_door \
	  var/fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=70000 -artifact_prefix=var/

lint: $(INSTALLED) ## Check style, types and who imports whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(INSTALLED) ## Rewrite the code in the one style
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

schemas: $(INSTALLED) ## Write the generated contract files again
	@$(BIN)/python -m shared.events.schemas
	@$(BIN)/python -m services.console.write_contract

golden-event: $(INSTALLED) ## Append the event in FILE to the golden corpus, through the door
	@$(BIN)/python -m tests.golden.append $(if $(FILE),"$(FILE)")

lock: $(BOOT)/uv ## Resolve the dependencies again into uv.lock, from the public index only
	@env -u UV_INDEX -u UV_DEFAULT_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
	  $(BOOT)/uv lock --no-config --python $(BOOT)/python

clean: ## Remove what was installed and built; var/, where the data lies, stays
	@rm -rf .bootstrap .venv dist test-artifacts .mypy_cache .ruff_cache .pytest_cache \
	  .hypothesis .import_linter_cache .fuzz
	@find services shared tests -name __pycache__ -prune -exec rm -rf {} +

$(BOOT)/uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: install it, or say where it is: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; $(PYTHON) is `$(PYTHON) --version`" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .bootstrap
	@$(BOOT)/python -m pip install --quiet uv 'hatchling>=1.27'

.fuzz/.installed: $(BOOT)/uv uv.lock
	@$(BOOT)/uv export --quiet --frozen --no-config --only-group fuzz --python $(BOOT)/python \
	  --output-file .bootstrap/fuzz.txt
	@$(BOOT)/python -m pip install --quiet --require-hashes --requirement .bootstrap/fuzz.txt \
	  --target .fuzz
	@touch $@

# uv reads the public addresses of uv.lock. A machine whose pip is told to use another index gets
# the same locked versions through pip and its configuration, none of which is written down here.
$(INSTALLED): $(BOOT)/uv pyproject.toml uv.lock
	@echo "Installing what uv.lock lists into .venv/"
	@if $(BOOT)/python -m pip config list | grep '\.index-url=' >/dev/null \
	  || ! $(BOOT)/uv sync --quiet --frozen --no-config --python $(BOOT)/python; \
	then $(MAKE) --no-print-directory install-with-pip; fi
	@touch $@

.PHONY: install-with-pip
install-with-pip:
	@echo "Installing with pip, as this machine's configuration says"
	@$(BOOT)/uv export --quiet --frozen --no-config --no-emit-project --python $(BOOT)/python \
	  --output-file .bootstrap/requirements.txt
	@$(BOOT)/python -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement .bootstrap/requirements.txt
	@$(BIN)/python -m pip install --quiet --no-deps --editable .

# What is measured beside us, into the same .venv/ and by the same lock.
$(PEERS): $(INSTALLED)
	@echo "Installing the peers that are measured beside us"
	@if $(BOOT)/python -m pip config list | grep '\.index-url=' >/dev/null \
	  || ! $(BOOT)/uv sync --quiet --frozen --no-config --group bench --python $(BOOT)/python; \
	then \
	  $(BOOT)/uv export --quiet --frozen --no-config --no-emit-project --only-group bench \
	    --python $(BOOT)/python --output-file .bootstrap/peers.txt \
	  && $(BIN)/python -m pip install --quiet --require-hashes --requirement .bootstrap/peers.txt; \
	fi
	@touch $@
