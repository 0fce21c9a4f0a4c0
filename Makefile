# make setup  the environment alone, which every other command makes too where it is not there
# make demo   everything from nothing to results/toy/report/index.html
# make test   the whole test suite
# make test-formats   exports opened by CVAT's, datumaro's and FiftyOne's readers, in an environment of their own (1 GB)
# make test-slurm   a real Slurm on this machine, and what the workflow makes of its faults (root, Debian)
# make test-browser   the explorer, clicked through in Chromium
# make lint   formatting, types, workflow
# make audit  known weaknesses of what is installed, asked of a public database
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
FORMATS := .formats
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CORES ?= 2
LOCKS := requirements/bootstrap.txt requirements/lock.txt requirements/detectron2.txt
AUDIT := build/audit

export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup demo test test-formats test-slurm test-browser lint audit format lock

help:
	@sed -n 's/^# //p' Makefile

setup: $(READY)

$(READY): $(LOCKS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=...")'
	@echo "Making the environment in $(VENV): several GB, half a minute to many, by your network"
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/lock.txt
	site=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') && \
	$(BIN)/uv pip install --quiet --compile-bytecode --no-deps --require-hashes --python-version 3.10 --target "$$site" -r requirements/detectron2.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)
	$(BIN)/snakemake --cores $(CORES) --rerun-incomplete

test: $(READY)
	$(BIN)/pytest --numprocesses $(CORES) --dist loadfile --no-loadscope-reorder

test-formats: $(READY)
	test -x $(FORMATS)/bin/python || $(PYTHON) -m venv $(FORMATS)
	$(BIN)/uv pip install --quiet --python $(FORMATS)/bin/python --require-hashes -r requirements/formats.txt
	UVIS_FORMATS_PYTHON=$(CURDIR)/$(FORMATS)/bin/python $(BIN)/pytest tests/exports

test-slurm: $(READY)
	$(BIN)/python -m tests.slurm.faults

test-browser: $(READY)
	@command -v chromium chromium-browser google-chrome > /dev/null || { echo "Chromium is needed: apt-get install chromium"; exit 1; }
	$(BIN)/uv pip install --quiet --python $(BIN)/python 'playwright>=1.50'
	$(BIN)/pytest tests/explorer/test_browser.py tests/explorer/test_browser_rerun.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/mypy
	$(BIN)/python tests/lint_rules.py

## A package that the service does not know fails (--strict): by default it would be passed over, and nothing found.
audit: $(READY)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(AUDIT)
	$(BIN)/uv pip install --quiet --python $(AUDIT)/bin/python --require-hashes -r requirements/audit.txt
	for lock in $(LOCKS) requirements/audit.txt; do \
	  $(AUDIT)/bin/pip-audit --strict --vulnerability-service osv --disable-pip --require-hashes -r "$$lock" || exit; \
	done

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile rules

lock: $(READY)
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	  --constraint requirements/constraints.txt --extra dev -o requirements/lock.txt pyproject.toml
	echo pip-audit | $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --upgrade -o requirements/audit.txt -
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	  -o requirements/formats.txt requirements/formats.in
