# Two commands: `make run` shows the main job on the sample archive, `make test` checks everything.
# Both set up .venv first; nothing but Python 3.11, pip and make is needed.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
SAMPLE := build/sample
# One more than CI has processors: a worker waits at times, for a crawl that has to be polite or a server that does not
# answer. A file's tests share what they start, so each file has one worker.
JOBS   := 3
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder
SETUPTOOLS := 84.2.1

.PHONY: run test drills check dictionary lock wheelhouse clean

run: $(READY)
	rm -rf $(SAMPLE)
	$(BIN)/diembao nightly --data $(SAMPLE) --replay samples/night-1.warc.gz samples/night-2.warc.gz samples/night-3.warc.gz
	$(BIN)/diembao monthly 2021-07 --preview --data $(SAMPLE)
	@echo
	@echo "This was a SAMPLE: every article in it was written by us, none is press. Open now:"
	@echo "  $(SAMPLE)/preview/2021-07/summary.html   the month's summary as KSTT receives it"
	@echo "  $(SAMPLE)/published/coverage.duckdb      the database: $(BIN)/diembao sql \"FROM coverage_monthly\" --data $(SAMPLE)"
	@echo "  $(SAMPLE)/archive/                       what was served, as WARC"

test: check
	$(PYTEST)

# Fifty times kill -9 in the middle of a crawl of forty hosts, of a load and of a publication, two hundred times mail that
# is killed while its server misbehaves, and all else that is too long for `make test`, which does five, five, one and
# six of them.
KILLS := 50
MAIL_KILLS := 200
drills: $(READY)
	DIEMBAO_KILLS=$(KILLS) DIEMBAO_MAIL_KILLS=$(MAIL_KILLS) $(PYTEST) -m "" tests/drills
	$(PYTEST) -m drill --ignore tests/drills

# docs/dictionary.md from the comments in the database; `make run` comes first.
dictionary: $(READY)
	$(BIN)/python -m warehouse.dictionary $(SAMPLE) > docs/dictionary.md

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# pip 23.2 fails on one of our requirements (lxml[html-clean] asked for twice), so pip itself comes first. One of the
# readers that tests compare ours with (surt, for cdxj-indexer) has no wheel: what builds it is pinned as well.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11) and "Python 3.11 or newer is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip==26.3 setuptools==$(SETUPTOOLS)
	$(BIN)/python -m pip install --quiet --no-build-isolation --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	test -d $(FONTS) || $(GET_FONTS) || echo "fonts-liberation2 is not installed: PDFs are set in Libertinus Serif."
	touch $@

# The letters of the PDF, with all that Vietnamese needs, where we may install them; elsewhere it falls back.
FONTS     := /usr/share/fonts/truetype/liberation2
APT       := DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=10
GET_FONTS := { test "$$(id -u)" = 0 && command -v apt-get && \
	{ $(APT) install -y fonts-liberation2 || { $(APT) update && $(APT) install -y fonts-liberation2; }; }; } >/dev/null 2>&1

# Needs uv; writes versions and hashes of every dependency, and no index address.
lock:
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-header --no-annotate --python-version 3.11 -o requirements.lock

# Everything that a machine without a network needs but Python itself: our wheel and those of the lock, dev left out.
# It fits machines of this one's kind: the same Python release, processor and libc (docs/operations.md).
WHEELHOUSE := dist/wheelhouse
wheelhouse: $(READY)
	rm -rf $(WHEELHOUSE)
	mkdir -p $(WHEELHOUSE)
	$(BIN)/python deploy/wheelhouse.py requirements.lock > $(WHEELHOUSE)/requirements.txt
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --require-hashes -r $(WHEELHOUSE)/requirements.txt -w $(WHEELHOUSE)
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation . -w $(WHEELHOUSE)
	cp -r deploy docs README.md README.vi.md LICENSE $(WHEELHOUSE)
	cd $(WHEELHOUSE) && sha256sum *.whl > SHA256SUMS
	du -sh $(WHEELHOUSE)

clean:
	rm -rf $(VENV) build
