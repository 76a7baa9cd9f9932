# Everything starts here: `make` lists what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help

LANDSCAPE ?= order-processing
PYTHON := $(firstword $(wildcard /usr/bin/python3.11) $(shell command -v python3.11 2>/dev/null))

CONTEXTS ?=
OPERATORS ?=
with = $(if $(OPERATORS),--with $(OPERATORS))

.PHONY: help up down destroy test test-all check fix setup libraries lock cluster cluster-setup cluster-down bench vm vm-setup vm-down vm-test

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo "  LANDSCAPE=$(LANDSCAPE) names the folder of contexts/ that up, down and destroy work on."

up: ## provision a landscape on this machine, all set-up included
	@$(call bootstrap,--landscape $(LANDSCAPE))
	@.plat/bin/plat up $(LANDSCAPE)

down: ## stop everything (or one LANDSCAPE); all data stays
	@if [ -x .plat/bin/plat ]; then .plat/bin/plat down $(if $(filter file,$(origin LANDSCAPE)),,$(LANDSCAPE)); \
	else echo "nothing has been brought up here"; fi

destroy: ## remove what runs of a landscape and keep its data
	@$(call bootstrap,--landscape $(LANDSCAPE))
	@.plat/bin/plat destroy $(LANDSCAPE)

test: setup ## all checks and tests, those with real servers included
	@$(activated) toolchain/check --all

test-all: export PLAT_TEST_KILLS = 50
test-all: OPERATORS = cloudnative-pg gateway-api keda object-store prometheus rabbitmq strimzi
test-all: setup cluster-setup vm-setup ## all of that, and the tests on a real Kubernetes and on virtual machines, built first
	@$(activated) toolchain/check --all --cluster --vm

check: libraries ## formatting, lint, types and unit tests but the thorough ones: some 40 s on two processors
	@toolchain/check

fix: libraries ## format, and mend what lint can mend
	@.venv/bin/ruff check --fix . && .venv/bin/ruff format .

setup: ## only the set-up of `make test`
	@$(call bootstrap)

cluster: cluster-setup ## a real Kubernetes of one node on this machine (as root); OPERATORS="keda" adds operators
	@$(PYTHON) -m toolchain.cluster up $(with)

cluster-down: ## end that Kubernetes, with all that is in it
	@$(PYTHON) -m toolchain.cluster down

cluster-setup: setup ## only what that Kubernetes needs: programs and images
	@$(PYTHON) -m toolchain.cluster build $(with)

bench: setup ## Plat beside Pulumi, OpenTofu and kubectl on a real API server: hours, or minutes with CONTEXTS="10"
	@$(activated) .venv/bin/python -m bench.units $(CONTEXTS)

vm: vm-setup ## a real hypervisor on this machine (as root), for virtual machines without KVM
	@$(PYTHON) -m toolchain.vm up

vm-down: ## end that hypervisor, with all machines on it
	@$(PYTHON) -m toolchain.vm down

vm-setup: setup ## only what that hypervisor needs: plugins and disk images
	@$(PYTHON) -m toolchain.vm build

vm-test: vm-setup ## the quick checks, and the tests on virtual machines
	@$(activated) toolchain/check --vm

libraries:
	@$(call bootstrap,--libraries)

lock: ## write requirements.txt anew after a change of pyproject.toml (needs uv)
	uv pip compile pyproject.toml --group dev --generate-hashes --no-header --python-version 3.11 -o requirements.txt

activated = . .plat/activate &&
bootstrap = $(if $(PYTHON),$(PYTHON) -m toolchain.bootstrap $(1),\
	echo "Python 3.11 is missing. To get it: apt-get install python3.11 python3.11-venv (as root)" >&2; exit 1)
