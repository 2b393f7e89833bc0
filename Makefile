# Oneway. `make` alone lists what there is.
PACKAGES := libcurl4-openssl-dev libgnutls28-dev liblz4-dev libmicrohttpd-dev libsqlite3-dev libyaml-dev pkg-config
# Not all at once: hundreds of small servers would wait for each other longer than their tests do.
TEST := swift test --disable-xctest --experimental-maximum-parallelization-width 8
SOURCES := Package.swift Plugins Sources Tests Benchmarks Fuzz
SECONDS ?= 60

.PHONY: help setup run test check format explained tsan bench bench-fsync bench-backlog validate bench-admin page bench-forward fuzz prove-api prove-client prove-dataverse prove-trouble prove-kill prove-forward prove-powerloss prove-disk prove-proxies prove-container lint-containers

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing (Debian packages; Swift is expected to be there)
	@command -v swift >/dev/null || { echo "Swift 6.3 is needed: https://www.swift.org/install" >&2; exit 1; }
	@Scripts/setup $(PACKAGES)

run: setup ## set up, build, and show the whole way to a stand-in for Marketo; stays up until Ctrl-C
	swift build -c release --product oneway
	@.build/release/oneway demo

test: setup ## set up and pass all tests
	@Scripts/setup curl openssl
	$(TEST)

check: setup ## formatting and style alone
	$(TEST) --filter TidyTests

format: ## put every file into the formatter's shape
	swift format -i --parallel -r $(SOURCES)

explained: setup ## regenerate docs/explained.md from the examples
	ONEWAY_WRITE_DOCS=1 $(TEST) --filter ExplainedTests

tsan: setup ## the tests under the thread sanitizer
	$(TEST) --sanitize=thread --scratch-path .build/tsan

bench: setup ## measure beside plain C programs (minutes; read the ratios)
	@Scripts/setup wrk gcc python3
	Benchmarks/run-decode
	Benchmarks/run-http
	Benchmarks/run-accept
	Benchmarks/run-apply

bench-fsync: setup ## slow disks: more connections, more acknowledged; the log of the store stays short
	@Scripts/setup wrk gcc
	Benchmarks/run-fsync

bench-backlog: setup ## start on a million notifications that wait: ready in 2 s, below 80 MB, as quick as with 10,000
	@Scripts/setup curl
	Benchmarks/run-backlog

bench-admin: setup ## time the admin listener on a store of a million notifications, and what long work costs others
	@Scripts/setup python3
	Scripts/bench-admin/run

page: setup ## look at the admin pages with a browser and axe; pictures go to .build/page
	@Scripts/setup chromium fonts-dejavu-core python3-venv
	Scripts/page/run

bench-forward: setup ## 50,000 edits while paused, then how few calls bring them to Marketo, and how soon one arrives
	@Scripts/setup python3
	swift build -c release --product oneway
	python3 Benchmarks/forward.py .build/release/oneway

validate: setup ## outside opinions on openapi.yaml, /metrics, alerts, and the dashboard
	@Scripts/setup python3-venv curl prometheus
	Scripts/validate

fuzz: setup ## feed the decoder with mutated notifications for SECONDS (60)
	Fuzz/run $(SECONDS)

prove-api: setup ## have schemathesis hold both listeners to openapi.yaml, all checks
	@Scripts/setup python3-venv
	Scripts/conform/run

prove-client: setup ## the stand-in for Marketo, and what was forwarded to it, under the client others use
	@Scripts/setup python3-venv
	Scripts/second-opinion

prove-dataverse: setup ## the stand-in for Dataverse under Microsoft's own client
	@Scripts/setup curl python3-venv
	Scripts/second-opinion-dataverse

prove-trouble: setup ## changes while calls fail in all ways, 200 times: in the end Marketo holds what is wanted
	ONEWAY_TROUBLE_SEEDS=200 $(TEST) --filter "ChaosTests|CustomerTroubleTests"

prove-kill: setup ## kill -9 under load, twenty times: nothing acknowledged is lost
	@Scripts/setup curl python3 sqlite3
	Scripts/prove/kill

prove-forward: setup ## kill -9 while it forwards: in the end Marketo holds what is wanted
	@Scripts/setup curl python3 sqlite3
	Scripts/prove/forward

prove-powerloss: setup ## cut the power under the store (root): nothing acknowledged is lost
	@Scripts/setup curl eatmydata python3 sqlite3 xfsprogs
	Scripts/prove/powerloss

prove-disk: setup ## full and failing disks (root): 503, no lie, healed without a restart
	@Scripts/setup curl fiu-utils python3 sqlite3 uuid-runtime
	Scripts/prove/disk

prove-proxies: setup ## behind nginx, Caddy, and HAProxy each answer arrives as it was given, however long the body
	@Scripts/setup caddy curl haproxy nginx-light python3
	Scripts/prove/proxies

prove-container: ## build the image from a clean clone (root), and see that it works with next to nothing allowed
	docker/prove

lint-containers: ## outside opinions on Dockerfile, compose files, and manifests
	@Scripts/setup python3-venv
	docker/lint
