# make demo    a generated account through the real path, told in the terminal
# make test    everything that gates a change
# make soak    the long forms of what `make test` runs in part
# make figures the numbers that README and notes quote
CACHE := $(CURDIR)/.cache
ALERTMANAGER := $(CACHE)/bin/alertmanager
MOTO := $(CACHE)/moto/bin/moto_server
ALERTMANAGER_VERSION := v0.31.1
MOTO_VERSION := 5.2.5

export KIZASHI_ALERTMANAGER := $(ALERTMANAGER)
export KIZASHI_MOTO := $(MOTO)

.PHONY: demo build test soak figures tools lint clean

demo: build
	@$(CACHE)/bin/kizashi demo

build:
	@go build -trimpath -o $(CACHE)/bin/kizashi ./cmd/kizashi

# e2e builds the program itself, which the test cache does not see.
test: tools lint
	KIZASHI_REAL=1 go test -timeout 14m $$(go list ./... | grep -v /e2e)
	KIZASHI_REAL=1 go test -timeout 14m -count=1 ./e2e/...

soak: tools
	KIZASHI_REAL=1 KIZASHI_SOAK=1 go test -timeout 120m -count=1 ./...

figures:
	@go run ./bench/figures
	@go run ./e2e/fleet -accounts 3 -series 300

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt differs:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...

tools: $(ALERTMANAGER) $(MOTO)

$(ALERTMANAGER):
	GOBIN=$(CACHE)/bin go install github.com/prometheus/alertmanager/cmd/alertmanager@$(ALERTMANAGER_VERSION)

$(MOTO):
	rm -rf $(CACHE)/moto
	python3 -m venv $(CACHE)/moto
	$(CACHE)/moto/bin/pip install --quiet 'moto[server]==$(MOTO_VERSION)'

clean:
	rm -rf $(CACHE)
