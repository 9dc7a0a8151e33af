# All commands of this repository. Only Python 3.11 or later and make are needed: pip installs uv,
# and hatchling for the wheel, into .bootstrap/; everything else comes from uv.lock into .venv/.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run demo test test-thorough test-all bench bench-quick fuzz lint format schemas golden-event lock \
  sbom pictures check-kubernetes check-compose clean

BIN := .venv/bin
BOOT := .bootstrap/bin
INSTALLED := .venv/.installed
PEERS := .venv/.peers
CLUSTER := .venv/.cluster

# A wheel with Redis exists for 3.11 and 3.12: those are preferred, but later ones work.
find_python = for python in python3 python3.12 python3.11; do \
	  $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null \
	  && echo $$python && exit; done; \
	for python in python3 python3.13 python3.14; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  && echo $$python && exit; done
PYTHON ?= $(shell $(find_python))

export UV_PYTHON_DOWNLOADS := never
# Compiled once when installed, not by each of the first processes at the same time.
export UV_COMPILE_BYTECODE := 1
# Bytecode is kept, even if the machine's configuration disables it (container images often do):
# a service starts in half the time, and tests start hundreds of services.
unexport PYTHONDONTWRITEBYTECODE
# One worker more than there are cores, since many tests wait for processes; each starts its own
# Redis and PostgreSQL, so a few are enough.
WORKERS := $(shell $(PYTHON) -c 'import os; print(min(os.cpu_count() + 1, 5))')
# The folders in order: long tests (browser, e2e, faults) come first, and the many short files of
# tests/unit at the end leave no worker idle.
PYTEST = $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-16s %s\n", $$1, $$2}' Makefile

install: $(INSTALLED) ## Install everything into .venv (the other commands call it)

run: $(INSTALLED) ## Start Redis, the four services and the sample; print the dashboard's address
	@$(BIN)/dvk up

demo: $(INSTALLED) ## Run, compare the sample with the published figures, and stop
	@$(BIN)/dvk demo

test: $(INSTALLED) ## Run the tests, with a real Redis and a real PostgreSQL
	@$(PYTEST) -m "not slow and not thorough"

test-thorough: $(INSTALLED) ## Repeat rules of `make test` with more seeds and data, and on the second database
	@$(PYTEST) -m "thorough and not slow"

test-all: $(INSTALLED) $(CLUSTER) ## Run all tests, including the slow ones
	@$(PYTEST)

pictures: $(INSTALLED) ## Take the pictures of the documents in a browser again
	@$(BIN)/python -m tests.browser.take_pictures

bench: $(PEERS) ## Compare with other systems (eighteen minutes), and write docs/benchmarks.md
	@$(BIN)/python -m tests.benchmarks --write docs/benchmarks.md

bench-quick: $(PEERS) ## Compare with little data, in two minutes; writes nothing
	@$(BIN)/python -m tests.benchmarks --quick

FUZZ_SECONDS ?= 300
fuzz: $(INSTALLED) .fuzz/.installed ## Fuzz the acceptance with Atheris for FUZZ_SECONDS (Linux only)
	@mkdir -p var/fuzz
	@PYTHONPATH=.:.fuzz $(BIN)/python -m tests.fuzz.fuzz_door \
	  var/fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=70000 -artifact_prefix=var/

check-kubernetes: $(INSTALLED) .deploy/.installed ## Build deploy/k8s with kubectl, and check it by the schemas of Kubernetes
	@$(BIN)/pytest tests/house/test_kubernetes.py tests/house/test_kubernetes_cluster.py tests/house/test_kubernetes_followers.py

check-compose: $(INSTALLED) .compose/.installed ## Start docker-compose.yml with podman, as docs/operations.md says (as root, ten minutes)
	@$(BIN)/pytest tests/e2e/test_compose.py

lint: $(INSTALLED) ## Check style, types, import rules, and advisories of dependencies
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.supply_chain.advisories $(BOOT)/uv

sbom: $(INSTALLED) ## Write the bill of materials (CycloneDX) to dist/sbom.cdx.json
	@mkdir -p dist
	@$(BIN)/python -m tests.supply_chain.sbom $(BOOT)/uv > dist/sbom.cdx.json

format: $(INSTALLED) ## Format the code
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

schemas: $(INSTALLED) ## Generate the contract files
	@$(BIN)/python -m shared.events.schemas
	@$(BIN)/python -m services.console.write_contract

golden-event: $(INSTALLED) ## Validate the event in FILE and append it to the golden corpus
	@$(BIN)/python -m tests.golden.append $(if $(FILE),"$(FILE)")

lock: $(BOOT)/uv ## Resolve the dependencies into uv.lock again, from the public index only
	@env -u UV_INDEX -u UV_DEFAULT_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
	  $(BOOT)/uv lock --no-config --python $(BOOT)/python

clean: ## Remove installed and built files, but not the data in var/
	@rm -rf .bootstrap .venv dist test-artifacts .mypy_cache .ruff_cache .pytest_cache \
	  .hypothesis .import_linter_cache .fuzz .deploy .compose
	@find services shared tests -name __pycache__ -prune -exec rm -rf {} +

$(BOOT)/uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: install it, or say where it is: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; $(PYTHON) is `$(PYTHON) --version`" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .bootstrap
	@$(BOOT)/python -m pip install --quiet uv 'hatchling>=1.27'

.fuzz/.installed .deploy/.installed .compose/.installed: .%/.installed: $(BOOT)/uv uv.lock
	@$(BOOT)/uv export --quiet --frozen --no-config --only-group $* --python $(BOOT)/python \
	  --output-file .bootstrap/$*.txt
	@$(BOOT)/python -m pip install --quiet --require-hashes --requirement .bootstrap/$*.txt \
	  --target .$* --upgrade
	@touch $@

# uv reads the public URLs in uv.lock. A machine whose pip is configured to use another index gets
# the same locked versions through pip and its configuration, none of which is stored here.
$(INSTALLED): $(BOOT)/uv pyproject.toml uv.lock
	@echo "Installing the packages of uv.lock into .venv/"
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

# What only some measurements and slow tests need, in the same .venv/ and from the same lock.
$(PEERS): GROUP := bench
$(CLUSTER): GROUP := cluster
$(PEERS) $(CLUSTER): $(INSTALLED)
	@echo "Installing the packages of the group $(GROUP)"
	@if $(BOOT)/python -m pip config list | grep '\.index-url=' >/dev/null \
	  || ! $(BOOT)/uv sync --quiet --frozen --no-config --inexact --group $(GROUP) --python $(BOOT)/python; \
	then \
	  $(BOOT)/uv export --quiet --frozen --no-config --no-emit-project --only-group $(GROUP) \
	    --python $(BOOT)/python --output-file .bootstrap/$(GROUP).txt \
	  && $(BIN)/python -m pip install --quiet --require-hashes --requirement .bootstrap/$(GROUP).txt; \
	fi
	@touch $@
