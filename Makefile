# Every command here runs from the root of the repository, inside an environment made by the README's second command.
PYTHON ?= python

.PHONY: check format lint types contracts test coverage docs golden benchmarks kills nightly properties fuzz mutations rules vsix editors

check: lint types contracts test ## what CI runs

format: ## rewrite the code in the house style
	ruff format .
	ruff check --fix .

lint:
	ruff format --check .
	ruff check .

types:
	mypy
	pyright --warnings

contracts: ## who may import whom
	lint-imports

test:
	$(PYTHON) -m pytest -n 2

coverage:
	coverage run -m pytest -p no:xdist
	coverage report

vsix: ## the VS Code extension; needs Node.js 18 or later
	cd editors/vscode && npm ci --ignore-scripts --no-audit --no-fund && npm run package

editors: vsix ## the language server and the grammars in real editors; needs Neovim too
	$(PYTHON) -m pytest editors/tests

docs: ## write the pages and grammars that are made from the code
	$(PYTHON) -m msrun.dsl.assist.textmate > editors/vscode/syntaxes/plan.tmLanguage.json
	$(PYTHON) -m msrun.dsl.pages > docs/diagnostics.md
	$(PYTHON) -m msrun.dsl.pages docs/language.md

golden: ## accept what the tests print now as what they should print
	UPDATE_GOLDEN=1 $(PYTHON) -m pytest tests -q

benchmarks: ## minutes; writes benchmarks/results/
	$(PYTHON) benchmarks/startup.py
	$(PYTHON) benchmarks/overhead.py
	$(PYTHON) benchmarks/lsp.py
	$(PYTHON) benchmarks/arithmetic.py

kills: ## a thousand kill -9 at random points of runs of 200 nodes
	MSRUN_KILLS=1000 $(PYTHON) -m pytest tests/kills

properties: ## minutes: every law over thousands of cases, where other runs take a hundred
	MSRUN_CASES=2000 $(PYTHON) -m pytest tests/dsl

mutations: ## mistakes made by a script: how many are found, and where; writes benchmarks/results/mutations.json
	$(PYTHON) -m benchmarks.mutations --misses

rules: ## each rule of the checker silenced in turn: which test fails; writes benchmarks/results/rules.json
	$(PYTHON) -m benchmarks.rules

fuzz: ## ten minutes; needs `pip install -e ".[fuzz]"`; writes benchmarks/results/fuzz.json
	$(PYTHON) benchmarks/fuzz.py --minutes 10

nightly: ## long simulation
	MSRUN_SIMULATION_SEEDS=20000 $(PYTHON) -m pytest tests/simulation
