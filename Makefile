# The one front door of Parkbench. `make` alone lists what can be done.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.tools/bin:$(HOME)/.local/bin:$(PATH)
export UV_PYTHON_DOWNLOADS := never

RUN := uv run --no-sync
ORGANISATION ?= My organisation
ADMIN ?= admin@example.org
PORT ?= 8000
TEMPLATES = $(shell find src -name '*.html')

.PHONY: help setup demo run test check style types contracts templates migrations fix bench coverage campaign docs

help: ## list these targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready ## install what is missing: uv, PostgreSQL, Chromium, the locked Python packages

.venv/.ready: pyproject.toml uv.lock scripts/bootstrap.sh
	scripts/bootstrap.sh
	uv sync --frozen --all-extras --quiet
	touch $@

demo: setup ## two fictional institutes that are partners, with sample data, on ports 8001 and 8002
	$(RUN) parkbench demo --home .demo --port 8001

run: setup .run/.ready ## an empty node, on port 8000 (ORGANISATION, ADMIN and PORT may be set)
	$(RUN) parkbench serve --home .run --port $(PORT)

.run/.ready: | .venv/.ready
	$(RUN) parkbench init --home .run --organisation "$(ORGANISATION)" \
		--url "http://localhost:$(PORT)" --admin "$(ADMIN)"
	touch $@

test: setup ## everything that CI runs: check, SQLite, PostgreSQL, headless Chromium
	scripts/test.sh

check: style types contracts templates migrations drift ## style, types, contracts, templates, migrations, docs

style: setup
	$(RUN) ruff check .
	$(RUN) ruff format --check .

types: setup
	$(RUN) mypy

contracts: setup
	$(RUN) lint-imports --no-logo

templates: setup
	$(RUN) djade --target-version 5.2 --check $(TEMPLATES)

migrations: setup
	home="$$(mktemp -d)"; trap 'rm -rf "$$home"' EXIT; PARKBENCH_HOME="$$home" \
		DJANGO_SETTINGS_MODULE=parkbench.site.settings $(RUN) django-admin makemigrations --check --dry-run

drift: setup
	$(RUN) python scripts/docs.py --check
	site="$$(mktemp -d)"; trap 'rm -rf "$$site"' EXIT; $(RUN) mkdocs build --quiet --site-dir "$$site"

fix: setup ## mend what can be mended without thinking
	$(RUN) ruff check --fix .
	$(RUN) ruff format .
	$(RUN) djade --target-version 5.2 $(TEMPLATES)

bench: setup ## each figure beside its floor or its peer
	$(RUN) python tests/bench/run.py

coverage: setup ## how much the tests reach; asked: 100 % of envelope, rules and wire, 95 % of the rest
	rm -f .coverage .coverage.*
	COVERAGE_RCFILE=tests/coverage.ini $(RUN) coverage run -m pytest tests -m "not browser and not postgres" -n 2 -q
	$(RUN) coverage combine --quiet
	COVERAGE_RCFILE=tests/coverage.ini $(RUN) coverage report --skip-covered

campaign: setup ## long property and fault runs, pages and two partners in Chromium, on PostgreSQL
	HYPOTHESIS_PROFILE=long scripts/with_postgres.sh $(RUN) pytest $(wildcard tests/property tests/faults) tests/views \
		tests/browser/test_partnering.py -n 2 -q

docs: setup ## write what is drawn from the code, and build the documentation site into .docs-site/
	$(RUN) python scripts/docs.py
	$(RUN) mkdocs build --quiet
