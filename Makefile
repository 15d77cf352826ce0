# Everything lives in .venv. The stamp is renewed when what is installed may have changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test lint bench exhaustive validate mutate clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("call-scheduler needs Python 3.11 or newer, not " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all]' -r dev-requirements.txt
	touch $@

demo: setup
	$(BIN)/call-scheduler example | $(BIN)/call-scheduler preview --now 2026-03-02T09:00:00Z -

test: setup
	$(BIN)/coverage erase
	PYTHONTZPATH= $(BIN)/coverage run -m pytest -n 2
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Hours of the suite that `make test` samples: every zone, every transition, many more random campaigns.
exhaustive: setup
	PYTHONTZPATH= $(BIN)/pytest -m exhaustive -s -p no:cacheprovider

# The engine against queueing theory: theory, engine, difference, standard error. `make test` has shorter runs.
validate: setup
	$(BIN)/python -m tests.validation

# How many small changes of policy/ and engine/ the tests notice. Hours; `make mutate ONLY='scheduler.engine.lines*'` is a part.
mutate: setup
	HYPOTHESIS_PROFILE=mutate PYTHONTZPATH= $(BIN)/mutmut run --max-children 2 $(ONLY)
	$(BIN)/mutmut export-cicd-stats
	$(BIN)/mutmut results

bench: setup
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks --report --chart

clean:
	rm -rf $(VENV) mutants .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
