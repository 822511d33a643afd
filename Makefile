# Kindling. "make help" says what there is; "make quickstart" shows it.
# Everything is installed into folders that git ignores: .build, .venv, python/kindling/_lib.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

export GO     ?= go
export PYTHON ?= python3
# A real Ignite that cannot be started fails the tests; KINDLING_IGNITE=off leaves it out.
export KINDLING_IGNITE ?= require
export TF_CPP_MIN_LOG_LEVEL ?= 2

BUILD := $(CURDIR)/.build
BIN   := $(BUILD)/bin
COUNT := $(BUILD)/counts
VENV  := $(CURDIR)/.venv
PY    := $(VENV)/bin/python
PIP   := tools/python/install.py

ifeq ($(OS),Windows_NT)
  EXE := .exe
  LIB := kindling.dll
  PY  := $(VENV)/Scripts/python.exe
else ifeq ($(shell uname -s),Darwin)
  LIB := libkindling.dylib
else
  LIB := libkindling.so
endif

KINDLING    := $(BIN)/kindling$(EXE)
LIBKINDLING := python/kindling/_lib/$(LIB)
GOLANGCI    := $(BIN)/golangci-lint$(EXE)
GOFUMPT     := $(BIN)/gofumpt$(EXE)
GOTEST      := $(BIN)/gotest$(EXE)
README      := $(BIN)/readme$(EXE)
IGNITE      := $(BIN)/ignite-server$(EXE)

# Packages whose goroutines share memory are tested under the race detector.
RACE_PACKAGES := ./ignite/... ./dataset/... ./column/... ./node/...
# A test binary that runs this long is stuck.
TEST_TIMEOUT  := 10m

GOBUILD := -trimpath -ldflags="-s -w"

say = @printf '==> %s\n' '$(strip $(1))' >&2

.PHONY: help
help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- what must be installed: one clear line says what is not ---

.PHONY: need-go need-cc need-python need-java
need-go need-python:
	@tools/need.sh $(@:need-%=%)
need-cc need-java: need-go
	@tools/need.sh $(@:need-%=%)

# --- build ---

.PHONY: build
build: need-cc ## the command line (.build/bin/kindling) and libkindling for Python
	$(call say, build kindling: for some minutes the first time)
	@CGO_ENABLED=0 $(GO) build $(GOBUILD) -o $(KINDLING) ./cmd/kindling
	$(call say, build libkindling)
	@mkdir -p python/kindling/_lib
	@CGO_ENABLED=1 $(GO) build $(GOBUILD) -buildmode=c-shared -o $(LIBKINDLING) ./bridge

# The stamps in .venv say which requirements it was made from.
$(VENV)/.quickstart: tools/python/requirements.txt tools/python/requirements-quickstart.txt python/pyproject.toml | need-python
	$(call say, make .venv with TensorFlow: some hundred MB once)
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) $(PIP) -r tools/python/requirements.txt
	@$(PY) $(PIP) --no-deps -r tools/python/requirements-quickstart.txt
	@$(PY) $(PIP) --no-deps --no-build-isolation -e python
	@touch $@

$(VENV)/.dev: tools/python/requirements-dev.txt $(VENV)/.quickstart
	$(call say, add the development tools to .venv)
	@$(PY) $(PIP) -r tools/python/requirements-dev.txt
	@touch $@

$(VENV)/.bench: tools/python/requirements-bench.txt $(VENV)/.quickstart
	$(call say, add pyignite to .venv)
	@$(PY) $(PIP) -r tools/python/requirements-bench.txt
	@touch $@

.PHONY: venv
venv: $(VENV)/.dev ## .venv with TensorFlow and the development tools

.PHONY: wheel
wheel: build $(VENV)/.dev ## the Python wheel, in .build/wheel
	$(call say, build the wheel)
	@rm -rf $(BUILD)/wheel
	@$(PY) -m pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation -w $(BUILD)/wheel ./python
	@ls $(BUILD)/wheel

.PHONY: quickstart
quickstart: build $(VENV)/.quickstart ## digits from a cache to a trained Keras model, without Java
	$(call say, quick start)
	@TF_CPP_MIN_LOG_LEVEL=3 $(PY) -m kindling.quickstart

# --- tools, pinned in tools/go.mod ---

$(GOLANGCI): tools/go.mod | need-go
	$(call say, build golangci-lint: once and for some minutes)
	@$(GO) build -C tools -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(GOFUMPT): tools/go.mod | need-go
	$(call say, build gofumpt)
	@$(GO) build -C tools -o $@ mvdan.cc/gofumpt

$(GOTEST) $(README): $(BIN)/%$(EXE): tools/go.mod $(wildcard tools/gotest/*.go tools/readme/*.go) | need-go
	@$(GO) build -C tools -o $@ ./$*

.PHONY: ignite
ignite: need-java ## the jars of a real Apache Ignite, for tests
	@$(GO) build -o $(IGNITE) ./ignitetest/cmd/ignite-server
	@if [ "$(KINDLING_IGNITE)" = require ]; then $(IGNITE) --fetch; fi

# --- checks ---

.PHONY: lint lint-go lint-python
lint: lint-go lint-python ## formatting, static checks, types

lint-go: $(GOLANGCI) $(GOFUMPT)
	$(call say, lint Go)
	@bad=$$(git ls-files -co --exclude-standard '*.go' | xargs $(GOFUMPT) -l) && \
	if [ -n "$$bad" ]; then printf 'make: gofumpt would change\n%s\n' "$$bad" >&2; exit 1; fi
	@$(GOLANGCI) run ./...
	@$(GO) vet -C tools ./gotest ./readme

lint-python: $(VENV)/.dev
	$(call say, lint Python)
	@$(PY) -m ruff check python bench
	@$(PY) -m ruff format --check python bench
	@cd python && $(PY) -m mypy

TEST_STEPS := build lint test-go test-conformance test-readme test-python

.PHONY: test
test: need-cc need-python need-java $(GOTEST) ## everything that must hold before a change lands
	@rm -rf $(COUNT) && mkdir -p $(COUNT)
	@for step in $(TEST_STEPS); do \
	  began=$$SECONDS; $(MAKE) --no-print-directory $$step || exit 1; \
	  printf '%6d s  %s\n' $$((SECONDS - began)) $$step >> $(COUNT)/steps.txt; \
	done; $(GOTEST) -summary $(COUNT) -seconds $$SECONDS

.PHONY: test-go test-conformance test-python test-readme
test-go: $(GOTEST) ignite
	$(call say, test the Go packages)
	@$(GOTEST) -counts $(COUNT)/go.json -- -timeout $(TEST_TIMEOUT) \
	  $$($(GO) list ./... | grep -v '/conformance$$' | grep -vxF "$$($(GO) list $(RACE_PACKAGES))")
	$(call say, test under the race detector)
	@$(GOTEST) -counts $(COUNT)/race.json -- -race -timeout $(TEST_TIMEOUT) $(RACE_PACKAGES)
	@$(GO) test -C tools ./...

test-conformance: $(GOTEST) ignite
	$(call say, conformance suite on the embedded node and on a real Apache Ignite)
	@$(GOTEST) -v -counts $(COUNT)/conformance.json -- -count=1 -timeout $(TEST_TIMEOUT) ./conformance

test-readme: $(README) build $(VENV)/.dev
	$(call say, run the snippets of README.md)
	@$(README) README.md

test-python: build ignite $(VENV)/.dev
	$(call say, test the Python package)
	@mkdir -p $(COUNT)
	@cd python && $(PY) -m pytest -q --junitxml=$(COUNT)/python.xml

.PHONY: test-long test-links fuzz
test-long: test test-links $(BUILD)/venv-tf216/.ready fuzz ## test, three slow links, the oldest TensorFlow, and each fuzz target for 30 s
	$(call say, test the Python package on TensorFlow 2.16)
	@cd python && $(BUILD)/venv-tf216/bin/python -m pytest -q

# The namespace has a loopback of its own to slow down.
test-links: ignite
	$(call say, three nodes behind links of 100 MB/s)
	@command -v tc >/dev/null && command -v ip >/dev/null && command -v unshare >/dev/null || { echo "missing: ip and tc (iproute2), unshare (util-linux)"; exit 1; }
	@$(GO) test -tags links -c -o $(BIN)/links.test ./dataset
	@cd dataset && unshare --map-root-user --net $(BIN)/links.test -test.v -test.timeout 5m -test.run '^TestThreeLinks$$'

fuzz: need-go
	$(call say, fuzz)
	@git ls-files -co --exclude-standard '*_test.go' | xargs grep -Ho '^func Fuzz[A-Za-z0-9_]*' | sed 's/:func / /' | \
	while read -r file target; do \
	  $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime 30s -fuzzminimizetime 10x "./$$(dirname $$file)" || exit 1; \
	done

# TensorFlow 2.16 has wheels for Python 3.9 to 3.12.
PYTHON_TF216 ?= $(PYTHON)
$(BUILD)/venv-tf216/.ready: tools/python/requirements-tf216.txt python/pyproject.toml | need-python
	$(call say, make an environment with TensorFlow 2.16)
	@$(PYTHON_TF216) -m venv $(@D)
	@$(@D)/bin/python $(PIP) -r tools/python/requirements-tf216.txt
	@$(@D)/bin/python $(PIP) --no-deps --no-build-isolation -e python
	@touch $@

.PHONY: bench
bench: build ignite $(VENV)/.bench ## speed beside a real Ignite: ours, its peers, and the ceiling (BENCH="-quick" for less)
	$(call say, benchmark)
	@$(GO) build -o $(BIN)/bench$(EXE) ./bench
	@$(BIN)/bench$(EXE) -python $(PY) -kindling $(KINDLING) -out $(BUILD)/bench.json -svg $(BUILD)/bench.svg $(BENCH)

# Where the cycles of a Go reader go, for each size of rows.
.PHONY: profile
profile: build ignite $(VENV)/.bench ## CPU profiles of reading, in .build/profile
	$(call say, profile)
	@$(GO) build -o $(BIN)/bench$(EXE) ./bench
	@mkdir -p $(BUILD)/profile
	@$(BIN)/bench$(EXE) -python $(PY) -kindling $(KINDLING) -rounds 2 -partitions 32 -readers ceiling,go -profile $(BUILD)/profile $(BENCH)
	@for profile in $(BUILD)/profile/*.pprof; do \
	  $(GO) tool pprof -top -nodecount=12 $(BIN)/bench$(EXE) $$profile 2>/dev/null | sed "1s|.*|$${profile##*/}|"; done

.PHONY: clean
clean: ## remove everything that was built or installed here
	rm -rf $(BUILD) $(VENV) python/kindling/_lib python/kindling/_bin python/dist
