# Targets and what they need. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help check fmt test scenario chaos bench demo-rt up down run clean
local := deploy/local
# What is pure needs no server, no native library and a few seconds.
pure := -p domain -p ports -p mapping -p delivery

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: ## format, lints and the tests of the pure crates; no root, installs nothing
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo test --locked $(pure)

fmt: ## format the code
	cargo fmt --all

test: ## everything: prerequisites, build, tests, then tests on Kafka, a schema registry and Request Tracker
	@$(local)/test.sh

scenario: ## scenarios by the beginning of their names: S=01-issue/03, LEVEL=mapping, simulation or real
	@SCENARIO='$(S)' LEVEL='$(LEVEL)' $(local)/test.sh scenario

chaos: ## the pipeline under kills, cuts and outages, judged by its journals; CHAOS_KILLS=20 and more: tests/chaos/settings.rs
	@$(local)/test.sh chaos

bench: ## our transformer beside a raw relay of the same bytes, on a Kafka of its own
	@benches/run.sh

demo-rt: ## N=20 issues to Request Tracker and back, RATE=5 a second, on what `make up` starts
	@$(local)/demo-rt.sh

up: ## start everything on this machine; BROKERS=3 for three Kafka nodes
	@BROKERS='$(BROKERS)' $(local)/up.sh

down: ## stop what `make up` started; data stays
	@$(local)/down.sh

run: ## the whole pipeline in one process, its page on http://127.0.0.1:8080; SYSTEM=rt with Request Tracker
	@SYSTEM='$(SYSTEM)' ARGS='$(ARGS)' $(local)/run.sh

clean: ## stop everything and delete its data; fetched programs stay
	@$(local)/down.sh --clean
	@$(local)/test.sh clean
	cargo clean
