# Newsdesk. `make demo` and `make test` need Python 3.11 or newer, pip and make, and set up the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
WORKERS := -n 2 --dist worksteal
# Modules are kept compiled, whatever the environment says: a process starts in half the time.
# Workers share the cores: where each multiplies its matrices on all of them, they wait for each
# other, and the check of sentences takes twice the processor's time.
PYTEST = env -u NEWSDESK_HOME -u PYTHONDONTWRITEBYTECODE OPENBLAS_NUM_THREADS=1 \
	$(BIN)/python -m pytest
export NEWSDESK_HOME ?= $(CURDIR)/.demo

.DEFAULT_GOAL := help
.PHONY: help demo chat test quick check bench bench-scale bench-writers ablation support record lock

help: ## Show what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(VENV)/.ready ## Set up, read the sample archive, answer three questions
	@$(BIN)/python -m scripts.demo

chat: $(VENV)/.ready ## Chat with the sample archive (or with the one in NEWSDESK_HOME)
	@test -e "$(NEWSDESK_HOME)/catalog.db" || $(BIN)/newsdesk ingest corpus/articles
	@$(BIN)/newsdesk chat

test: $(VENV)/.ready-dev ## Run all tests, or those of T=path or T=path::name
	@$(PYTEST) $(or $(T),$(WORKERS))

# Three workers for two cores: these tests wait about as much as they compute.
quick: $(VENV)/.ready-dev ## Run the tests that start no process and measure no quality
	@$(PYTEST) -n 3 --dist worksteal -m "not process and not figures" $(T)

check: $(VENV)/.ready-dev ## Lint, types, the direction of imports, declared dependencies
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/deptry newsdesk bot retrieval corpus prompts
	@$(BIN)/deptry scripts tests training --ignore DEP002,DEP004

bench: $(VENV)/.ready-dev ## Measure speed, memory and quality beside what they are compared with
	@env -u NEWSDESK_HOME $(BIN)/python -m scripts.bench

bench-scale: $(VENV)/.ready-dev ## Measure archives of N="10000 100000" passages; O=--servers on servers
	@env -u NEWSDESK_HOME $(BIN)/python -m scripts.bench_scale $(O) $(or $(N),10000 100000)

bench-writers: $(VENV)/.ready-dev ## Let four processes write to one archive on servers for a minute, and four read it
	@env -u NEWSDESK_HOME $(BIN)/python -m tests.retrieval.crowd --seconds 60 --articles 40 --kills 1

ablation: $(VENV)/.ready-dev ## Measure what each stage of the search is worth
	@env -u NEWSDESK_HOME $(BIN)/python -m scripts.ablation

support: $(VENV)/.ready-dev ## Measure what the check of written answers catches, and wrongly removes
	@env -u NEWSDESK_HOME OPENBLAS_NUM_THREADS=1 $(BIN)/python -m scripts.measure_support

record: $(VENV)/.ready-dev ## Record a model's replies to golden questions anew, and their baseline
	@env -u NEWSDESK_HOME $(BIN)/python -m scripts.record_replies

lock: $(VENV)/.ready-dev ## Resolve the dependencies anew; what runs is what was tested
	$(BIN)/uv pip compile -q --no-header --no-annotate --generate-hashes --group dev \
		pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --no-header --no-annotate --generate-hashes --group build \
		-c requirements-dev.lock pyproject.toml -o requirements.lock

# uv installs in seconds; where it cannot reach what pip is set up to reach, pip does it. A lock
# names all there is to install, so dependencies are not looked for.
define install
	@echo "Setting up ($(1)); this is done once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check "uv==$(UV_VERSION)"
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --require-hashes -r $(1) \
		|| $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r $(1)
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation --offline -e .
	@touch $@
endef

$(VENV)/.ready: requirements.lock pyproject.toml
	$(call install,requirements.lock)

$(VENV)/.ready-dev: requirements-dev.lock pyproject.toml
	$(call install,requirements-dev.lock)
	@touch $(VENV)/.ready
