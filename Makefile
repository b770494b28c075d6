# Two commands need nothing but Python 3.11 and make: `make demo` and `make test`. Both set up .venv by themselves.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install demo care up test again check bench kafka clean

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tenfold needs Python 3.11 or newer; set PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: install
	$(BIN)/tenfold demo $(DEMO)

care: install
	$(BIN)/tenfold care $(CARE)

up: install
	$(BIN)/tenfold up

# Files in their order: what takes minutes comes early in the alphabet, and the last ones are short. Sorted by their number
# of tests, which is the default, the files of one long test each come last, and one core waits for the other.
test: install
	@rm -f .pytest_cache/v/cache/lastfailed
	$(BIN)/pytest -n $(or $(JOBS),2) --dist loadfile --no-loadscope-reorder $(TESTS)

# A few tests that failed, once more and alone: what fails again is broken; what does not is named, and was too busy.
again: install
	$(BIN)/python -m tests.again

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/bandit -q -c pyproject.toml -r shared services deploy

bench: install
	$(BIN)/python -m benchmarks

kafka: install
	$(BIN)/python -m deploy.kafka

clean:
	rm -rf .venv .kafka build *.egg-info
