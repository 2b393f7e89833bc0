# Oneway. `make` alone lists what there is.
PACKAGES := libmicrohttpd-dev libsqlite3-dev libyaml-dev pkg-config
TEST := swift test --disable-xctest

.PHONY: help setup test check format tsan fuzz

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing (Debian packages, Swift is expected to be there)
	@command -v swift >/dev/null || { echo "Swift 6.3 is needed: https://www.swift.org/install" >&2; exit 1; }
	@Scripts/setup $(PACKAGES)

test: setup ## set up and pass all tests
	$(TEST)

check: setup ## formatting and style alone
	$(TEST) --filter TidyTests

format: ## put every file into the formatter's shape
	swift format -i --parallel -r Package.swift Sources Tests Benchmarks Fuzz

tsan: setup ## the tests under the thread sanitizer
	$(TEST) --sanitize=thread --scratch-path .build/tsan

SECONDS ?= 60
fuzz: setup ## feed the decoder with mutated notifications for SECONDS (60)
	Fuzz/run $(SECONDS)
