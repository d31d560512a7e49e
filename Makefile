# Each target is one script of tools/, so that it reads, and runs, without make as well.
.PHONY: demo test check format lock

demo:   ## the whole story on this machine alone; sets up what it needs
	@tools/demo

test:   ## all checks and all tests; sets up what they need
	@tools/test

check:  ## style, types and import contracts
	@tools/check

format: ## let ruff put the code in order
	@tools/format

lock:   ## compile requirements/ again from pyproject.toml
	@tools/lock
