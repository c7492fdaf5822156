# Darkroom. Needs Python 3.11 or newer and make; everything else is brought in, pinned, by the first call.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON_IN := .venv/bin
# With --no-deps the lock files are the whole truth: one override leaves out a package whose parent never imports it.
PIP_INSTALL := $(PYTHON_IN)/uv pip install --quiet --no-deps --no-build-isolation --require-hashes \
	--python $(PYTHON_IN)/python
# The oldest Node.js that can fetch the browser libraries, and the oldest the checks and tests run on.
NPM := scripts/node.sh 18.0 npm
NODE := scripts/node.sh 20.19 node
NPM_CI := ci --ignore-scripts --no-audit --no-fund --loglevel=error

# One more than cores: the browser and the killed products wait half of their time.
TEST_PROCESSES ?= 3
# More words for pytest: make test ARGS="-k placement"
ARGS ?=

# Stamps live inside what they vouch for, so that deleting it deletes them too.
SETUP := .venv/.setup
PACKAGES := .venv/.packages
COMMAND := .venv/.command
DEV_PACKAGES := .venv/.dev-packages
NODE_MODULES := node_modules/.installed
DEV_NODE_MODULES := node_modules/.dev-installed
VENDOR := static/vendor/.copied
BUNDLE := static/built/app.js
# Fetched once for both when a goal needs the tools as well.
NODE_MODULES_FOR_VENDOR := $(if $(filter test check bench dev-setup,$(MAKECMDGOALS)),$(DEV_NODE_MODULES),$(NODE_MODULES))

.PHONY: help run setup dev-setup test bench check lock clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## Start Darkroom on http://127.0.0.1:$PORT (8000); Ctrl-C stops it
	@exec $(PYTHON_IN)/darkroom up

setup: $(PACKAGES) $(COMMAND) $(VENDOR) $(BUNDLE) ## Bring in what running needs

dev-setup: setup $(DEV_PACKAGES) $(DEV_NODE_MODULES) ## Bring in what tests and checks need as well

test: dev-setup ## Run the whole suite; ARGS="-k name" narrows it
	@find tests/js -name '*.test.js' -print0 | xargs -0 -r $(NODE) --test
	@$(PYTHON_IN)/python -m pytest -n $(TEST_PROCESSES) --dist loadgroup $(ARGS)

bench: dev-setup ## Measure; prints a table and writes bench/results.json
	@$(PYTHON_IN)/python -m bench $(ARGS)

check: dev-setup ## Lint, types, import contracts, templates, JavaScript, secrets
	$(PYTHON_IN)/ruff check
	$(PYTHON_IN)/ruff format --check
	$(PYTHON_IN)/mypy
	$(PYTHON_IN)/lint-imports
	$(PYTHON_IN)/python scripts/lint_templates.py
	$(PYTHON_IN)/python scripts/scan_committed.py
	$(NODE) node_modules/eslint/bin/eslint.js .

lock: $(SETUP) ## Pin all packages anew; ARGS=--upgrade takes the newest
	scripts/lock.sh $(ARGS)

clean: ## Delete everything that was brought in or built; var/ stays
	rm -rf .venv node_modules static/vendor static/built .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(SETUP): requirements-setup.txt scripts/make-venv.sh
	@scripts/make-venv.sh
	@touch $@

$(PACKAGES): requirements.txt $(SETUP)
	@echo "Installing Python packages"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(COMMAND): scripts/install_command.py $(SETUP)
	@$(PYTHON_IN)/python scripts/install_command.py
	@touch $@

$(DEV_PACKAGES): requirements-dev.txt $(PACKAGES)
	@echo "Installing Python packages for tests and checks"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

# `npm ci` empties node_modules first: tools that are there already must come back with the rest.
$(NODE_MODULES): package-lock.json | $(SETUP)
	@echo "Fetching browser libraries"
	@$(NPM) $(NPM_CI) $(if $(wildcard node_modules/eslint),,--omit=dev) >/dev/null
	@touch $@ $(if $(wildcard node_modules/eslint),$(DEV_NODE_MODULES))

$(DEV_NODE_MODULES): package-lock.json | $(SETUP)
	@echo "Fetching browser libraries and the tools that check JavaScript"
	@$(NPM) $(NPM_CI) >/dev/null
	@touch $(NODE_MODULES) $@

$(VENDOR): scripts/vendor.py scripts/vendor.toml $(NODE_MODULES_FOR_VENDOR) | $(SETUP)
	@$(PYTHON_IN)/python scripts/vendor.py
	@touch $@

# The folders among what `find` lists change when a script goes.
$(BUNDLE): $(shell find static/js) scripts/bundle_scripts.py package-lock.json | $(PACKAGES) $(NODE_MODULES_FOR_VENDOR)
	@PYTHONPATH=. $(PYTHON_IN)/python scripts/bundle_scripts.py scripts/node.sh 18.0 node node_modules/esbuild/bin/esbuild
