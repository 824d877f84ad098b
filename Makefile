# "make help" lists what there is, by what one wants to do.
#
# Generated files are committed. "generate", "manifests", "chart", "reference" and "metrics-doc" write those that "verify"
# holds to their source, "argocd-cm" one that "test-gitops" holds, and "zones" the time zones in the program. What was
# measured is written by "bench", "test-chaos", "record-metrics" and "docs-dashboard". Nothing else changes the work tree, so
# that all others may run side by side.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

# Image that deploy and build-installer name.
IMG ?= access-code-operator:latest
# kubectl that install, deploy and their opposites call. "make control-plane" builds one below bin/k8s.
KUBECTL ?= kubectl
# Added to go test, such as "-run TestDecide -v ./internal/plan". The coverage floors hold for the whole suite, and are not
# checked then.
TESTFLAGS ?=
# How long fuzz takes for each target.
FUZZTIME ?= 30s
# How long soak goes on.
SOAK ?= 30m
# The earlier version that test-upgrade starts from, as git names it; the parent of what is checked out when empty.
PREVIOUS ?=
# Added to the command line of bench and bench-smoke, such as "-sizes 100 -scenarios idle,restart".
BENCHFLAGS ?=
# Added to the operator's command line by run, such as "--zap-log-level=debug".
RUNFLAGS ?=
# What the program says it is, and the commit it is from. Both come from git, as does the time in the image's metadata.
VERSION ?= $(shell hack/version.sh)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null)
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
# Platforms that image builds for, separated by commas.
PLATFORMS ?= linux/amd64,linux/arm64

# Everything is compiled in one way, so that no package of it is compiled again for another target: without cgo, and without
# the paths of the machine. Only "test" compiles it anew, for the race detector.
export CGO_ENABLED := 0
export GOFLAGS := $(strip $(filter-out -trimpath,$(shell go env GOFLAGS)) -trimpath)

# How the operator is built. Nothing of the machine or of the time is in the program, and of the checkout only VERSION and
# REVISION.
BUILD_FLAGS := -trimpath -buildvcs=false
BUILD_LDFLAGS = -s -w -X main.stamp=$(VERSION)@$(REVISION)

# Tools are built from the module hack/tools, whose go.mod and go.sum pin them. The version is part of the file
# name: a new pin is a new file, whatever a checkout does to modification times.
BIN ?= $(CURDIR)/bin
tool_version = $(shell awk '$$1 == "$(1)" && $$2 ~ /^v/ {print $$2; exit}' $(or $(2),hack/tools/go.mod))
CONTROLLER_GEN := $(BIN)/controller-gen-$(call tool_version,sigs.k8s.io/controller-tools)
CRD_REF_DOCS := $(BIN)/crd-ref-docs-$(call tool_version,github.com/elastic/crd-ref-docs)
KUSTOMIZE := $(BIN)/kustomize-$(call tool_version,sigs.k8s.io/kustomize/kustomize/v5)
# golangci-lint with kube-api-linter built in, hence two versions.
GOLANGCI_LINT := $(BIN)/golangci-lint-$(call tool_version,github.com/golangci/golangci-lint/v2)-kal-$(call tool_version,sigs.k8s.io/kube-api-linter)

# The Go that test/argocd needs.
ARGOCD_TOOLCHAIN ?= go1.27.3

# Helm is the one that test/chart has as a library.
HELM := $(BIN)/helm-$(call tool_version,helm.sh/helm/v4,test/chart/go.mod)

# Modules of their own, so that what they need is no requirement of the operator.
TEST_MODULES := test/chart test/gitops test/monitoring hack/image

# The program that test-e2e runs is that of the image, where the machine can run it.
ifeq ($(shell go env GOOS),linux)
E2E_OPERATOR_FROM := build-local-image
E2E_OPERATOR := $(BIN)/image/root/ko-app/access-code-operator
else
E2E_OPERATOR_FROM := build
E2E_OPERATOR := $(BIN)/access-code-operator
endif

##@ Start here

.PHONY: help
help: ## Show this list.
	@awk 'BEGIN {FS = ":.*## "; print "Usage: make <target> [VARIABLE=value]    A first change: CONTRIBUTING.md"} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z][a-z0-9-]*:.*## / {printf "  %-20s%s\n", $$1, $$2} \
		END {print "\nVariables: ARGOCD_TOOLCHAIN, BENCHFLAGS, FUZZTIME, IMG, KUBECTL, KUBEBUILDER_ASSETS, PLATFORMS, PREVIOUS, REVISION, RUNFLAGS, SOAK, TESTFLAGS, VERSION"}' $(firstword $(MAKEFILE_LIST))

# Built and exec'd, not "go run": Ctrl-C reaches the program itself, which then cleans up.
.PHONY: demo
demo: build-demo ## Show the life of access codes on a local API server and simulator, then stop.
	@exec $(BIN)/demo

.PHONY: demo-up
demo-up: build-demo ## Start the same and stay up, for kubectl in another terminal.
	@exec $(BIN)/demo --stay

##@ Change the code

.PHONY: test
test: control-plane ## Run unit and API server tests; TESTFLAGS='-run TestDecide ./internal/plan' runs some.
	@hack/test.sh $(BIN)/cover.out $(TESTFLAGS)

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Run the linters of .golangci.yml.
	@for module in . $(TEST_MODULES); do echo "golangci-lint run in $$module"; \
		(cd $$module && $(GOLANGCI_LINT) run --config $(CURDIR)/.golangci.yml) done

.PHONY: lint-fix
lint-fix: $(GOLANGCI_LINT) ## Run the linters and let them repair what they can.
	@for module in . $(TEST_MODULES); do echo "golangci-lint run --fix in $$module"; \
		(cd $$module && $(GOLANGCI_LINT) run --fix --config $(CURDIR)/.golangci.yml) done

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format the Go code and sort its imports.
	@for module in . $(TEST_MODULES); do (cd $$module && $(GOLANGCI_LINT) fmt --config $(CURDIR)/.golangci.yml) done

.PHONY: vet
vet: ## Run go vet.
	go vet ./...

.PHONY: verify
verify: $(CONTROLLER_GEN) $(CRD_REF_DOCS) $(KUSTOMIZE) ## Fail if a generated file, go.mod, a licence header or config/ is not in order.
	@BIN=$(BIN) KUSTOMIZE=$(KUSTOMIZE) TEST_MODULES="$(TEST_MODULES)" hack/verify.sh

# One after the other also under -j: the first failure is the one to read.
.PHONY: ci
ci: ## Run what a change must pass: verify, lint, test, build-installer.
	@for target in verify lint test build-installer; do \
		echo "== $$target"; \
		$(MAKE) --no-print-directory "$$target"; \
	done

##@ Regenerate files

.PHONY: generate
generate: $(CONTROLLER_GEN) ## Write the DeepCopy methods of api/.
	$(CONTROLLER_GEN) object:headerFile=hack/boilerplate.go.txt paths=./api/...

.PHONY: manifests
manifests: $(CONTROLLER_GEN) ## Write the CRDs and the operator's role into config/.
	$(CONTROLLER_GEN) crd paths=./api/... output:crd:dir=config/crd/bases
	$(CONTROLLER_GEN) rbac:roleName=manager-role paths=./controllers/... output:rbac:dir=config/rbac

.PHONY: chart
chart: ## Copy CRDs, roles, alerts and dashboards from config/ into the Helm chart.
	@hack/chart.sh

.PHONY: reference
reference: $(CRD_REF_DOCS) ## Write docs/reference.md from the comments in api/.
	$(CRD_REF_DOCS) --log-level=WARN --source-path=api/v1alpha1 --config=hack/reference/config.yaml \
		--renderer=markdown --templates-dir=hack/reference --output-path=docs/reference.md

.PHONY: metrics-doc
metrics-doc: ## Write docs/metrics.md from the metrics that the operator has.
	go run ./hack/metricsdoc docs/metrics.md

.PHONY: zones
zones: ## Write internal/schedule/zones.tar.gz from Debian's newest tzdata; on Debian, a minute.
	@hack/zones.sh

.PHONY: argocd-cm
argocd-cm: ## Write config/argocd/argocd-cm.yaml from the scripts beside it.
	@cd test/gitops && go run ./argocdcm ../../config/argocd >../../config/argocd/argocd-cm.yaml.part
	@mv config/argocd/argocd-cm.yaml.part config/argocd/argocd-cm.yaml

.PHONY: docs-dashboard
docs-dashboard: ## Draw docs/dashboard.png from the recorded metrics.
	@cd test/monitoring && go run ./cmd/picture

.PHONY: docs-time
docs-time: ## Draw docs/time.svg, a week and the two nights in which the clocks are changed.
	go run ./hack/timepicture docs/time.svg

# Of 300 codes: enough for every panel, little enough for the repository.
.PHONY: record-metrics
record-metrics: build-bench ## Record the operator's metrics anew, in a bench run of some minutes, for test-monitoring and the picture.
	@exec $(BIN)/bench -project $(CURDIR) -operator $(BIN)/access-code-operator -simulator $(BIN)/seamsim -sizes 300 -idle 40s \
		-scenarios converge,idle,restart,lock,edit,delete,limits -record test/monitoring/testdata/recording.txt.gz

##@ Prove more than "make test" does

.PHONY: test-contract
test-contract: control-plane ## Run the tests that talk to Seam against its OpenAPI document and its client's types; needs npm.
	@hack/test-contract.sh $(TESTFLAGS)

.PHONY: test-interop
test-interop: control-plane build-seamsim ## Run the client against the official fake, the official clients against seamsim; needs npm.
	@SEAMSIM=$(BIN)/seamsim hack/test-interop.sh $(TESTFLAGS)

.PHONY: test-schedule
test-schedule: ## Hold schedules to Temporal, JavaScript's dates and times, around changes of the clock; needs npm.
	@hack/test-schedule.sh $(TESTFLAGS)

.PHONY: test-chaos
test-chaos: control-plane build ## Run the fault matrix and write docs/fault-matrix.md; CHAOS_STEPS=1 takes a sample.
	@OPERATOR=$(BIN)/access-code-operator hack/test-chaos.sh $(TESTFLAGS)

.PHONY: soak
soak: ## Take AccessCodes through random histories for SOAK=30m; ends at the first broken promise.
	@hack/soak.sh $(SOAK)

# One after the other: each takes all the processors.
.PHONY: fuzz
fuzz: ## Fuzz what reads text from elsewhere, the planner and schedules, FUZZTIME=30s each.
	@for target in FuzzUnmarshal:./api/v1alpha1 FuzzAnswer:./internal/seam FuzzDecide:./internal/plan FuzzText:./internal/redact \
		FuzzSpec:./internal/schedule; do \
		go test -run '^$$' -fuzz "^$${target%%:*}$$" -fuzztime $(FUZZTIME) "$${target#*:}"; \
	done

.PHONY: test-e2e
test-e2e: control-plane-full $(E2E_OPERATOR_FROM) build-installer $(HELM) ## Run the operator as dist/install.yaml and the chart install it: deletion, permissions, secrecy.
	@OPERATOR=$(E2E_OPERATOR) HELM=$(HELM) hack/test-e2e.sh $(TESTFLAGS)

.PHONY: test-upgrade
test-upgrade: control-plane-full build ## Upgrade from an earlier version (PREVIOUS=HEAD~1) and go back: nothing is written.
	@OPERATOR=$(BIN)/access-code-operator PREVIOUS=$(PREVIOUS) hack/test-upgrade.sh $(TESTFLAGS)

.PHONY: test-image
test-image: build build-local-image ## Check the image: reproducible, nothing in it that is not wanted, its SBOM complete.
	@cd hack/image && LAYOUT=$(BIN)/image/layout ROOT=$(BIN)/image/root OPERATOR=$(BIN)/access-code-operator \
		VERSION="$(VERSION)" REVISION="$(REVISION)" SOURCE_DATE_EPOCH="$(SOURCE_DATE_EPOCH)" \
		go test -count=1 -timeout 15m $(TESTFLAGS) ./...

.PHONY: test-chart
test-chart: control-plane ## Compare the Helm chart with config/; install, upgrade and uninstall it on an API server.
	@KUBEBUILDER_ASSETS=$$(cd "$$(hack/controlplane/build.sh)" && pwd); export KUBEBUILDER_ASSETS; \
		cd test/chart && go test -count=1 -timeout 10m $(TESTFLAGS) ./...

.PHONY: test-gitops
test-gitops: control-plane ## Check the Lua for Argo CD, kstatus and kubectl wait with each reason of the API, and the GitOps samples.
	@KUBEBUILDER_ASSETS=$$(cd "$$(hack/controlplane/build.sh)" && pwd); export KUBEBUILDER_ASSETS; \
		cd test/gitops && go test -count=1 $(TESTFLAGS) ./...

.PHONY: test-monitoring
test-monitoring: ## Run the alerts' unit tests; check alerts and dashboard against recorded metrics of the operator.
	@cd test/monitoring && go test -count=1 $(TESTFLAGS) ./...

.PHONY: test-docs
test-docs: build-demo $(KUSTOMIZE) ## Run every command and manifest of README.md and docs/, check links, explain and columns.
	@KUBEBUILDER_ASSETS=$$(cd "$$(hack/controlplane/build.sh)" && pwd); export KUBEBUILDER_ASSETS; \
		DEMO=$(BIN)/demo OPERATOR=$(BIN)/access-code-operator SEAMSIM=$(BIN)/seamsim \
		go test -count=1 -timeout 15m -parallel 4 $(TESTFLAGS) ./test/docs/...

# Not in TEST_MODULES and not part of ci: Argo CD takes minutes to compile, and needs a newer Go, which the go command
# fetches as a module.
.PHONY: test-argocd
test-argocd: ## Run the Lua for Argo CD by Argo CD's own code, with the cases of test-gitops; by hand, takes minutes.
	@cd test/argocd && GOTOOLCHAIN=$(ARGOCD_TOOLCHAIN) go test -count=1 -timeout 10m $(TESTFLAGS) ./...

##@ Measure

# The official client, one of the peers, is the one that test/interop pins.
.PHONY: bench
bench: build-bench ## Measure the operator beside its peers and write docs/benchmarks.md; takes over an hour, needs npm.
	@cd test/interop && npm ci --silent
	@exec $(BIN)/bench -project $(CURDIR) -operator $(BIN)/access-code-operator -simulator $(BIN)/seamsim \
		-json docs/benchmarks.json -markdown docs/benchmarks.md $(BENCHFLAGS)

.PHONY: bench-smoke
bench-smoke: build-bench ## Measure with 1,000 codes in a few minutes; fails when a count is over its bound.
	@exec $(BIN)/bench -smoke -project $(CURDIR) -operator $(BIN)/access-code-operator -simulator $(BIN)/seamsim $(BENCHFLAGS)

##@ Build

.PHONY: build
build: ## Build the operator into bin/access-code-operator.
	CGO_ENABLED=0 go build $(BUILD_FLAGS) -ldflags "$(BUILD_LDFLAGS)" -o $(BIN)/access-code-operator .

.PHONY: image
image: build-image-tool ## Build the image for PLATFORMS without Docker: an OCI layout with SBOMs, in dist/image.
	@$(image-build) -platforms "$(PLATFORMS)" -output dist/image

.PHONY: push-image
push-image: image ## Build the image without Docker and push it to IMG.
	@$(BIN)/image-tool push dist/image "$(IMG)"

.PHONY: image-archive
image-archive: build-local-image ## Write dist/image.tar, which kind, k3d and minikube load as IMG, without Docker and a registry.
	@mkdir -p dist
	@$(BIN)/image-tool archive -platform linux/$$(go env GOARCH) -output dist/image.tar $(BIN)/image/layout "$(IMG)"
	@echo "Wrote dist/image.tar with image $(IMG)"

.PHONY: docker-build
docker-build: ## Build the image IMG with Docker.
	docker build --build-arg VERSION="$(VERSION)" --build-arg REVISION="$(REVISION)" --tag "$(IMG)" .

.PHONY: build-installer
build-installer: $(KUSTOMIZE) ## Write dist/install.yaml: CRDs, roles and the Deployment with IMG.
	@mkdir -p dist
	@$(render) >dist/install.yaml.part
	@mv dist/install.yaml.part dist/install.yaml
	@echo "Wrote dist/install.yaml for image $(IMG)"

##@ Run it on a cluster (the current kubeconfig)

.PHONY: install
install: $(KUSTOMIZE) ## Install the CRDs.
	$(KUSTOMIZE) build config/crd | $(KUBECTL) apply -f -

.PHONY: run
run: ## Run the operator from source, outside the cluster.
	go run . $(RUNFLAGS)

.PHONY: deploy
deploy: $(KUSTOMIZE) ## Install CRDs, roles and the operator with IMG.
	@$(render) | $(KUBECTL) apply -f -

.PHONY: undeploy
undeploy: uninstall ## Remove the CRDs with every AccessCode, then the operator.
	@$(render) | $(KUBECTL) delete --ignore-not-found -f -

# A CRD goes only when its objects are gone, and they only when the operator has taken their codes off the locks.
.PHONY: uninstall
uninstall: $(KUSTOMIZE) ## Remove the CRDs and every AccessCode; needs the operator running.
	$(KUSTOMIZE) build config/crd | $(KUBECTL) delete --ignore-not-found -f -

##@ Build what other targets use

.PHONY: control-plane
control-plane: ## Build etcd, kube-apiserver and kubectl into bin/k8s, once.
	@hack/controlplane/build.sh

.PHONY: control-plane-full
control-plane-full: control-plane ## Build kube-controller-manager as well.
	@hack/controlplane/build.sh etcd kube-apiserver kubectl kube-controller-manager

.PHONY: build-seamsim
build-seamsim: ## Build the simulator of Seam's API into bin/seamsim.
	go build -o $(BIN)/seamsim ./hack/seamsim

.PHONY: build-demo
build-demo: tell-demo control-plane-full build build-seamsim ## Build the demo and what it starts into bin/.
	go build -o $(BIN)/demo ./hack/demo

.PHONY: build-bench
build-bench: control-plane-full build build-seamsim ## Build the benchmark and what it starts into bin/.
	go build -o $(BIN)/bench ./hack/bench

# What follows is called by the targets above.

# Go says nothing while it compiles.
.PHONY: tell-demo
tell-demo:
	@[ -x $(BIN)/demo ] || echo "The first time, all parts are built: etcd, kube-apiserver, kubectl and kube-controller-manager (about ten" \
		"minutes on two cores, unless they are there), then the operator, the simulator and the demo (about two). Later it takes a minute."

.PHONY: build-image-tool
build-image-tool:
	@cd hack/image && go build -buildvcs=false -ldflags "-s -w" -o $(BIN)/image-tool .

# The image for this machine, and its files.
.PHONY: build-local-image
build-local-image: build-image-tool
	@$(image-build) -platforms linux/$$(go env GOARCH) -output $(BIN)/image/layout
	@rm -rf $(BIN)/image/root
	@$(BIN)/image-tool unpack -platform linux/$$(go env GOARCH) -output $(BIN)/image/root $(BIN)/image/layout

image-build = $(BIN)/image-tool build -flags "$(BUILD_FLAGS)" -ldflags "$(BUILD_LDFLAGS)" \
	-version "$(VERSION)" -revision "$(REVISION)" -created "$(SOURCE_DATE_EPOCH)"

# config/default with IMG on standard output, through an overlay of its own so that no file of config/ changes.
define render
mkdir -p bin; overlay=$$(mktemp -d bin/overlay.XXXXXX); trap 'rm -rf "$$PWD/$$overlay"' EXIT; \
printf 'resources:\n- ../../config/default\n' >"$$overlay/kustomization.yaml"; \
(cd "$$overlay" && $(KUSTOMIZE) edit set image access-code-operator=$(IMG)); \
$(KUSTOMIZE) build "$$overlay"
endef

# $(call build-tool,package): build one tool of hack/tools, renamed into place when whole.
define build-tool
@echo "Building $(@F), once"
@mkdir -p $(BIN)
@cd hack/tools && go build -buildvcs=false -ldflags "-s -w" -o $@.part $(1)
@mv $@.part $@
endef

$(CONTROLLER_GEN):
	$(call build-tool,sigs.k8s.io/controller-tools/cmd/controller-gen)

$(CRD_REF_DOCS):
	$(call build-tool,github.com/elastic/crd-ref-docs)

$(KUSTOMIZE):
	$(call build-tool,sigs.k8s.io/kustomize/kustomize/v5)

# Built as "go test" builds the library, so that no package of it is compiled twice.
$(HELM):
	@echo "Building $(@F), once"
	@mkdir -p $(BIN)
	@cd test/chart && go build -ldflags "-s -w" -o $@.part helm.sh/helm/v4/cmd/helm
	@mv $@.part $@

$(GOLANGCI_LINT):
	$(call build-tool,sigs.k8s.io/kube-api-linter/cmd/golangci-lint-kube-api-linter)
