# Everything done here by hand or by CI, from a fresh clone: `make help` lists it.

VENV := .venv/bin
MANAGE := $(VENV)/python manage.py
PYTEST := $(VENV)/python -m pytest -n auto --dist loadfile
EVERYDAY := not race and not fuzz and not referee and not browser
MYSQL := $${DATABASE_URL:-mysql://root@127.0.0.1:3306/meiduo}
POSTGRES := $${DATABASE_URL:-postgres://postgres@127.0.0.1:5432/postgres}

.DEFAULT_GOAL := help
.PHONY: help run test test-mysql test-postgres races fuzz referee browser screenshots lint messages lock

help: ## list what make can do
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 16

run: ## start the shop: make run [PORT=8000] [SANDBOX_PORT=8001] [PYTHON=python3]
	@bin/setup --ports requirements.txt
	@exec $(VENV)/python bin/run.py

test: ## run the tests on SQLite and an embedded Redis: make test [ARGS="-k cart"]
	@bin/setup requirements-dev.txt
	@DATABASE_URL=sqlite:///var/test.sqlite3 REDIS_URL= $(PYTEST) -m "$(EVERYDAY)" $(ARGS)

test-mysql: ## run the same tests on DATABASE_URL, by default the MySQL on 127.0.0.1:3306
	@bin/setup requirements-dev.txt requirements-mysql.txt
	@export DATABASE_URL=$(MYSQL); $(VENV)/python bin/reach.py && $(PYTEST) -m "$(EVERYDAY)" $(ARGS)

test-postgres: ## run the same tests on DATABASE_URL, by default the PostgreSQL on 127.0.0.1:5432
	@bin/setup requirements-dev.txt requirements-postgres.txt
	@export DATABASE_URL=$(POSTGRES); $(VENV)/python bin/reach.py && $(PYTEST) -m "$(EVERYDAY)" $(ARGS)

races: ## let many buyers race on DATABASE_URL, by default the MySQL on 127.0.0.1:3306
	@bin/setup requirements-dev.txt requirements-$(if $(filter postgres%,$(DATABASE_URL)),postgres,mysql).txt
	@export DATABASE_URL=$(MYSQL); $(VENV)/python bin/reach.py && \
		$(VENV)/python -m pytest -m race tests/races $(ARGS)

fuzz: ## ask the API whatever its OpenAPI schema allows, and what it does not
	@bin/setup requirements-dev.txt
	@DATABASE_URL=sqlite:///var/test.sqlite3 REDIS_URL= $(VENV)/python -m pytest -n auto -m fuzz tests/fuzz $(ARGS)

referee: var/referee/installed ## let Alipay's own SDK check our signatures, and ours check its
	@bin/setup requirements-dev.txt
	@DATABASE_URL=sqlite:///var/test.sqlite3 REDIS_URL= $(VENV)/python -m pytest -m referee tests/referee $(ARGS)

var/referee/installed: requirements-referee.txt
	@bin/setup requirements-dev.txt
	@rm -rf var/referee
	@$(VENV)/python -m pip install --quiet --no-compile --no-deps --target var/referee -r $<
	@touch $@

browser: ## open every page of the back office, and work a day there, in a real Chromium: make browser [CHROMIUM=chromium]
	@bin/setup requirements-dev.txt
	@DATABASE_URL=sqlite:///var/test.sqlite3 REDIS_URL= $(VENV)/python -m pytest -m browser tests/browser $(ARGS)

screenshots: ## take the pictures of docs/images anew: make screenshots [CHROMIUM=chromium]
	@bin/setup requirements-dev.txt
	@DATABASE_URL=sqlite:///var/test.sqlite3 REDIS_URL= $(VENV)/python -m pytest -m browser tests/browser/screenshots.py

lint: ## check style, types, import contracts, migrations, deployment settings, the API schema
	@bin/setup requirements-dev.txt
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(MANAGE) make_keys --verbosity 0
	$(MANAGE) makemigrations --check --dry-run
	ALLOWED_HOSTS=shop.example SITE_URL=https://shop.example \
		ALIPAY_GATEWAY_URL=https://openapi.alipay.com/gateway.do \
		WECHATPAY_GATEWAY_URL=https://api.mch.weixin.qq.com \
		SMS_GATEWAY=aliyun ALIYUN_SMS_ACCESS_KEY_ID=- ALIYUN_SMS_ACCESS_KEY_SECRET=- \
		ALIYUN_SMS_SIGN_NAME=- ALIYUN_SMS_TEMPLATE=- \
		$(MANAGE) check --deploy --fail-level WARNING --settings meiduo.settings.prod
	$(MANAGE) spectacular --validate --fail-on-warn --file /dev/null

messages: ## collect, merge and compile the translations
	@bin/setup requirements-dev.txt
	PYTHONPATH=locale $(VENV)/pybabel --quiet extract --mapping locale/babel.cfg --add-location file \
		--keywords "gettext_lazy ngettext_lazy:1,2 pgettext_lazy:1c,2" --output var/django.pot apps meiduo
	$(VENV)/pybabel update --domain django --input-file var/django.pot --output-dir locale \
		--ignore-obsolete --no-fuzzy-matching --ignore-pot-creation-date
	$(VENV)/pybabel compile --domain django --directory locale

lock: ## write constraints.txt anew from the newest versions that the requirements allow
	@bin/setup requirements-dev.txt
	$(VENV)/python bin/lock.py
