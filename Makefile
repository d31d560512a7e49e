# Each target is one script of tools/, so that it reads, and runs, without make as well.
.PHONY: demo test check bench bench-scan format lock

demo:   ## the whole story on this machine alone; sets up what it needs
	@tools/demo

test:   ## all checks and all tests; sets up what they need
	@tools/test

check:  ## style, types and import contracts
	@tools/check

bench:  ## seeder beside the copiers on PATH, on made-up images; ARGS="--latency 0.04 --bandwidth 30e6"
	@tools/venv dev && .venv/bin/python tools/bench $(ARGS)

bench-scan: ## how fast scan is, beside grep; ARGS="--tree DIR --files 10000"
	@tools/venv dev && .venv/bin/python tools/bench_scan $(ARGS)

format: ## let ruff put the code in order
	@tools/format

lock:   ## compile requirements/ again from pyproject.toml
	@tools/lock
