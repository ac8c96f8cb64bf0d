.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" pyproject.toml

.PHONY: help setup demo run stop status clean test chaos lint bench lock docs migration

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(STAMP) ## install what Luwes needs into .venv

$(STAMP): requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed; name it with: make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

demo: setup ## the main job: April 2026 in Metro from SIMPEG to the e-mailed packs; leaves Luwes running
	@$(BIN)/python -m deploy.embedded.demo

run: setup ## start Luwes on http://localhost:8000 without the story; an empty one gets the sample city's people
	@$(BIN)/python -m deploy.embedded.demo --without-story

stop: ## stop Luwes; its data stays
	@test ! -x $(BIN)/python || $(BIN)/python -m deploy.embedded.control stop

status: setup ## which processes run
	@$(BIN)/python -m deploy.embedded.control status

clean: ## stop Luwes and remove its data
	@test ! -x $(BIN)/python || $(BIN)/python -m deploy.embedded.control clean

test: setup ## all tests, on an embedded PostgreSQL (and RabbitMQ where it is installed)
	$(BIN)/python -m pytest

chaos: setup ## kill and cut off everything while 20,000 events flow on each broker; counts what was lost or done twice
	$(BIN)/python -m tests.faults.chaos --events 20000

lint: setup ## ruff, mypy --strict, import rules
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## speed as ratios, with their peers; writes var/bench.json (needs RabbitMQ, takes about 15 minutes)
	$(BIN)/python -m tests.bench

docs: setup ## write docs/events.md and docs/asyncapi.yaml from the contracts
	$(BIN)/python -m deploy.contracts

migration: setup ## write a migration: make migration SERVICE=energy NAME="add bills"
	$(BIN)/python -m deploy.embedded.revision $(SERVICE) -m "$(NAME)"

lock: ## pin all dependencies with hashes anew
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) --all-extras -o requirements.lock
	$(COMPILE) --constraint requirements.lock -o requirements-production.lock
