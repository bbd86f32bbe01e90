# make demo [FILES="a.xml b.xml"]   a portal with a fictitious budget on http://127.0.0.1:5000
# make stop                         stop everything
# make test [ARGS="…"]              all the tests (ARGS go to pytest)
# CKAN_VERSION=2.11|2.12            chooses CKAN (2.12 by default)

PYTHON ?= python3
export CKAN_VERSION

.PHONY: help demo stop test services i18n
help:
	@sed -n 's/^# //p' Makefile

demo:
	@$(PYTHON) -m dev.bootstrap demo $(FILES)

stop:
	@$(PYTHON) -m dev.bootstrap stop

test:
	@$(PYTHON) -m dev.bootstrap test $(ARGS)

services:
	@$(PYTHON) -m dev.bootstrap services

# Extract the messages and bring the French catalogue up to date
i18n:
	.venv/bin/pybabel -q extract -F babel.cfg -k N_ -k NP_:1,2 --no-location --sort-output -o ckanext/budget/i18n/ckanext-budget.pot ckanext/budget
	.venv/bin/pybabel -q update -d ckanext/budget/i18n -D ckanext-budget -i ckanext/budget/i18n/ckanext-budget.pot --no-fuzzy-matching
	.venv/bin/pybabel -q compile -d ckanext/budget/i18n -D ckanext-budget
