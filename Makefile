# Every target sets itself up on a fresh machine: `tools/setup.py` makes the virtual environment, installs
# the pinned packages and the web packages, and does nothing when they are already there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: run test lint bench setup setup-dev format clean

run: setup
	$(BIN)/python server.py $(ARGS)

test: setup-dev
	$(BIN)/python tools/check.py

lint: setup-dev
	$(BIN)/python tools/check.py --only ruff format mypy tsc

bench: setup-dev
	$(BIN)/python -m benchmarks $(ARGS)

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

setup:
	@$(PYTHON) tools/setup.py run

setup-dev:
	@$(PYTHON) tools/setup.py test

clean:
	rm -rf $(VENV) node_modules temp build .pytest_cache .mypy_cache .ruff_cache
