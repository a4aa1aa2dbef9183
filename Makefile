# Every target sets up what it needs: a virtual environment from the pinned versions of this Python.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
LOCK := locks/python-$(VERSION).txt
READY := $(VENV)/.ready-$(VERSION)
WORKERS ?= logical

export OMP_WAIT_POLICY := PASSIVE
export MLFLOW_DISABLE_TELEMETRY := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check format lint types docs bench bench-service bench-accuracy lock clean setup

setup: $(READY)

$(READY): $(LOCK) pyproject.toml
	@echo "Setting up $(VENV) for Python $(VERSION); the first time takes a few minutes."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r $(LOCK)
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(LOCK):
	@echo "Python $(VERSION) is not supported: use one of $(patsubst locks/python-%.txt,%,$(wildcard locks/*.txt)), for example: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1

demo: $(READY) ## a sample CRM history: train, publish, score, rank, serve
	@$(BIN)/leadrank demo $(DEMO)

test: $(READY) ## all tests but the slow ones (SLOW=1 runs these too), a process for each processor (WORKERS=0: in one)
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(if $(SLOW),,-m "not slow")

check: lint types docs test ## format, lint, types, docs, tests

format: $(READY)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(READY)
	@$(BIN)/mypy

docs: $(READY) ## the docs name the commands, routes and settings that there are
	@$(BIN)/python -m pytest tests/docs

bench: $(READY) ## speed: one lead in process, a million rows from Parquet to Parquet
	@$(BIN)/python -m benchmarks.scoring

bench-service: $(READY) ## the service over HTTP beside a bare route and MLflow's server (ARGS="--rounds 3 --leads 100000")
	@$(BIN)/python -m benchmarks.service $(ARGS)

bench-accuracy: $(READY) ## accuracy on real sets beside peers in environments of their own (ARGS="--quick --sets bank")
	@$(BIN)/python -m benchmarks.accuracy $(ARGS)

lock: $(READY) ## pin the newest versions that fit, for every Python (needs uv)
	@for v in 3.11 3.12 3.13; do uv pip compile pyproject.toml --all-extras --python-version $$v --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --no-build -q -o locks/python-$$v.txt --upgrade; done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
