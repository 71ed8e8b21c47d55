# `make demo` shows the collection at work, `make test` proves it; see CONTRIBUTING.md for the rest.

# The newest Python that runs a supported ansible-core. Each candidate is run, for a shim on PATH proves nothing.
find_python = for v in 3.14 3.13 3.12 3.11; do \
	for p in python$$v $${PYENV_ROOT:-$$HOME/.pyenv}/versions/$$v.*/bin/python$$v python3; do \
		"$$p" -c "import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '$$v')" 2>/dev/null && echo "$$p" && exit; \
	done; \
done
PYTHON := $(or $(PYTHON),$(shell $(find_python)))
ifeq ($(PYTHON),)
$(error Python 3.11, 3.12, 3.13 or 3.14 with its venv module is needed, and none was found. \
	Debian and Ubuntu have it in the packages python3 and python3-venv)
endif

GROUPS := sanity units integration contract scenarios roles faults simulator-tests tools benchmark lint build

help:
	@echo 'make demo              the collection against the simulator, from nothing to nothing'
	@echo 'make test              all tests, with one summary; STAGES="units lint" for some of them'
	@echo 'make GROUP             one group of tests: $(GROUPS)'
	@echo 'make bench             what waiting costs, beside other tools; writes the page of the documentation'
	@echo 'make cost              lines of each resource and of each part of the project'
	@echo 'make coverage          branch coverage of plugins/ by units, scenarios, contract and faults together'
	@echo 'make payload           size of what Ansible sends for each module; OPTIONS=--time measures tasks too'
	@echo 'make simulator         a Gcore Cloud API on this machine; OPTIONS="--port 8080 --speed 20"'
	@echo 'make docs              the documentation as HTML, in build/docs'
	@echo 'make clean             remove what these commands made'

test:
	@$(PYTHON) -m tests.runner $(STAGES)

$(GROUPS):
	@$(PYTHON) -m tests.runner $@

docs:
	@$(PYTHON) -m tests.runner --docs

demo:
	@$(PYTHON) -m tests.demo

bench:
	@$(PYTHON) -m tests.benchmark $(OPTIONS)

cost:
	@$(PYTHON) -m tests.tools.cost

coverage:
	@$(PYTHON) -m tests.tools.coverage $(OPTIONS)

payload:
	@$(PYTHON) -m tests.tools.payload $(OPTIONS)

simulator:
	@$(PYTHON) -m tests.demo --simulator $(OPTIONS)

clean:
	rm -rf build .venv tests/output

.PHONY: help test docs demo bench cost coverage payload simulator clean $(GROUPS)
