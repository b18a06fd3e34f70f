# Everything the project does, by name. `make` alone lists the targets.

PYTHON ?= python3
PRESET ?= hermes
PYTEST_ARGS ?=
TEST_JOBS ?= 2

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONHASHSEED := 0

RUN := .venv/bin/python
STAMP := .venv/stamp

.DEFAULT_GOAL := help
.PHONY: help setup sim sim-netlist test lint verilog registers synth budgets explore growth waves \
    fresh figures regress drift session formal bench-golden aihwkit fpga clean distclean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml tb/toolchain/environment.py tb/toolchain/verilator_tree.py
	@command -v $(PYTHON) > /dev/null || \
	    { echo "setup: $(PYTHON) is needed and was not found" >&2; exit 2; }
	@$(PYTHON) tb/toolchain/environment.py

setup: $(STAMP)  ## make the environment in .venv; every other target does so when needed

sim: $(STAMP)  ## run the tile against the golden model
	@$(RUN) -m tb.sim

test: $(STAMP)  ## run the tests, TEST_JOBS files at a time; PYTEST_ARGS="-k name" chooses
	@mkdir -p build
	@$(RUN) -m pytest -n $(TEST_JOBS) --dist loadfile --junit-xml=build/tests.xml $(PYTEST_ARGS)

lint: $(STAMP)  ## check the Python with ruff
	@$(RUN) -m ruff check .

verilog: $(STAMP)  ## write build/verilog/PRESET; PRESET=hermes, or CONFIG=file.yaml
	@$(RUN) -m hw --preset $(PRESET) $(if $(CONFIG),--config $(CONFIG))

registers: $(STAMP)  ## write docs/registers.* and build/registers/html from the register map
	@$(RUN) -m tb.registers

SYNTH = $(RUN) -m tb.synth --preset $(PRESET) $(if $(BLOCK),--block $(BLOCK)) \
    $(if $(LIB),--lib "$(LIB)")

synth: $(STAMP)  ## map to standard cells: area, timing, power, gates; PRESET= BLOCK= LIB= narrow it
	@$(SYNTH)

budgets: $(STAMP)  ## synth, and accept what it measures as constraints/budgets.yaml
	@$(SYNTH) --update-budgets

explore: $(STAMP)  ## sweep lanes, formats, rounding, pipelines; EXPLORE_ARGS="--lanes 16,64"
	@$(RUN) -m tb.explore $(EXPLORE_ARGS)

growth: $(STAMP)  ## how area grows with lanes, columns and the scale's bits
	@$(RUN) -m tb.synth.growth

# Without a PRESET of the user's own the run has several.
fpga: $(STAMP)  ## place and route blocks on FPGAs; PRESET= BLOCK= DEVICE= narrow it
	@$(PYTHON) tb/toolchain/fpga_environment.py
	@$(RUN) -m tb.fpga $(if $(filter-out file,$(origin PRESET)),--preset $(PRESET)) \
	    $(if $(BLOCK),--block $(BLOCK)) $(if $(DEVICE),--device $(DEVICE))

waves: $(STAMP)  ## record one tile test on the tiny tile; TEST=name chooses
	@$(RUN) -m tb.waves $(TEST)

regress: $(STAMP)  ## run the wide regression; PARTS="timing patterns" chooses
	@$(RUN) -m tb.regress $(PARTS)

drift: $(STAMP)  ## age the array by ten years, correct it at each age; DRIFT_ARGS="--quick"
	@$(RUN) -m tb.drift $(DRIFT_ARGS)

session: $(STAMP)  ## a host's whole session with a tile: program, calibrate, run, age, correct
	@$(RUN) -m tb.session

sim-netlist: $(STAMP)  ## run the blocks' tests on netlists of cells; BLOCKS="lane nmpu" chooses
	@$(RUN) -m tb.netlist $(BLOCKS)

formal: $(STAMP)  ## prove the properties of the blocks; PROPERTIES="name name" chooses
	@$(RUN) -m tb.formal $(PROPERTIES)

bench-golden: $(STAMP)  ## measure the golden array: statistics, tables, aihwkit, speed; PARTS=...
	@$(RUN) -m tb.bench_golden $(PARTS)

aihwkit:  ## make the optional environment of aihwkit, for bench-golden
	@command -v $(PYTHON) > /dev/null || \
	    { echo "aihwkit: $(PYTHON) is needed and was not found" >&2; exit 2; }
	@$(PYTHON) tb/toolchain/aihwkit_environment.py

fresh: $(STAMP)  ## time sim and test from fresh clones of the last commit
	@$(RUN) -m tb.fresh

figures: $(STAMP)  ## print every figure measured so far
	@$(RUN) -m tb.figures

clean:  ## remove what the targets made, keep the environment
	@rm -rf build .pytest_cache .ruff_cache
	@find . -name '.venv*' -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean  ## remove the environment too
	@rm -rf .venv .venv-aihwkit .venv-fpga .venv.lock
