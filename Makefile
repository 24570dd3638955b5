# Set-up rests on a stamp: `make setup` does nothing while pyproject and constraints are unchanged.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
# Where it is set, each process that a test or a measurement starts would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup models demo test check nightly attack-api faults bench-erasure bench bench-clearance bench-forgetting bench-interrupted bench-web reference screens clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / — /'

setup: $(STAMP) ## make .venv and install the project with everything it needs

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "Volenti needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[faces,credentials,train,pipelines,parquet,web,dev]'
	@touch $@

models: $(STAMP) ## fetch the face models' weights and verify them
	$(BIN)/volenti models fetch

demo: models ## the whole story, from a signed release to a certificate: build/demo
	rm -rf build/demo
	$(BIN)/volenti demo --dir build/demo

test: models ## all tests
	$(BIN)/pytest -n 2 --dist worksteal

check: $(STAMP) ## formatting, lint, types, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What takes hours, or needs another Python, is run by a target of its own; what is fitted for the
# package, by whoever means to change it.
OTHERS := $(addprefix bench/,interrupted.py web.py grid.py erasure.py deepface_costs.py rendered_cohort.py sketch_basis.py)
BENCHES = $(filter-out $(OTHERS),$(shell grep -l __main__ bench/*.py))

bench: models ## every measurement in bench/; figures land in bench/out
	@set -e; for each in $(BENCHES); do $(BIN)/python $$each; done

bench-clearance: models ## what clearing costs; DEEPFACE=PYTHON measures DeepFace beside it
	$(BIN)/python bench/clearance.py $(if $(DEEPFACE),--deepface $(DEEPFACE))
	$(BIN)/python bench/gallery.py

nightly: models ## other stories in two worlds, some with the real trainer: ten minutes
	VOLENTI_NIGHTLY=1 $(BIN)/pytest -q --timeout 0 tests/scenarios/test_noninterference.py

faults: $(STAMP) ## everything that can happen to an erasure, one at a time: a quarter of an hour; make faults EVERY=40 is a taste
	$(BIN)/python -m tests.faults.campaign $(if $(EVERY),--every $(EVERY))

attack-api: models ## 500 calls of each operation of the HTTP API, half of them wrong, by schemathesis: half an hour
	VOLENTI_ATTACK_EXAMPLES=500 $(BIN)/pytest -q -s --timeout 0 tests/web/test_api_attack.py

bench-erasure: $(STAMP) ## what erasing one person takes up to a million pictures, beside other stores: an hour, 60 GB
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python bench/erasure.py $(if $(FOLDER),--folder $(FOLDER))

bench-forgetting: models ## what one complaint costs, and what forgetting exactly costs in quality
	$(BIN)/python bench/forgetting.py $(foreach part,$(ONLY),--only $(part))
	$(BIN)/python bench/exactness.py

bench-web: models ## what each page takes while twenty people work at once, with 100,000 pictures: ten minutes
	$(BIN)/python bench/grid.py $(if $(FOLDER),--folder $(FOLDER))
	$(BIN)/python bench/web.py $(if $(FOLDER),--folder $(FOLDER))

bench-interrupted: models ## 100,000 pictures taken in and cleared, killed three times; hours
	$(BIN)/python bench/interrupted.py $(if $(FOLDER),--folder $(FOLDER))

reference: $(STAMP) ## write docs/reference from the code
	$(BIN)/python -m volenti.cli.reference

screens: $(STAMP) ## photograph the pages over the demo's workspace: docs/screens
	$(BIN)/python tools/screens.py $(if $(ONLY),--only $(ONLY))

clean: ## remove what was built; keeps .venv
	rm -rf build bench/out .pytest_cache .mypy_cache .ruff_cache
