# Everything lives in .venv. The stamp is renewed when what is installed may have changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BUILT := scheduler/page/built
LIBRARIES := web/node_modules/.installed
FRESH := web/node_modules/.built
SOURCES := $(shell find web/src -type f) web/build.mjs web/tsconfig.json

.PHONY: setup demo test test-page lint page page-check browser browser-heavy bench exhaustive validate mutate clean

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
	PYTHONTZPATH= $(BIN)/coverage run -m pytest -n 2 --ignore=tests/page
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# The page in Chromium, a few minutes.
test-page: setup
	PYTHONTZPATH= $(BIN)/pytest -n 2 -p no:cacheprovider tests/page

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# The page is built from web/ and committed, so that only those who change it need Node.
page: $(BUILT)/page.js

$(BUILT)/page.js: $(LIBRARIES) $(SOURCES)
	cd web && npx tsc --noEmit && node build.mjs ../$(BUILT)

$(LIBRARIES): web/package.json web/package-lock.json
	@command -v npm > /dev/null || { echo "the page is built by Node 20 or newer with npm; install your system's nodejs and npm" >&2; exit 1; }
	cd web && npm ci --silent
	touch $@

# Whether what is committed is what the sources give.
page-check: $(LIBRARIES)
	rm -rf $(FRESH)
	cd web && npx tsc --noEmit && node build.mjs ../$(FRESH)
	@diff -rq $(BUILT) $(FRESH) || { echo "$(BUILT) is not what web/ gives; run make page, and commit what it wrote" >&2; exit 1; }

# What the tests of the page drive: the chromium on the path, or Debian's package.
browser:
	@command -v "$${CHROMIUM:-chromium}" || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium; \
		else \
			echo "the tests of the page need Chromium; install your system's package as root, or name its program: CHROMIUM=…" >&2; exit 1; \
		fi; }

# The page with 10^5 and 10^6 numbers: seconds to the first picture, and the longest frame of scrolling. Minutes.
browser-heavy: setup
	PYTHONTZPATH= $(BIN)/pytest -m heavy -s -p no:cacheprovider tests/page

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
	rm -rf $(VENV) web/node_modules mutants .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
