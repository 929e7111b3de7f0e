# Everything that people and CI do, on a machine with only Python (3.11 or newer), make and a package index.
# `make test TESTS="tests/api -k token"` runs a part; `make PYTHON=python3.13 test` chooses the interpreter.

RECENT := import sys; sys.exit(sys.version_info < (3, 11))
VERSION := import sys; print(*sys.version_info[:2], sep=".")
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$each -c '$(RECENT)' 2>/dev/null && echo $$each && break; done)
RUN := .venv/bin/python -m
TESTS ?=
SHARE ?= 1
PARTS ?=

.PHONY: help setup editors demo test test-wheel torture lint format docs bench clean

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

# The environment is made anew when it does not run or is of another Python, and filled again when pyproject.toml or the
# place of the checkout changes; otherwise this costs a few milliseconds.
setup: ## Make .venv with everything in it
	@set -e; \
	test -n "$(PYTHON)" || { echo "No Python 3.11 or newer found; name one: make PYTHON=/path/to/python3" >&2; exit 1; }; \
	wanted="$$($(PYTHON) -c '$(VERSION)')"; \
	found="$$(.venv/bin/python -c 'import pip; $(VERSION)' 2>/dev/null || true)"; \
	key="$$wanted $$(cksum < pyproject.toml) $(CURDIR)"; \
	if [ "$$wanted" != "$$found" ]; then \
		echo "Making .venv with Python $$wanted"; \
		$(PYTHON) -m venv --clear .venv; \
	fi; \
	if [ "$$(cat .venv/.ready 2>/dev/null || true)" != "$$key" ]; then \
		echo "Installing into .venv"; \
		$(RUN) pip install --quiet --disable-pip-version-check --editable '.[dev]'; \
		echo "$$key" > .venv/.ready; \
	fi

# Without npm the tests of the editors are skipped, and say so.
editors: setup ## Install the language server that the tests of the editors talk to
	@if command -v npm >/dev/null; then \
		mkdir -p .venv/editors && cp tests/editors/package.json .venv/editors/ && \
		npm install --prefix .venv/editors --no-package-lock --no-audit --no-fund --ignore-scripts --silent; \
	else echo "npm is not there: the tests of the editors will be skipped"; fi

demo: setup ## Plan, apply, drift and repair the example on the embedded simulator
	@$(RUN) reconciler demo

test: setup ## Run the tests, but for those of the wheel
	$(RUN) pytest -n auto --dist worksteal -m "not wheel" $(TESTS)

test-wheel: setup ## Build the wheel and try it in an empty environment
	$(RUN) pytest -m wheel $(TESTS)

# `make torture SHARE=10` tries every tenth case, `make torture PARTS="kills ledger"` some parts; all of it takes hours.
torture: setup ## Try hard to lose or double something, and print the figures of docs/reliability.md
	$(RUN) tests.reliability.torture --share $(SHARE) $(PARTS)

lint: setup ## Check style and types
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy

format: setup ## Put the code into the one style
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

docs: setup ## Write again what the documentation repeats from the code
	$(RUN) docs.generate

bench: setup ## Measure planning beside the bare parse and start-up
	$(RUN) benchmarks.bench_plan

clean: ## Remove everything that can be made again
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
