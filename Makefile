# Every command a person needs. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help

.PHONY: help
help: ## 列出命令 / list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(VENV)/base.stamp: requirements/base.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("weidai needs Python 3.11 or newer / 需要 Python 3.11 或更新版本") if sys.version_info < (3, 11) else None'
	@echo "安装依赖(约一分钟)/ installing dependencies (about a minute) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The groups a server can do without: documents and faces read here, whole populations assessed, models trained.
$(VENV)/full.stamp: $(VENV)/base.stamp requirements/analytics.txt requirements/vision.txt
	@echo "安装分析与识别组件(约一分钟)/ installing analytics and recognition (about a minute) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/analytics.txt -r requirements/vision.txt
	@touch $@

$(VENV)/train.stamp: $(VENV)/full.stamp requirements/train.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/train.txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/train.stamp $(VENV)/voice.stamp requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# One wheel of 15 MB, and nothing that it asks for (ADR-0014).
$(VENV)/voice.stamp: $(VENV)/full.stamp requirements/voice.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/voice.txt
	@touch $@

$(VENV)/spark.stamp: $(VENV)/full.stamp requirements/spark.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/spark.txt
	@touch $@

$(VENV)/bench.stamp: $(VENV)/base.stamp requirements/bench.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

.PHONY: setup setup-dev setup-train setup-spark setup-voice
setup: $(VENV)/full.stamp ## 安装 / install what running needs
setup-train: $(VENV)/train.stamp ## 安装建模组件 / install what `weidai model` needs
setup-voice: $(VENV)/voice.stamp ## 安装声纹组件 / install the voiceprint (then WEIDAI_VOICE=1)
setup-spark: $(VENV)/spark.stamp ## 安装分布式引擎(需 Java)/ install the distributed engine (needs Java)
setup-dev: $(VENV)/dev.stamp ## 安装开发工具 / install what changing the code needs

.PHONY: run
run: setup ## 启动一切并载入演示 / start everything with a lively demo
	@exec $(BIN)/weidai run

.PHONY: test
test: setup-dev ## 保护改动的测试(≤ 10 分钟)/ what protects a change (at most ten minutes)
	$(BIN)/ruff check src tests
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy src/weidai/kernel $(wildcard src/weidai/*/rules.py) $(wildcard src/weidai/*/rules) src/weidai/lending/conventions
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m compileall -q -j 2 src tests
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist loadfile -m "not long"

.PHONY: test-long
test-long: setup-dev ## 全部测试,含长时间模拟 / everything, the long simulations included
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m compileall -q -j 2 src tests
	WEIDAI_ALL_LOOKS=1 HYPOTHESIS_PROFILE=long PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist loadfile --timeout 3600

.PHONY: lint
lint: setup-dev ## 只查风格与导入方向 / style, types and import directions only
	$(BIN)/ruff check src tests
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy src/weidai/kernel $(wildcard src/weidai/*/rules.py) $(wildcard src/weidai/*/rules) src/weidai/lending/conventions

.PHONY: bench-drawdown
bench-drawdown: setup-dev ## 借款签署压测 / sign COUNT drawdowns through HTTP at full rate, then at half of it
	@PYTHONPATH=src:. $(BIN)/python -m bench.drawdown $(COUNT)

.PHONY: bench-eod
bench-eod: setup-dev ## 日终压测 / close a day of LOANS generated loans, beside a one-at-a-time loop
	@PYTHONPATH=src:. $(BIN)/python -m bench.eod $(LOANS)

.PHONY: bench-impersonation
bench-impersonation: setup-dev ## 冒用攻击测量 / TRIES of each stated attack against the identity layer (synthetic faces)
	@PYTHONPATH=src:. $(BIN)/python -m bench.impersonation $(TRIES)

.PHONY: bench-ocr
bench-ocr: setup-dev ## 证件识别测量 / read CARDS generated ID cards and other papers, STYLE=first|second, offline; STYLE=pdf: papers sent as PDF
	@PYTHONPATH=src:. $(BIN)/python -m $(if $(filter pdf,$(STYLE)),bench.ocr_pdf $(PDFS),bench.ocr $(CARDS) --style $(or $(STYLE),both))

.PHONY: bench-voice
bench-voice: setup-dev ## 声纹测量 / SPEAKERS synthetic voices told apart, and attacks on their voiceprints (espeak-ng)
	@PYTHONPATH=src:. $(BIN)/python -m bench.voice $(SPEAKERS)

.PHONY: bench-policy
bench-policy: setup-dev ## 评分规则压测 / the points table one person at a time and over a population
	@PYTHONPATH=src:. $(BIN)/python -m bench.policy $(BENCH_POLICY)

.PHONY: bench-assess
bench-assess: setup-dev ## 月度评估压测 / indicators of PEOPLE people from EVENTS events, beside hand-written SQL
	@PYTHONPATH=src:. $(BIN)/python -m bench.assess $(BENCH_ASSESS)

.PHONY: bench-model
bench-model: setup-dev ## 建模压测 / scorecard and boosting beside plain library defaults, on public tables
	@PYTHONPATH=src:. $(BIN)/python -m bench.model $(FILES)

.PHONY: bench-schedule
bench-schedule: $(VENV)/bench.stamp ## 还款计划压测 / a 12-row schedule beside other libraries
	@PYTHONPATH=src:. $(BIN)/python -m bench.schedule

.PHONY: docs
docs: setup-dev ## 由代码重写参考文档 / rewrite the generated reference pages from the code
	$(BIN)/python -W ignore -m tests.docs.render

.PHONY: lock
lock: ## 重新锁定依赖 / re-pin the dependencies (needs pip-tools)
	cd requirements && $(COMPILE) -o base.txt base.in && $(COMPILE) --constraint base.txt -o dev.txt dev.in
	cd requirements && $(COMPILE) --constraint base.txt -o analytics.txt analytics.in
	cd requirements && $(COMPILE) --constraint base.txt --constraint analytics.txt -o vision.txt vision.in
	cd requirements && $(COMPILE) --constraint base.txt --constraint analytics.txt --constraint vision.txt -o train.txt train.in
	cd requirements && $(COMPILE) --constraint base.txt --constraint analytics.txt -o spark.txt spark.in
	cd requirements && $(COMPILE) --constraint base.txt --constraint dev.txt --constraint train.txt -o bench.txt bench.in
COMPILE := pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras --allow-unsafe

.PHONY: clean
clean: ## 删除演示数据与环境 / stop and remove the demo's data and the environment
	-@$(BIN)/weidai db stop
	rm -rf $(VENV) .weidai
