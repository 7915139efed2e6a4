# make demo    a generated account through the real path, told in the terminal
# make test    everything that gates a change
# make soak    the long forms of what `make test` runs in part
# make figures the numbers that README and notes quote
# make profile where the program spends its time, for the compiler to know
CACHE := $(CURDIR)/.cache
ALERTMANAGER := $(CACHE)/bin/alertmanager
AMTOOL := $(CACHE)/bin/amtool
MOTO := $(CACHE)/moto/bin/moto_server
ALERTMANAGER_VERSION := v0.31.1
MOTO_VERSION := 5.2.5
PROMTOOL := $(CACHE)/bin/promtool
AIOSMTPD := $(CACHE)/aiosmtpd/bin/aiosmtpd
AIOSMTPD_VERSION := 1.4.6
# Two lists of holidays that are not ours, to hold ours against.
HOLIDAYS := $(CACHE)/holidays
HOLIDAYS_VERSION := 0.109
# A detector that bench/peers compares with.
RCF := $(CACHE)/rcf/randomcutforest-core.jar
RCF_VERSION := 4.4.0
HOLIDAY_JP := $(CACHE)/holiday_jp
HOLIDAY_JP_VERSION := 2.5.1

export KIZASHI_ALERTMANAGER := $(ALERTMANAGER)
export KIZASHI_AMTOOL := $(AMTOOL)
export KIZASHI_MOTO := $(MOTO)
export KIZASHI_PROMTOOL := $(PROMTOOL)
export KIZASHI_AIOSMTPD := $(AIOSMTPD)
export KIZASHI_RCF = $(wildcard $(RCF))
export KIZASHI_HOLIDAYS := $(HOLIDAYS)
export KIZASHI_HOLIDAY_JP := $(HOLIDAY_JP)

.PHONY: demo build test soak figures profile tools rcf lint clean

# What the compiler is told of where time goes; go build takes it by itself.
PROFILE := cmd/kizashi/default.pgo

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

figures: rcf
	@mkdir -p docs/figures
	@go run -pgo=$(PROFILE) ./bench/figures -dir docs/figures
	@go run ./e2e/fleet -accounts 3 -series 300
	@go run ./e2e/storm
	@cd bench/loki && go run .

# Series of five minutes past their first week, of one minute, and lines of logs.
profile:
	mkdir -p $(CACHE)/profile
	KIZASHI_COLD="12000 9 5m" go test -pgo=off -run '^$$' -bench 'Cold$$' -benchtime 1x -o $(CACHE)/profile/cold.test -cpuprofile $(CACHE)/profile/seldom ./bench/throughput
	KIZASHI_COLD="6000 3 1m" go test -pgo=off -run '^$$' -bench 'Cold$$' -benchtime 1x -o $(CACHE)/profile/cold.test -cpuprofile $(CACHE)/profile/often ./bench/throughput
	go test -pgo=off -run '^$$' -bench 'Lines$$' -benchtime 1x -o $(CACHE)/profile/lines.test -cpuprofile $(CACHE)/profile/lines ./cmd/kizashi/program
	go tool pprof -proto $(CACHE)/profile/seldom $(CACHE)/profile/often $(CACHE)/profile/lines > $(PROFILE)

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt differs:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...

tools: $(ALERTMANAGER) $(AMTOOL) $(PROMTOOL) $(MOTO) $(AIOSMTPD) $(HOLIDAYS)/installed $(HOLIDAY_JP)/installed

$(ALERTMANAGER) $(AMTOOL):
	GOBIN=$(CACHE)/bin go install github.com/prometheus/alertmanager/cmd/$(@F)@$(ALERTMANAGER_VERSION)

# Of the version that go.mod has, in a module of its own: go install refuses a
# module that replaces others. Without its service discoveries, which are most
# of it and which rules do not need.
$(PROMTOOL):
	rm -rf $(CACHE)/promtool
	mkdir -p $(CACHE)/promtool
	version=$$(go list -m -f '{{.Version}}' github.com/prometheus/prometheus) && cd $(CACHE)/promtool && go mod init promtool.invalid && \
		go get github.com/prometheus/prometheus/cmd/promtool@$$version && \
		go build -tags remove_all_sd -o $@ github.com/prometheus/prometheus/cmd/promtool

$(MOTO):
	rm -rf $(CACHE)/moto
	python3 -m venv $(CACHE)/moto
	$(CACHE)/moto/bin/pip install --quiet 'moto[server]==$(MOTO_VERSION)'

$(AIOSMTPD):
	rm -rf $(CACHE)/aiosmtpd
	python3 -m venv $(CACHE)/aiosmtpd
	$(CACHE)/aiosmtpd/bin/pip install --quiet 'aiosmtpd==$(AIOSMTPD_VERSION)'

$(HOLIDAYS)/installed:
	rm -rf $(HOLIDAYS)
	python3 -m venv $(HOLIDAYS)
	$(HOLIDAYS)/bin/pip install --quiet 'holidays==$(HOLIDAYS_VERSION)'
	touch $@

$(HOLIDAY_JP)/installed:
	rm -rf $(HOLIDAY_JP)
	mkdir -p $(HOLIDAY_JP)
	npm install --silent --no-save --no-audit --no-fund --prefix $(HOLIDAY_JP) '@holiday-jp/holiday_jp@$(HOLIDAY_JP_VERSION)'
	touch $@

# Where there is no java or no Maven the comparison says that it is absent.
rcf:
	@test -e $(RCF) || { mkdir -p $(dir $(RCF)) && mvn -q dependency:copy -Dartifact=software.amazon.randomcutforest:randomcutforest-core:$(RCF_VERSION) \
		-DoutputDirectory=$(dir $(RCF)) -Dmdep.stripVersion=true; } || echo "no random cut forest: it will be told as absent" >&2

clean:
	rm -rf $(CACHE)
