# The verbs of this project. Each sets up what it needs in .venv; PYTHON picks the interpreter.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
CLIENTS := .venv-clients
CLIENTS_INSTALLED := $(CLIENTS)/.installed
PEERS := .venv-peers
PEERS_INSTALLED := $(PEERS)/.installed
SCANNER := .venv-scanner
SCANNER_INSTALLED := $(SCANNER)/.installed
RUNTIME := .venv-runtime
RUNTIME_INSTALLED := $(RUNTIME)/.installed

.PHONY: help demo local test benchmark simulate stress fuzz check format package lock clean

help: ## Show the verbs.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

$(INSTALLED): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(CLIENTS_INSTALLED): requirements/clients.txt | $(INSTALLED)
	$(PYTHON) -m venv $(CLIENTS)
	$(BIN)/python -m pip --python $(CLIENTS)/bin/python install --quiet --require-hashes --requirement requirements/clients.txt
	@touch $@

$(PEERS_INSTALLED): requirements/peers.txt requirements/s3pypi-0.txt requirements/s3pypi-1.txt | $(INSTALLED)
	$(PYTHON) -m venv $(PEERS)
	$(BIN)/python -m pip --python $(PEERS)/bin/python install --quiet --require-hashes --requirement requirements/peers.txt
	for major in 0 1; do \
	  $(BIN)/python -m pip install --quiet --no-deps --upgrade --target $(PEERS)/s3pypi-$$major --require-hashes --requirement requirements/s3pypi-$$major.txt || exit 1; \
	done
	@touch $@

$(SCANNER_INSTALLED): requirements/scanner.txt | $(INSTALLED)
	$(PYTHON) -m venv $(SCANNER)
	$(BIN)/python -m pip --python $(SCANNER)/bin/python install --quiet --require-hashes --requirement requirements/scanner.txt
	@touch $@

# aws-sam-cli comes without its dependencies: only the binary in its wheel is wanted.
$(RUNTIME_INSTALLED): requirements/runtime.txt requirements/rie.txt | $(INSTALLED)
	$(PYTHON) -m venv $(RUNTIME)
	$(BIN)/python -m pip --python $(RUNTIME)/bin/python install --quiet --require-hashes --requirement requirements/runtime.txt
	$(BIN)/python -m pip --python $(RUNTIME)/bin/python install --quiet --require-hashes --no-deps --requirement requirements/rie.txt
	@touch $@

demo: $(INSTALLED) ## Upload a few packages to a local index and install them with pip.
	$(BIN)/python -m scripts.demo

local: $(INSTALLED) ## Run the local AWS in the foreground; pass options in ARGS.
	$(BIN)/python -m scripts.local_stack $(ARGS)

test: $(INSTALLED) $(CLIENTS_INSTALLED) $(PEERS_INSTALLED) $(RUNTIME_INSTALLED) $(SCANNER_INSTALLED) ## Run all tests; pass pytest's options in ARGS.
	$(BIN)/python -m pytest $(ARGS)

simulate: $(INSTALLED) ## Run SEEDS simulated worlds (10000).
	$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),10000)

stress: $(INSTALLED) ## Upload under fire with real processes; pass options in ARGS.
	$(BIN)/python -m tests.stress $(ARGS)

fuzz: $(INSTALLED) ## Mutate archives for SECONDS (60), and keep what the readers stumble over.
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60)

benchmark: $(INSTALLED) $(PEERS_INSTALLED) $(RUNTIME_INSTALLED) ## Measure everything, write docs/benchmarks.md; options in ARGS.
	$(BIN)/python -m tests.benchmarks $(ARGS)

check: $(INSTALLED) ## Lint, format, types, and the direction of imports.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	PYTHONPATH=cli:. $(BIN)/lint-imports --no-cache

format: $(INSTALLED) ## Format the code.
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

package: $(INSTALLED) ## Build the command's wheel and sdist and the functions' zips in dist/.
	$(BIN)/python -m hatchling build --directory dist
	$(BIN)/python -m scripts.build.indexer_zip
	$(BIN)/python -m scripts.build.basic_auth_zip

lock: $(INSTALLED) ## Pin the requirements anew, with hashes.
	$(BIN)/uv pip compile --quiet --upgrade --group indexer --universal --python-version 3.11 --generate-hashes --no-header --output-file requirements/indexer.txt
	$(BIN)/uv pip compile --quiet --upgrade pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --output-file requirements/dev.txt
	$(BIN)/uv pip compile --quiet --upgrade --group clients --universal --python-version 3.11 --generate-hashes --no-header --output-file requirements/clients.txt
	$(BIN)/uv pip compile --quiet --upgrade --group peers --universal --python-version 3.11 --generate-hashes --no-header --output-file requirements/peers.txt
	$(BIN)/uv pip compile --quiet --upgrade --no-deps --group s3pypi-0 --universal --python-version 3.11 --generate-hashes --no-header --output-file requirements/s3pypi-0.txt
	$(BIN)/uv pip compile --quiet --upgrade --no-deps --group s3pypi-1 --universal --python-version 3.11 --generate-hashes --no-header --output-file requirements/s3pypi-1.txt
	$(BIN)/uv pip compile --quiet --upgrade --group scanner --universal --python-version 3.11 --generate-hashes --no-header --output-file requirements/scanner.txt
	$(BIN)/uv pip compile --quiet --upgrade --group runtime --universal --python-version 3.11 --generate-hashes --no-header --output-file requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --upgrade --no-deps --group rie --universal --python-version 3.11 --generate-hashes --no-header --output-file requirements/rie.txt

clean: ## Remove what the other verbs have made.
	rm -rf $(VENV) $(CLIENTS) $(PEERS) $(RUNTIME) $(SCANNER) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
