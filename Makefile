# Minka's commands. Each one sets up what it needs first; a second time that costs nothing.
.PHONY: setup setup-test run test check bench nightly lock clean
JOBS ?= 2

setup:  ## .venv with .venv/bin/minka, fonts, web assets
	@tools/setup run

setup-test:
	@tools/setup test

run: setup  ## a running city
	@.venv/bin/minka up

check: setup-test  ## format, style, types, floors, house
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/pytest -q tests/house

test: setup-test  ## every test but the long ones
	.venv/bin/pytest -q -n $(JOBS) --dist loadfile -m "not nightly"

nightly: setup-test  ## the long ones: many crashes, many seeds, large data
	.venv/bin/pytest -q -n $(JOBS) --dist loadfile --timeout 7200 -m nightly

bench: setup-test  ## measure
	.venv/bin/minka bench

COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

lock:  ## requirements/*.txt anew, for Python 3.11 to 3.13 on any system; needs uv
	$(COMPILE) $(LOCK_FLAGS) -o requirements/run.txt requirements/run.in requirements/build.in
	$(COMPILE) $(LOCK_FLAGS) -o requirements/test.txt -c requirements/run.txt \
		requirements/run.in requirements/build.in requirements/test.in
	@! grep -nE '://|^ *--(index|extra|find|trusted)' requirements/*.txt

clean:  ## remove all that can be made again; the data in .minka stay
	rm -rf .venv node_modules build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find minka tests -name __pycache__ -prune -exec rm -rf {} +
