# Everything a person or CI does with this tree. Needs make, Python 3.11 or newer and nothing else.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

# The lock files are complete, so nothing is left for pip to resolve: --no-deps below. With it, pip 23 asked for a newer
# coverage[toml] than the coverage pinned then as soon as one was published, and refused it for want of a hash.

# The first of these that is new enough; PYTHON=/path/to/python overrides it.
PYTHON ?= $(shell for found in python3 python3.11 python3.12 python3.13 python3.14; do \
	if $$found -c '$(ENOUGH)' 2>/dev/null; then echo $$found; break; fi; done)

# So many processes share the tests, whole modules each, half as many again as processors, as tests wait a third of their
# time; ARGS="-n 0" runs them in one, as a debugger needs.
WORKERS ?= $(shell echo $$(( ($$(getconf _NPROCESSORS_ONLN) * 3 + 1) / 2 )))

# Where bytecode may not be kept, each process that the tests start compiles the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed

.PHONY: help setup demo demo-llm test check format new-plugin sources-page slack-page gallery lock clean crash-sweep replicas soak evals evals-llm fuzz bench
.DEFAULT_GOAL := help

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

setup: $(RUNTIME) ## install the copilot and its pinned dependencies into .venv

demo: $(RUNTIME) ## watch an incident from alert to postmortem in a local workspace (ARGS="--headless --out DIR")
	@$(BIN)/incident-copilot demo $(ARGS)

demo-llm: $(RUNTIME) ## the same with a language model (BASE_URL=http://127.0.0.1:8080/v1 MODEL=name ARGS="--headless --out DIR")
	@if [ -z "$(BASE_URL)" ] || [ -z "$(MODEL)" ]; then \
		echo 'Say which: make demo-llm BASE_URL=http://127.0.0.1:8080/v1 MODEL=name' >&2; exit 2; fi
	@$(BIN)/incident-copilot demo --base-url "$(BASE_URL)" --model "$(MODEL)" $(ARGS)

test: $(DEV) ## run all tests; every branch of the code must be covered
	$(BIN)/python -m pytest -W error -p tests.coverage_gate -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

check: $(DEV) ## everything CI runs: format, lint, types, import contracts, then the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

format: $(DEV) ## format the code and fix what the linter can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

new-plugin: $(DEV) ## write module, test and fixture of a new plugin (KIND=context_sources NAME=grafana)
	@if [ -z "$(KIND)" ] || [ -z "$(NAME)" ]; then \
		echo 'Say which: make new-plugin KIND=context_sources NAME=grafana' >&2; exit 2; fi
	@$(BIN)/python -m incident_copilot.plugins.scaffold "$(KIND)" "$(NAME)"

sources-page: $(DEV) ## write docs/sources.md anew from the alert sources
	@PYTHONPATH=tests $(BIN)/python -m docs.sources_page

slack-page: $(DEV) ## write the table of docs/slack.md anew from what the bot listens for
	@PYTHONPATH=tests $(BIN)/python -m docs.slack_page

gallery: $(DEV) ## draw everything the bot can show into var/gallery/, as HTML and PNG (ARGS="card-open home-busy")
	@PYTHONPATH=tests/slack:tests/sandbox/page $(BIN)/python -m gallery $(ARGS)

lock: ## pin all dependencies anew, with hashes (needs uv)
	@command -v uv >/dev/null || { echo 'make lock needs uv: pip install uv' >&2; exit 1; }
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --group build --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header -q -o requirements-dev.lock

clean: ## remove .venv and caches; var/ with its database stays
	rm -rf $(VENV) .coverage.json .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests migrations -type d -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo 'Python 3.11 or newer is needed and none was found. Install one, or say make PYTHON=/path/to/python.' >&2; \
		exit 1; fi
	@$(PYTHON) -c '$(ENOUGH)' || { echo '$(PYTHON) is not Python 3.11 or newer, which is needed.' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo '$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	@echo 'Installing pinned dependencies into $(VENV); this happens once.'
	@$(PIP) install -qq --no-deps --require-hashes -r requirements.lock
	@$(PIP) install -qq --no-build-isolation --no-deps -e .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME) | $(BIN)/python
	@echo 'Installing the tools of developers into $(VENV); this happens once.'
	@$(PIP) install -qq --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

crash-sweep: $(DEV) ## kill -9 at every commit and call, on both databases; nothing lost, nothing twice (ARGS="--every 5")
	$(BIN)/python -m chaos.sweep $(ARGS)

replicas: $(DEV) ## one process against three, a killed one and paused ones, on PostgreSQL
	$(BIN)/python -m chaos.replicas $(ARGS)

soak: $(DEV) ## ten minutes of alerts and clicks on three replicas under a nemesis (ARGS="--seconds 60")
	$(BIN)/python -m chaos.soak $(ARGS)

evals: $(DEV) ## measure quality on recorded incidents, beside baselines (ARGS="--only logs,petshop")
	$(BIN)/python -m evals $(ARGS)

evals-llm: $(DEV) ## what a model adds to the computed answers (BASE_URL=http://127.0.0.1:8080/v1 MODEL=name ARGS="--runs 3")
	@$(BIN)/python -m evals.llm $(if $(BASE_URL),--base-url "$(BASE_URL)") $(if $(MODEL),--model "$(MODEL)") $(ARGS)

fuzz: $(DEV) ## ten thousand random lives of two replicas, the promises checked at each step (ARGS="--examples 500")
	PYTHONPATH=tests $(BIN)/python -m promises.fuzz $(ARGS)

bench: $(DEV) ## speed and loss, B1 to B11, beside the peers that are there; writes benchmarks/results.md (ARGS="--only B1,B4 --rounds 5")
	$(BIN)/python -m benchmarks $(ARGS)
