# Oneway. `make` alone lists the targets.
PACKAGES := libcurl4-openssl-dev libgnutls28-dev liblz4-dev libmicrohttpd-dev libpq-dev libsqlite3-dev libyaml-dev pkg-config
# Limited, because hundreds of small test servers at once slow each other down until tests time out.
TEST := swift test --disable-xctest --experimental-maximum-parallelization-width 8
SOURCES := Package.swift Plugins Sources Tests Benchmarks Fuzz
SECONDS ?= 60
PREFIX ?= /usr/local

.PHONY: help setup run install test check format explained tsan bench bench-fsync bench-backlog bench-postgresql validate bench-admin page bench-forward fuzz prove-api prove-client prove-dataverse prove-trouble soak prove-kill prove-forward prove-load prove-powerloss prove-disk prove-replicas prove-proxies prove-container lint-containers

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install missing Debian packages (Swift must already be installed)
	@command -v swift >/dev/null || { echo "Swift 6.3 is needed: https://www.swift.org/install" >&2; exit 1; }
	@Scripts/setup $(PACKAGES)

run: setup .build/release/oneway ## build what is old, and demonstrate everything between stand-ins for Dynamics and Marketo; until Ctrl-C
	@.build/release/oneway demo

# Built again only when a source is newer: the Swift build looks at the commit too, and would take minutes after each one.
.build/release/oneway: Package.swift $(shell find Sources Plugins examples/notifications -type f) | setup
	swift build -c release --product oneway
	@touch $@

install: .build/release/oneway ## install the command, its manual page, and its completions below PREFIX (/usr/local)
	install -D -m 755 .build/release/oneway "$(DESTDIR)$(PREFIX)/bin/oneway"
	install -d "$(DESTDIR)$(PREFIX)/share/man/man1" "$(DESTDIR)$(PREFIX)/share/bash-completion/completions" \
	  "$(DESTDIR)$(PREFIX)/share/zsh/site-functions" "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"
	.build/release/oneway help --man >"$(DESTDIR)$(PREFIX)/share/man/man1/oneway.1"
	.build/release/oneway completion bash >"$(DESTDIR)$(PREFIX)/share/bash-completion/completions/oneway"
	.build/release/oneway completion zsh >"$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_oneway"
	.build/release/oneway completion fish >"$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/oneway.fish"

test: setup ## run all tests
	@Scripts/setup curl openssl postgresql
	$(TEST)

check: setup ## check formatting and style only
	$(TEST) --filter TidyTests

format: ## format every Swift file
	swift format -i --parallel -r $(SOURCES)

explained: setup ## regenerate docs/explained.md from the examples
	ONEWAY_WRITE_DOCS=1 $(TEST) --filter ExplainedTests

tsan: setup ## run the tests under the thread sanitizer
	$(TEST) --sanitize=thread --scratch-path .build/tsan $(if $(FILTER),--filter "$(FILTER)")

bench: setup ## measure against plain C programs (takes minutes; compare the ratios)
	@Scripts/setup wrk gcc python3
	Benchmarks/run-decode
	Benchmarks/run-http
	Benchmarks/run-accept
	Benchmarks/run-apply

bench-fsync: setup ## measure on slow disks: throughput grows with the connections; the store's log stays short
	@Scripts/setup wrk gcc
	Benchmarks/run-fsync

bench-backlog: setup ## start with a backlog of a million notifications: ready in 2 s, below 80 MB, as fast as with 10,000
	@Scripts/setup curl
	Benchmarks/run-backlog

bench-postgresql: setup ## measure one to three replicas on PostgreSQL beside SQLite, and what each notification costs (minutes)
	@Scripts/setup curl postgresql wrk
	Benchmarks/run-postgresql

bench-admin: setup ## time the admin listener on a store of a million notifications, and how long jobs slow other requests
	@Scripts/setup python3
	Scripts/bench-admin/run

page: setup ## check the admin pages and the playground with a browser and axe; screenshots go to .build/page and docs
	@Scripts/setup chromium fonts-dejavu-core python3-venv
	Scripts/page/run

bench-forward: setup ## make 50,000 edits while paused, then count the calls that forward them, and time a single edit
	@Scripts/setup python3
	swift build -c release --product oneway
	python3 Benchmarks/forward.py .build/release/oneway

validate: setup ## check openapi.yaml, /metrics, the alerts, and the dashboard with third-party tools
	@Scripts/setup python3-venv curl prometheus
	Scripts/validate

fuzz: setup ## fuzz the decoder with mutated notifications for SECONDS (60)
	Fuzz/run $(SECONDS)

prove-api: setup ## check both listeners against openapi.yaml with schemathesis, all checks
	@Scripts/setup python3-venv
	Scripts/conform/run

prove-client: setup ## check the stand-in for Marketo, and the records forwarded to it, with a widely used client
	@Scripts/setup python3-venv
	Scripts/second-opinion

prove-dataverse: setup ## check the stand-in for Dataverse with Microsoft's own client and Airbyte's connector
	@Scripts/setup curl python3-venv
	Scripts/second-opinion-dataverse

soak: setup ## lose, double, and delay webhooks, kill the service, and break both sides, 20 times: one reconciliation mends it all
	ONEWAY_SOAK_SEEDS=20 ONEWAY_SOAK_STEPS=400 $(TEST) --filter SoakTests

prove-trouble: setup ## make changes while calls fail in every way, 200 times: Marketo ends up with the desired state
	ONEWAY_TROUBLE_SEEDS=200 $(TEST) --filter "ChaosTests|CustomerTroubleTests"

prove-kill: setup ## kill -9 under load, twenty times: nothing acknowledged is lost
	@Scripts/setup curl python3 sqlite3
	Scripts/prove/kill

prove-forward: setup ## kill -9 while it forwards: Marketo ends up with the desired state
	@Scripts/setup curl python3 sqlite3
	Scripts/prove/forward

prove-load: setup ## load 100,000 opportunities, kill -9 twice: time, memory, requests, calls, live changes (10 minutes)
	@Scripts/setup python3
	swift build -c release --product oneway
	python3 Scripts/prove/load.py .build/release/oneway

prove-powerloss: setup ## cut the power under the store (root): nothing acknowledged is lost
	@Scripts/setup curl eatmydata python3 sqlite3 xfsprogs
	Scripts/prove/powerloss

prove-disk: setup ## full and failing disks (root): 503, no false acknowledgement, recovery without a restart
	@Scripts/setup curl fiu-utils python3 sqlite3 uuid-runtime
	Scripts/prove/disk

prove-replicas: setup ## kill, pause, cut off the leader; restart, kill, fail over the database; update; each three times (12 minutes)
	@Scripts/setup openssl postgresql python3
	swift build -c release --product oneway
	python3 -B Scripts/prove/replicas/test_history.py
	python3 -B Scripts/prove/replicas .build/release/oneway

prove-proxies: setup ## behind nginx, Caddy, and HAProxy every answer arrives unchanged, however long the body
	@Scripts/setup caddy curl haproxy nginx-light python3
	Scripts/prove/proxies

prove-container: ## build the image from a clean clone (root), and check that it works with minimal privileges
	docker/prove
	docker/prove-postgresql

lint-containers: ## check the Dockerfile, compose files, and manifests with third-party tools
	@Scripts/setup python3-venv
	docker/lint
