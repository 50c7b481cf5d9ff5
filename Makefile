# CI runs make check and make short. Every tool is pinned in go.mod; nothing but Go and make is needed.

GO ?= go
FUZZTIME ?= 30s
GUIDED ?= -fuzz .
ATTACK ?= 1
HOARDS ?= 2000
SOAK ?= 1000000
PROGRAMS ?= 200000
CALLS ?= 500000
STEPS ?= 20000
GRAPHS ?= 20000
SCHEDULES ?= 100000
KILLS ?= 300
LINES ?= 5000
MUTANTS ?= 200
RECORDS ?= 100000
RECORDED ?= 10000
MODULES = bench internal/testkit/cloudevents # besides the one of this folder

.PHONY: help peers peercheck way check test long race receivers tidy format vet staticcheck fuzz attack steps programs graphs schedules crashes replays tapes soak lines mutants short smoke bench advice plots profile

# What is asked for by name is run, however long it takes.
long attack steps programs graphs schedules crashes replays tapes soak lines mutants short: export LONG_TESTS = 1

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: tidy format vet staticcheck long race receivers ## everything that must hold before a change lands

test: ## the tests but for what takes long, with examples and most code blocks of the documentation
	$(GO) test ./...

long: ## all tests, also those that take long
	$(GO) test ./...

# Without the profile: a second build of all that hookrun needs would say nothing about races. Short: what only repeats
# itself, takes long on one goroutine, or runs in processes that were built without the detector, says nothing about them.
race: ## tests under the race detector
	$(GO) test -race -short -pgo=off ./...

receivers: ## the SDK of CloudEvents receives what sinks send
	cd internal/testkit/cloudevents && $(GO) test -race ./...

tidy: ## go.mod and go.sum are as go mod tidy leaves them
	for module in . $(MODULES); do (cd $$module && $(GO) mod tidy -diff) || exit 1; done

format: ## every Go file is as gofmt leaves it, and no comment, and no page but for its code blocks, is wider than 120 columns
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "not formatted:"; echo "$$files"; exit 1; fi
	@git ls-files '*.go' '*.md' '*.example' | grep -v testdata/ | LC_ALL=C.UTF-8 xargs awk 'FNR == 1 { code = 0 } /^```/ { code = !code } \
		length > 120 && (FILENAME ~ /go$$/ ? /^[ \t]*\/\// : !code && !/^\|/) \
		{ print FILENAME ":" FNR ": wider than 120 columns"; wide = 1 } END { exit wide }'

vet: ## go vet
	for module in . $(MODULES); do (cd $$module && $(GO) vet ./...) || exit 1; done

staticcheck: ## staticcheck, at the version of go.mod
	staticcheck=$$($(GO) tool -n staticcheck) && for module in . $(MODULES); do (cd $$module && $$staticcheck ./...) || exit 1; done

# Each package is built and linked once, as go test -fuzz does it, and has the corpus of that.
fuzz: ## every fuzz target for FUZZTIME each
	@dir=$$(mktemp -d) && trap "rm -r $$dir" EXIT && cache=$$($(GO) env GOCACHE)/fuzz && \
	for folder in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n 1 dirname | sort -u); do \
		$(GO) test -c $(GUIDED) -o $$dir/fuzz.test $$folder || exit 1; \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' $$folder/*_test.go); do \
			echo "$$folder $$target"; \
			(cd $$folder && $$dir/fuzz.test -test.run '^$$' -test.fuzz "^$$target\$$" -test.fuzztime $(FUZZTIME) -test.fuzzminimizetime 1x \
				-test.fuzzcachedir $$cache/$$($(GO) list .)) || exit 1; \
		done; \
	done

attack: steps programs graphs schedules ## every hostile script against the engine, each in a process of its own, ATTACK times, and HOARDS generated ones against its memory
	$(GO) test -count=1 -run MeasuredSizes -timeout 60m ./internal/sandbox -histories $(HOARDS)
	$(GO) test -count=1 ./internal/testkit/attack -attack.repeat $(ATTACK) -attack.hoards $(HOARDS) -timeout 300m

steps: ## each step of the main loop compared with gopher-lua's own, in STEPS generated programs and all tests; programs with another gopher-lua
	$(GO) test -count=1 -run 'AnotherGopherLua|32Bit' -timeout 60m ./internal/sandbox -embedders
	$(GO) test -count=1 -run 'Shortcuts|GeneratedPrograms' -timeout 120m ./internal/sandbox -stepwise.programs $(STEPS)
	$(GO) test -count=1 -tags stepwise -timeout 60m ./internal/sandbox ./bridge ./engine

programs: ## what PROGRAMS generated programs and CALLS library calls do in the sandbox, compared with lua5.1
	$(GO) test -count=1 -run 'Mean' -timeout 300m ./internal/testkit/luagen -programs $(PROGRAMS) -calls $(CALLS)

graphs: ## what hooks commit to GRAPHS generated values of Go types that point back to themselves, compared with a model
	$(GO) test -count=1 -run CommitsOfGraphs -timeout 60m ./engine -graphs $(GRAPHS)

schedules: ## what becomes of calls that wait, in SCHEDULES schedules of who goes on when, compared with a model
	$(GO) test -count=1 -run TestSchedules -timeout 120m ./engine -schedules $(SCHEDULES)

crashes: ## what KILLS processes leave behind that are killed in the middle of calls, compared with a model; as many commands; and drivers of localdir
	$(GO) test -count=1 -run KillAtAnyMoment -timeout 120m ./share/localdir -localdir.kills $$(($(KILLS) / 10))
	$(GO) test -count=1 -v -timeout 120m ./internal/testkit/crash -crash.kills $(KILLS) -crash.commands $(KILLS)

replays: ## RECORDS records replayed through two versions of hooks, with a heap that stays flat; 600 generated differences shrunk
	$(GO) test -count=1 -v -run 'MemoryStaysFlat|GeneratedExamples' -timeout 120m ./cli -replay.records $(RECORDS) -replay.examples 600

lines: ## the lines that LINES generated programs have and execute, compared with luac5.1 and the line hooks of lua5.1
	$(GO) test -count=1 -run InstructionsHave -timeout 120m ./internal/lua/reflines -programs $(LINES)
	$(GO) test -count=1 -run Generated -timeout 120m ./internal/coverage -programs $(LINES)

mutants: ## MUTANTS changes to the examples, of which their tests have to notice nine of ten
	$(GO) test -count=1 -v -run NoticeChanges -timeout 30m ./scripts -mutants $(MUTANTS)

tapes: ## RECORDED calls that are recorded and replayed to the instruction; KILLS processes that are killed while they record
	$(GO) test -count=1 -v -run 'Replay|Killed' -timeout 120m ./tape -tape.calls $(RECORDED) -tape.kills $(KILLS)

way: ## the functions that one warm call enters, with a hook that changes an argument and a result, and how many in how many files
	@dir=$$(mktemp -d) && $(GO) build -cover -covermode atomic -coverpkg ./... -o $$dir/call ./internal/testkit/warmcall && GOCOVERDIR=$$dir $$dir/call $$dir && \
		$(GO) tool covdata func -i $$dir | grep -v '\s0.0%$$\|/testkit/\|^total' | sed 's#^.*/hookrun/hookrun/##' | tee $$dir/functions && \
		echo "$$(wc -l <$$dir/functions) functions in $$(cut -d: -f1 $$dir/functions | sort -u | wc -l) files" && rm -r $$dir

soak: ## a million calls with hooks of every kind, each compared with a model; SOAK=100000 GOFLAGS=-race under the race detector
	$(GO) test -count=1 -v -run '^TestEveryCallOfASoak' -timeout 120m ./internal/testkit/attack -attack.soak $(SOAK)

# So few inputs are guided nowhere, and all packages would be compiled once more for it.
short: smoke ## the attacks and the fuzz targets in a short form, and smoke
	$(GO) test -count=1 ./internal/testkit/attack -short -attack.repeat 1 -timeout 30m
	$(MAKE) fuzz FUZZTIME=3000x GUIDED=

smoke: ## that all that bench and plots measure can be measured
	cd bench && $(GO) test -count=1 -short ./...

bench: ## the goals for speed and size, each as a multiple of its base, in one table
	cd bench && $(GO) test -count=1 -run '^TestGoals$$' -timeout 60m

advice: ## what one way to write a hook takes over another, in one table
	cd bench && $(GO) test -count=1 -run '^TestAdvice$$' -timeout 60m

peers: ## how long peers take for the work of hooks, as multiples of what hookrun takes, in one table; and Lua in C, where pkg-config finds it
	cd bench/peers && $(GO) test -count=1 -run '^TestPeers$$' -timeout 120m
	$(call each_lua_in_c,-run '^TestPeers$$' -timeout 60m)

peercheck: ## that all peers do the same work, and what make check asks of other modules: of this one apart, as it takes minutes to compile
	cd bench/peers && $(GO) mod tidy -diff && $(GO) vet ./... && staticcheck=$$(cd ../.. && $(GO) tool -n staticcheck) && $$staticcheck ./... && $(GO) test -count=1 -short ./...
	$(call each_lua_in_c,-short)

# Lua's own and LuaJIT have the same names in C, so each is tested in a process of its own.
each_lua_in_c = @for lua in lua5.1 luajit; do \
		if ! pkg-config --exists $$lua; then echo "no $$lua for pkg-config: it is not compared with"; continue; fi; \
		(cd bench/peers/clua && $(GO) test -count=1 -tags $$(echo $$lua | tr -d .) $(1)) || exit 1; \
	done

plots: ## how the cost grows, as pictures in docs/plots
	cd bench && $(GO) test -run '^$$' -bench Growth -benchtime 200ms -count 10 -timeout 60m . >growth.txt && $(GO) run ./plot -o ../docs/plots growth.txt

profile: ## the profile of hooks at work by which go build optimises cmd/hookrun
	cd bench && $(GO) test -trimpath -run '^$$' -bench 'Goals/^G(2|5|6|8|17|18)_.*/candidate' -benchtime 2s -cpuprofile ../cmd/hookrun/default.pgo -o /dev/null .
