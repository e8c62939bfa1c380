# Everything runs from a fresh clone with Python 3.11 or newer, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DATA ?= ../shared/corpora
KILLS ?= 200
export NO_MKDOCS_2_WARNING := 1

.PHONY: install run test test-kills check site index corpora bench bench-site bench-writers bench-gaps bench-malfunctions bench-privacy bench-reports bench-insights screenshots eval clean

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@echo "Installing into $(VENV); the first time this takes a few minutes."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

run: site index
	$(BIN)/sop serve

# In two processes, since many tests wait for others; the tests of one file stay in one of them.
test: install
	$(BIN)/python -m pytest --numprocesses 2 --no-loadscope-reorder

# The log under more kills than `make test` has: make test-kills KILLS=1000
test-kills: install
	KILLS=$(KILLS) $(BIN)/python -m pytest -s tests/search_api/events/test_kills.py

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sop check
	$(BIN)/sop owners --check
	$(BIN)/mkdocs build --strict --site-dir var/check-site
	$(BIN)/python -m pytest --quiet tests/test_architecture.py tests/test_docs.py

site: install
	$(BIN)/mkdocs build --quiet

index: site
	$(BIN)/sop build --site site

corpora: install
	$(BIN)/python benchmarks/corpora.py $(DATA) --write docs/corpora.md

bench: install
	$(BIN)/python benchmarks/speed.py $(DATA)/csc-user-guide \
		--large $(DATA)/hetzner-community --write docs/benchmarks.md

bench-site: install
	$(BIN)/python benchmarks/site.py --write docs/site-benchmarks.md

bench-writers: install
	$(BIN)/python benchmarks/writers.py $(DATA)/hetzner-community --write docs/writers-benchmarks.md

bench-gaps: DATA := ../shared/eval
bench-gaps: install
	$(BIN)/python benchmarks/gaps.py $(DATA) --write docs/gaps-benchmarks.md

bench-privacy: DATA := ../shared/eval
bench-privacy: install
	$(BIN)/python benchmarks/privacy.py $(DATA) --write docs/privacy-benchmarks.md

bench-malfunctions: export OPENBLAS_NUM_THREADS := 1
bench-malfunctions: install
	$(BIN)/python benchmarks/malfunctions.py --write docs/malfunctions-benchmarks.md

bench-reports: install
	$(BIN)/python benchmarks/reports.py --write docs/reports-benchmarks.md

bench-insights: export OPENBLAS_NUM_THREADS := 2
bench-insights: install
	$(BIN)/python benchmarks/insights.py --write docs/insights-benchmarks.md

screenshots: install
	$(BIN)/python benchmarks/screenshots.py docs/assets/screenshots

# txtai, which only this comparison needs, is installed when it is first asked for.
eval: DATA := ../shared/eval
eval: install
	$(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python benchmarks/evaluation.py $(DATA) --write docs/evaluation.md

clean:
	rm -rf $(VENV) site var
