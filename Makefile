# The verbs of this project. Each sets up the environment it needs; PYTHON picks the interpreter.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
DEPLOY := .venv-deploy/bin
DEPLOY_INSTALLED := .venv-deploy/.installed
ENVIRONMENTS := .venv .venv-clients .venv-deploy .venv-peers .venv-runtime .venv-scanner
# What the tests and the benchmarks run besides this project, each in an environment of its own.
TEST_INSTALLED := $(addsuffix /.installed,.venv-clients .venv-peers .venv-runtime .venv-scanner)

# $(call install,NAME,OPTIONS): install requirements/NAME.txt into the environment that is the target.
install = $(pip) install --quiet --require-hashes $(2) --requirement requirements/$(1).txt
install_self = $(pip) install --quiet --no-deps --no-build-isolation --editable .
pip = $(@D)/bin/python -m pip --disable-pip-version-check
# Python's own pip may be too old for these: it refuses extras in a file with hashes.
$(TEST_INSTALLED): pip = $(BIN)/python -m pip --python $(@D)/bin/python --disable-pip-version-check
compile = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header

.PHONY: help demo local test smoke benchmark simulate mutate stress fuzz installers check format package lock clean

help: ## List the verbs.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

$(INSTALLED): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(@D)
	$(call install,dev)
	$(install_self)
	@touch $@

$(DEPLOY_INSTALLED): requirements/deploy.txt pyproject.toml
	$(PYTHON) -m venv $(@D)
	$(call install,deploy)
	$(install_self)
	@touch $@

.venv-clients/.installed .venv-scanner/.installed: .venv-%/.installed: requirements/%.txt | $(INSTALLED)
	$(PYTHON) -m venv $(@D)
	$(call install,$*)
	@touch $@

.venv-peers/.installed: requirements/peers.txt requirements/s3pypi-0.txt requirements/s3pypi-1.txt | $(INSTALLED)
	$(PYTHON) -m venv $(@D)
	$(call install,peers)
	$(call install,s3pypi-0,--no-deps --upgrade --target $(@D)/s3pypi-0)
	$(call install,s3pypi-1,--no-deps --upgrade --target $(@D)/s3pypi-1)
	@touch $@

# aws-sam-cli comes without its dependencies: only the binary in its wheel is wanted.
.venv-runtime/.installed: requirements/runtime.txt requirements/rie.txt | $(INSTALLED)
	$(PYTHON) -m venv $(@D)
	$(call install,runtime)
	$(call install,rie,--no-deps)
	@touch $@

demo: $(INSTALLED) ## Upload a few packages to a local index and install them with pip.
	$(BIN)/python -m scripts.demo

local: $(INSTALLED) ## Run a local index in the foreground; options in ARGS (--samples).
	$(BIN)/python -m scripts.local_stack $(or $(ARGS),--samples)

# With bytecode, which workers and clients would otherwise compile for themselves, each time.
test: $(INSTALLED) $(TEST_INSTALLED) ## Run all tests; pytest's options in ARGS.
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --dist loadgroup --no-loadscope-reorder $(ARGS)

smoke: $(DEPLOY_INSTALLED) ## Check a deployment on AWS and print a table; options in ARGS.
	$(DEPLOY)/python -m scripts.smoke_aws $(ARGS)

simulate: $(INSTALLED) ## Run the simulation with SEEDS seeds (10000).
	$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),10000)

mutate: $(INSTALLED) ## Make deliberate mistakes; report those that no unit test notices. ARGS: --only PART.
	$(BIN)/python -m tests.mutation $(ARGS)

stress: $(INSTALLED) ## Upload with real processes while AWS fails; options in ARGS.
	$(BIN)/python -m tests.stress $(ARGS)

fuzz: $(INSTALLED) ## Fuzz the archive readers for SECONDS (60); keep what crashes them.
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60)

installers: $(INSTALLED) ## Compare the index's verdict on CASES odd files (20000) with pip's and uv's.
	$(BIN)/python -m tests.installers --cases $(or $(CASES),20000)

benchmark: $(INSTALLED) .venv-peers/.installed .venv-runtime/.installed ## Measure everything and write docs/benchmarks.md; options in ARGS.
	$(BIN)/python -m tests.benchmarks $(ARGS)

check: $(INSTALLED) ## Check lint, format, types, imports and workflows.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	PYTHONPATH=cli:. $(BIN)/lint-imports --no-cache
	$(BIN)/zizmor --offline --quiet --min-severity medium .github

format: $(INSTALLED) ## Format the code.
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

package: $(DEPLOY_INSTALLED) ## Build the functions' zips, the wheel and the sdist in dist/.
	$(DEPLOY)/python -m scripts.build.indexer_zip
	$(DEPLOY)/python -m scripts.build.basic_auth_zip
	$(DEPLOY)/python -m hatchling build --directory dist

lock: $(INSTALLED) ## Pin the newest requirements, with hashes.
	$(compile) --group indexer --output-file requirements/indexer.txt
	$(compile) pyproject.toml --group deploy --output-file requirements/deploy.txt
	$(compile) pyproject.toml --group dev --output-file requirements/dev.txt
	for group in clients peers scanner runtime; do \
	  $(compile) --group $$group --output-file requirements/$$group.txt || exit 1; \
	done
	for group in s3pypi-0 s3pypi-1 rie; do \
	  $(compile) --no-deps --group $$group --output-file requirements/$$group.txt || exit 1; \
	done

clean: ## Remove what the other verbs made.
	rm -rf $(ENVIRONMENTS) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
