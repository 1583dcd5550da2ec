# sipvpn: VPNs that a SIP server introduces. `make help` lists the targets.
#
# Knobs: PREFIX=/usr/local DESTDIR= MODDIR= BUILD=build KAMAILIO_SRC=(own tree)
#        SAN=address,undefined  V=1 (show commands)  KEEP=1 (demo stays up)
#        FUZZ_TIME=seconds  SOAK=minutes  DEPS=no (packages were installed
#        by other means)  RFC4475_DIR=(folder with the RFC's own messages)
PREFIX  ?= /usr/local
SAN     ?=
BUILD   ?= build$(if $(SAN),/san)
override BUILD := $(abspath $(BUILD))
# Two names to make, and to rm -rf; Kamailio's own make is no better at it.
ifneq ($(words $(BUILD) $(CURDIR)),2)
$(error the path of this folder or of BUILD has a blank in it: make cannot \
	handle that, move it to one without)
endif
OWN     := $(patsubst %/san,%,$(BUILD))
PYTHON  ?= /usr/bin/python3
KAMAILIO_SRC ?= $(OWN)/kamailio/src-tree
MODDIR  ?= $(or $(shell kamailio -I 2>/dev/null | sed -n \
	's/.*paths to modules: \([^:]*\).*/\1/p'),/usr/lib/kamailio/modules)
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla -Wformat=2 $(WERROR)
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all)
export BUILD PYTHON KAMAILIO_SRC WARN SANFLAGS SAN V
export PYTHONDONTWRITEBYTECODE = 1
MAKEFLAGS += --no-print-directory $(if $(V),,-s)
PARALLEL = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
MAKEOVERRIDES = # the environment carries the knobs: BUILD is absolute there

.PHONY: all module ua ksrc need tools deps demo demo-down check check-chroot \
	unit fuzz integration memcheck soak bench bench-readme load lint readme \
	format install uninstall clean help

all: module ua ## build the module and the helper (the default)
module: ksrc
	@$(MAKE) -C kamailio-module
ua: need
	@$(MAKE) -C ua-helper
ksrc: need
	@test "$(KAMAILIO_SRC)" != $(OWN)/kamailio/src-tree || \
		BUILD=$(OWN) scripts/kamailio-src.sh
	@test -r $(KAMAILIO_SRC)/src/config.mak || { echo "KAMAILIO_SRC:" \
		"$(KAMAILIO_SRC) is no configured Kamailio tree: run 'make cfg'" \
		"there, or leave KAMAILIO_SRC out to have one fetched"; exit 1; }
need:
	@scripts/setup.sh --check build
tools:
	@scripts/setup.sh --check check
deps: ## install the Debian packages that building needs (as root)
	@scripts/setup.sh build

demo: ## show a call and its tunnel; sets up all it needs (KEEP=1: stays)
	@scripts/preflight.sh
	@scripts/setup.sh demo
	@$(MAKE) $(PARALLEL) all
	@$(PYTHON) tests/demo/demo.py $(if $(KEEP),--keep)
demo-down: ## take down what `make demo KEEP=1` left standing
	@$(PYTHON) tests/demo/demo.py --down

check: ## lint, unit tests, fuzzers, integration tests; sets up all it needs
	@scripts/preflight.sh
	@scripts/setup.sh check
	@$(PYTHON) tests/check.py
check-chroot: ## demo and check in a fresh Debian (SUITE=bookworm, or trixie)
	@tests/chroot.sh
unit: tools ## unit tests alone (SAN=address,undefined: sanitized, in build/san)
	@$(MAKE) -C tests unit
fuzz: tools ## every fuzzer for FUZZ_TIME=20 seconds
	@$(MAKE) -C tests fuzz
integration: tools all ## tests with a real Kamailio and OpenVPN in namespaces
	@$(MAKE) -C tests integration
memcheck: all ## the helper's main tests with sipvpn-ua under Valgrind
	@scripts/setup.sh memcheck
	@tests/memcheck.sh
soak: tools all ## calls, reloads, restarts for SOAK=10 minutes, a leak check
	@$(PYTHON) tests/soak/soak.py
bench: ## what it costs: build/bench/report.md (BENCH=quick: a short one)
	@scripts/setup.sh bench
	@$(MAKE) all
	@$(PYTHON) tests/bench/bench.py
bench-readme: ## put the tables of the last whole `make bench` into README.md
	@$(PYTHON) tests/bench/readme.py
load: ## a minute of calls (RATE=100 TIME=60 CALLS= MIX= SERVER=); build/load/
	@scripts/setup.sh load
	@$(MAKE) all
	@$(PYTHON) tests/load/load.py
lint: tools ksrc ## format, clang-tidy, cppcheck, shellcheck, layering, sizes
	@$(MAKE) -C tests lint
readme: ksrc ## make kamailio-module/README of doc/ (xsltproc docbook-xsl lynx)
	@scripts/module-readme.sh
format: tools ## clang-format all C files
	@$(MAKE) -C tests format

export PREFIX DESTDIR
install: $(BUILD)/module/sipvpn.so $(BUILD)/ua/sipvpn-ua ## DESTDIR=, PREFIX=
	@MODDIR=$(MODDIR) scripts/install.sh install
$(BUILD)/module/sipvpn.so $(BUILD)/ua/sipvpn-ua &:
	@$(MAKE) all
uninstall: ## removes exactly what install put there
	@MODDIR=$(MODDIR) scripts/install.sh uninstall
clean: ## remove build/ (with the Kamailio source in it)
	rm -rf $(BUILD)
help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | \
		while read -r name text; do printf '  %-13s %s\n' "$$name" \
		"$$text"; done
