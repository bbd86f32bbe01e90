# make demo [FILES="a.xml b.xml"]   a portal with a fictitious budget on http://127.0.0.1:5000
# make stop                         stop everything
# make test [ARGS="…"]              all the tests, on both CKANs (ARGS go to pytest, on one)
# make bench [ARGS=--quick]         measure, beside others' tools; writes benchmarks/RESULTS.md
# make soak [ARGS="files"]          20,000 damaged files, each converted whole or refused
# make soak [ARGS="imports"]        1,000 budgets imported by workers that are killed, beside a database that goes away
# make soak [ARGS="outages"]        a full disk, no Redis, no database in the middle of a deposit (no ARGS: all three)
# CKAN_VERSION=2.11|2.12            chooses CKAN (2.12 by default; make test: both)
# PORT=5001                         another port for make demo

PYTHON ?= python3
export CKAN_VERSION

.PHONY: help demo stop test bench soak services i18n
help:
	@sed -n 's/^# //p' Makefile

demo:
	@$(PYTHON) -m dev.bootstrap demo $(FILES)

stop:
	@$(PYTHON) -m dev.bootstrap stop

test:
	@$(PYTHON) -m dev.bootstrap test $(ARGS)

bench:
	@$(PYTHON) -m dev.bootstrap bench $(ARGS)

soak:
	@$(PYTHON) -m dev.bootstrap soak $(ARGS)

services:
	@$(PYTHON) -m dev.bootstrap services

# Extract the messages and bring the French catalogue up to date
i18n:
	.venv/bin/pybabel -q extract -F babel.cfg -k N_ -k NP_:1,2 --no-location --sort-output -o ckanext/budget/i18n/ckanext-budget.pot ckanext/budget
	.venv/bin/pybabel -q update -d ckanext/budget/i18n -D ckanext-budget -i ckanext/budget/i18n/ckanext-budget.pot --no-fuzzy-matching
	.venv/bin/pybabel -q compile -d ckanext/budget/i18n -D ckanext-budget
