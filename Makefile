# Two commands set everything up: `make run` and `make test`. The work is in scripts/.

.PHONY: run test bench lint

run: ## build Dockward and check this host
	@scripts/run

test: ## every test, with real engines in private roots where this machine can have them
	@scripts/test

bench: ## the figures of the README, as ratios
	@benches/run

lint: ## what CI checks beside the tests
	@scripts/lint
