# The doors of this project. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help install studio demo test lint bench clean chromium

# Processes that test side by side.
JOBS ?= 2
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PACKAGES := config accounts shop fittingroom recommendations ml
# Installed once per set of pinned versions.
STAMP := .venv/installed-$(shell cat $(filter-out requirements/studio.txt,$(wildcard requirements/*.txt)) | cksum | cut -d' ' -f1)

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

install: $(STAMP) ## Make .venv and install everything into it

$(STAMP):
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
		|| { echo "Python 3.11 is needed; name it with: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@[ -x $(BIN)/python ] || "$(PYTHON)" -m venv .venv >&2
	@$(BIN)/python -m pip install --disable-pip-version-check -r requirements/dev.txt >&2
	@rm -f .venv/installed-* && touch $@

# Blender as a Python module, to render the demo's figures anew; nothing else needs it.
studio: install ## Make .venv-studio, which renders the demo's fitting models
	@[ -x .venv-studio/bin/python ] || "$(PYTHON)" -m venv .venv-studio >&2
	@.venv-studio/bin/python -m pip install --disable-pip-version-check -r requirements/studio.txt >&2

demo: install ## Start the whole shop and dress somebody (PORT=8000; CHECK=1: once, then stop)
	@$(BIN)/python manage.py demo $(if $(PORT),--port $(PORT)) $(if $(CHECK),--check)

# Chromium for the browser tests, where it may be installed. They skip without it.
chromium:
	@command -v chromium >/dev/null || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && export DEBIAN_FRONTEND=noninteractive \
		&& apt-get -qq update >/dev/null && apt-get -qq install -y --no-install-recommends chromium >/dev/null; \
	} || echo "chromium is not installed and cannot be: browser tests will be skipped"

test: install chromium ## Run every test (ARGS="tests/config -k embedded"; JOBS=0 for one process)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder $(ARGS)

lint: install ## Check style, types, imports between packages, and missing migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

bench: install ## Measure a try-on, stage by stage
	@$(BIN)/python -m benchmarks $(ARGS)

clean: ## Remove .venv and caches (keeps .otbang, the shop's data)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
