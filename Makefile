# make demo   build a voice from the bundled recordings, speak, compare; leaves everything in demo/
# make test   all tests, in a virtual environment of its own
# Both need Python 3.11+ with venv, a C++ compiler with Python's headers, and a package index.

PYTHON ?= python3
VENV ?= .venv
PY = $(VENV)/bin/python
PIP = $(PY) -m pip install --disable-pip-version-check --quiet -c constraints.txt
PLUGINS = $(wildcard plugins/*/pyproject.toml)
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: demo test lint docs bench clean system

demo: $(VENV)/.classical
	$(PY) corpora/demo.py demo

test: $(VENV)/.all
	$(PY) -m pytest -n 2 --dist loadscope

lint: $(VENV)/.all
	$(PY) -m ruff check .
	$(PY) -m mypy

docs: $(VENV)/.all
	$(PY) -m mkdocs build --strict

clean:
	rm -rf demo site .pytest_cache .mypy_cache .ruff_cache

# Says what is missing on this machine, and the command that installs it, before pip fails far from the cause.
system:
	@$(PYTHON) corpora/system_check.py

$(PY): | system
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade "pip>=24" wheel

$(VENV)/.classical: pyproject.toml constraints.txt $(PLUGINS) | $(PY)
	@echo "installing synthkit and its classical plugins into $(VENV) …"
	$(PIP) -e ".[classical]"
	@touch $@

$(VENV)/.all: pyproject.toml constraints.txt $(PLUGINS) | $(PY)
	@echo "installing synthkit, every plugin and the test tools into $(VENV) (some minutes the first time) …"
	$(PIP) "torch==2.13.0"
	$(PIP) -e ".[test]"
	$(PY) corpora/install_plugins.py
	@touch $@ $(VENV)/.classical
