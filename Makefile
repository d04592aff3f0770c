# Everything a person or a pipeline runs. `make` alone says what there is.
GO      ?= go
PYTHON  ?= python3
STACK   ?= dev

# Nested modules pin what must not leak into the product's go.mod.
NESTED := internal/local/bridge tools/pulumi
# The end-to-end tests bring whole organizations up; they run by themselves, without the race detector's second build.
E2E    := ./internal/e2e/...
# Packages whose tests link pulumi-aws run without the race detector too: building its SDK once more takes longer than all
# else together, and what runs concurrently there is Pulumi's.
LINKED  = $$($(GO) list -test -f '{{.ImportPath}} {{join .Deps " "}}' ./... | awk '$$1 ~ /\.test$$/ && /pulumi-aws\/sdk/ {sub(/\.test$$/, "", $$1); print $$1}' | grep -v /internal/e2e)
RACED   = $$($(GO) list -test -f '{{.ImportPath}} {{join .Deps " "}}' ./... | awk '$$1 ~ /\.test$$/ && !/pulumi-aws\/sdk/ {sub(/\.test$$/, "", $$1); print $$1}')

.DEFAULT_GOAL := help
.PHONY: help build up down test unit e2e lint tidy bench generate

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Without -trimpath, so that tests and vet share what it compiles.
build: ## build bin/trailkeep
	$(GO) build -o bin/trailkeep .

up: build ## bring the example organization up on this machine, no AWS account needed
	bin/trailkeep local up --stack $(STACK)

down: build ## end the local organization and forget it
	bin/trailkeep local down

test: build tidy unit e2e ## everything: unit tests, nested modules, the end-to-end runs

unit: ## the tests that need no running organization
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) test $(LINKED)
	$(GO) test -run Allocate ./filterpattern
	$(GO) test -race $(RACED)
	cd internal/local/bridge && $(GO) vet ./... && $(GO) test ./...

e2e: build ## bring organizations up for real, break them on purpose, read them back
	$(GO) test -count=1 -timeout 40m $(E2E)

tidy: ## go.mod and go.sum say exactly what is used
	$(GO) mod tidy -diff
	@for m in $(NESTED); do (cd $$m && $(GO) mod tidy -diff) || exit 1; done

lint: ## staticcheck and golangci-lint, at pinned versions
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...

generate: ## write the generated files anew: the published JSON Schema and the pages made from code
	$(GO) generate ./...

bench: build ## measure side by side; results belong in docs/benchmarks.md
	$(GO) test -run '^$$' -bench . -benchmem ./awspolicy ./filterpattern ./cloudtrail ./internal/drill
	$(GO) test -count=1 -timeout 40m -run '^$$' -bench . -benchtime 1x $(E2E)
