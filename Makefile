# What to type; `make` alone lists it.

export ORT_DISABLE_TELEMETRY := 1

TARGET := $(or $(CARGO_TARGET_DIR),target)
ATELIER := $(TARGET)/release/atelier
# For example: make run ARGS="--listen 127.0.0.1:9000 --log json"
ARGS :=

.DEFAULT_GOAL := help
.PHONY: help run build onnxruntime test test-rust test-page test-clients test-docs test-exports test-provenance bench lint openapi smoke image-test chaos monitoring-test holds soak fuzz full-size-test clean

help: ## List these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

run: build ## Build everything and serve the shipped models on 127.0.0.1:8080
	@exec $(ATELIER) serve --models onnx $(ARGS)

build: onnxruntime ## Build the release binary and install the library that it loads
	cargo build --release --locked

onnxruntime: ## Install ONNX Runtime's shared library into .onnxruntime/
	@scripts/install-onnxruntime

# training/training.mk adds the Python checks to these two, where there are any.
test: test-rust test-page test-clients test-docs test-exports test-provenance ## Run every test
lint: lint-rust ## Check formatting, lints and documentation, warnings denied

test-rust: onnxruntime
	cargo test --locked

test-page: onnxruntime ## Try the page in a real browser
	cargo build --locked
	@scripts/test-page $(TARGET)/debug/atelier

# What the tests in Python need lives in an environment of its own.
TEST_VENV := .venv-tests
TEST_PYTHON := $(TEST_VENV)/bin/python

$(TEST_VENV)/.ready: tests/clients/requirements.txt
	python3 -m venv $(TEST_VENV)
	$(TEST_PYTHON) -m pip install --quiet --requirement $<
	@touch $@

test-clients: onnxruntime $(TEST_VENV)/.ready ## Run the official clients of other services against a real server
	cargo build --locked
	@$(TEST_PYTHON) scripts/test-clients $(TARGET)/debug/atelier

test-docs: onnxruntime $(TEST_VENV)/.ready ## Hold the OpenAPI document and the examples against a real server
	cargo build --locked
	@$(TEST_PYTHON) scripts/test-openapi $(TARGET)/debug/atelier
	@$(TEST_PYTHON) scripts/test-clients --install
	@$(TEST_PYTHON) scripts/test-examples $(TARGET)/debug/atelier README.md

test-exports: onnxruntime $(TEST_VENV)/.ready ## Import graphs as people export them, and compare with ONNX Runtime
	cargo build --locked
	@$(TEST_PYTHON) scripts/test-exports $(TARGET)/debug/atelier

test-provenance: onnxruntime $(TEST_VENV)/.ready ## Sign files, and have the readers of others check them
	cargo build --locked
	@$(TEST_PYTHON) scripts/test-provenance $(TARGET)/debug/atelier

bench: build ## Measure (see benches/README.md)
	@benches/run

.PHONY: lint-rust
lint-rust:
	@scripts/check-rooms
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --locked check bans licenses sources; \
	else echo "cargo-deny is not installed, so dependencies' licences were not checked (cargo install cargo-deny)"; fi

# FULL_SIZE=FOLDER, which scripts/make-full-size fills with PyTorch; outside of the checkout, since it has gigabytes.
full-size-test: build ## Measure a Stable Diffusion of true size (FULL_SIZE=FOLDER, built if it isn't there)
	@test -n "$(FULL_SIZE)" || { echo "name a folder with some gigabytes of room: make full-size-test FULL_SIZE=FOLDER"; exit 2; }
	@test -e "$(FULL_SIZE)/sd15" || python3 scripts/make-full-size "$(FULL_SIZE)"
	@python3 scripts/full-size-test $(ATELIER) "$(FULL_SIZE)"

openapi: ## Write openapi.yaml from the code
	@cargo run --quiet --locked -- openapi > openapi.yaml.new
	@mv openapi.yaml.new openapi.yaml

smoke: build ## Start the release binary, paint with every shipped model, stop it
	@scripts/smoke --binary $(ATELIER)

image-test: ## Build the container image without a Docker engine, start it, paint with it (Debian, as root)
	@docker/image-test

# One of them alone: make chaos CHAOS=haproxy
CHAOS := nginx haproxy
chaos: build ## Put nginx and HAProxy before three replicas, restart, kill and hang them under load (Debian, as root)
	@docker/chaos-test $(ATELIER) $(CHAOS)

monitoring-test: build ## Have a real Prometheus ask all that the alerts and the dashboard ask (Debian, as root)
	@docker/monitoring-test $(ATELIER)

holds: build ## Measure what one caller can take from another, and what attacks cost
	@benches/holds.py $(ATELIER)

# In minutes; an hour finds what leaks slowly.
SOAK := 60
soak: build ## Ask for all sorts of things for an hour and see that nothing is kept (SOAK=minutes)
	@benches/soak.py $(ATELIER) $(SOAK)

# In minutes, of all targets together.
FUZZ := 60
fuzz: ## Throw damaged files and bodies at what reads them, for an hour (FUZZ=minutes; needs nightly Rust and cargo-fuzz)
	@scripts/fuzz --minutes $(FUZZ)

clean: ## Remove what was built and downloaded
	cargo clean
	rm -rf .onnxruntime .onnxruntime-gpu .cache

-include training/training.mk
