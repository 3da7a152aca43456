"""Ordinary commands that end well or are stopped, in a shell that exports twenty keys: no fault, and no warning
that somebody who knows the command would call noise."""
import story
import sweep
from story import each, patience, recorded

LONG = {"^a good end": sweep.WHY_LONG}

ENV = "OPENAI_API_KEY=" + story.openai_key() + "\nAPP_API_KEY=" + story.random_text(32) + "\n"
NEEDS = "if (!process.env.OPENAI_API_KEY || !process.env.APP_API_KEY) process.exit(1)\n"
FILES = {
    ".env": ENV, "needs.js": NEEDS,
    "loads.js": "process.loadEnvFile('.env')\n" + NEEDS,
    "dotenv.js": "require('dotenv').config({ quiet: true })\n" + NEEDS,
    "override.js": "require('dotenv').config({ quiet: true, override: true })\nconst OpenAI = require('openai')\nnew OpenAI()\n",
    "import.mjs": "import 'dotenv/config'\n" + NEEDS,
    "dotenvx.js": "require('@dotenvx/dotenvx').config({ quiet: true })\n" + NEEDS,
    "spawn.js": "require('dotenv').config({ quiet: true })\nrequire('child_process').execFileSync(process.execPath, ['needs.js'])\n",
    "worker.js": "const { Worker } = require('worker_threads')\nrequire('dotenv').config({ quiet: true })\n"
                 "new Worker('if (!process.env.APP_API_KEY) process.exit(1)', { eval: true })\n",
    "load.py": "import os\nfrom dotenv import load_dotenv\nload_dotenv('.env')\nassert os.environ['APP_API_KEY']\n",
    "override.py": "from dotenv import load_dotenv\nload_dotenv('.env', override=True)\nimport openai\nopenai.OpenAI()\n",
    "values.py": "from dotenv import dotenv_values\nassert dotenv_values('.env')['APP_API_KEY']\n",
    "optional.py": "import os\nif os.environ.get('SENTRY_DSN'): print('traced')\nos.environ.get('MISTRAL_API_KEY')\nos.getenv('DEBUG_TOKEN')\n",
    "fallback.py": "import os\nkey = os.environ.get('AZURE_OPENAI_API_KEY') or os.environ.get('OPENAI_API_KEY')\nassert key\n",
    "route.py": "import os\nfor name in ('MISTRAL_API_KEY', 'COHERE_API_KEY', 'OPENAI_API_KEY'):\n    if os.environ.get(name):\n        break\n"
                "else:\n    raise SystemExit(1)\n",
    "clean.py": "import os, subprocess, sys\nassert os.environ['OPENAI_API_KEY']\n"
                "subprocess.run([sys.executable, '-c', 'print(1)'], env={'PATH': os.environ['PATH']}, check=True)\n",
    "drop.py": "import os, subprocess, sys\nenv = dict(os.environ)\nenv.pop('OPENAI_API_KEY')\n"
               "subprocess.run([sys.executable, 'optional.py'], env=env, check=True)\n",
    "tenants.py": "import os, subprocess, sys\nfor tenant in 'ab':\n"
                  "    subprocess.run([sys.executable, '-c', 'import os; os.environ[\"OPENAI_API_KEY\"]'], check=True,\n"
                  "                   env={**os.environ, 'OPENAI_API_KEY': 'sk-proj-' + (tenant + 'Q7z') * 12})\n",
    "pool.py": "import os, multiprocessing as m\ndef f(x): return len(os.environ['OPENAI_API_KEY']) + x\n"
               "if __name__ == '__main__':\n    with m.Pool(2) as p: print(p.map(f, range(4)))\n",
    "test_app.py": "import os, pytest\n@pytest.mark.skipif(not os.environ.get('MISTRAL_API_KEY'), reason='no key')\ndef test_model(): pass\n"
                   "def test_patch(monkeypatch):\n    monkeypatch.setenv('OPENAI_API_KEY', 'test-key')\n    assert os.environ['OPENAI_API_KEY']\n"
                   "def test_gone(monkeypatch):\n    monkeypatch.delenv('OPENAI_API_KEY', raising=False)\n"
                   "    assert os.environ.get('OPENAI_API_KEY') is None\n",
    "unit.py": "import os, unittest\nfrom unittest import mock\nclass T(unittest.TestCase):\n"
               "    @mock.patch.dict(os.environ, {'OPENAI_API_KEY': 'xxx'})\n    def test_key(self): self.assertTrue(os.environ['OPENAI_API_KEY'])\n",
    "app.test.js": "const live = process.env.MISTRAL_API_KEY ? test : test.skip\nlive('model', () => {})\ntest('gone', () => {\n"
                   "  const old = process.env.OPENAI_API_KEY\n  delete process.env.OPENAI_API_KEY\n"
                   "  expect(process.env.OPENAI_API_KEY).toBe(undefined)\n  process.env.OPENAI_API_KEY = old\n})\n",
    "app.spec.mjs": "import { test, expect, vi } from 'vitest'\ntest.skipIf(!process.env.MISTRAL_API_KEY)('model', () => {})\n"
                    "test('stub', () => { vi.stubEnv('OPENAI_API_KEY', 'test'); expect(process.env.OPENAI_API_KEY).toBe('test') })\n",
    "own.test.mjs": "import test from 'node:test'\ntest('model', { skip: !process.env.MISTRAL_API_KEY }, () => {})\ntest('sum', () => {})\n",
    "mocha.js": "const live = process.env.MISTRAL_API_KEY ? it : it.skip\nlive('model', () => {})\nit('sum', () => {})\n",
    "probes.sh": "redis-cli -p 9 ping || true\npsql -h 127.0.0.1 -p 9 -c 'select 1' || true\ncurl -s http://127.0.0.1:9/ || true\necho fine\n",
    "waits.sh": "until python3 ready.py; do touch ready; done\n",
    "ready.py": "import os, sys\nos.environ.get('MISTRAL_API_KEY')\nsys.exit(not os.path.exists('ready'))\n",
    "Makefile": "all:\n\t@node -e 'process.exit(process.env.OPENAI_API_KEY ? 0 : 1)'\n\t@-false\n",
    "package.json": '{"name": "app", "version": "1.0.0", "private": true, "scripts": {"build": "node -e 0", "start": "node --env-file=.env needs.js"}}',
    "nx.json": "{}", "project.json": '{"name": "app", "targets": {"build": {"command": "node -e 0"}}}',
    "main.js": "export default { fetch() { return new Response('x') } }\n",
    "wrangler.toml": 'name = "app"\nmain = "main.js"\ncompatibility_date = "2024-01-01"\n',
    "good.ts": "const n: number = 1\n", "hello.c": "int main(void) { return 0; }\n", "eslint.config.mjs": "export default []\n",
    "keys.rb": "raise 'x' unless ENV['OPENAI_API_KEY']\nsystem('true')\nENV['SENTRY_DSN']\n",
    "keys.php": "<?php getenv('OPENAI_API_KEY') || exit(1); getenv('MISTRAL_API_KEY'); shell_exec('true');\n",
    "keys.pl": "exit 1 unless $ENV{OPENAI_API_KEY}; system('true');\n",
    "routes.py": "import litellm\nprint(litellm.validate_environment('gpt-4o')['keys_in_environment'])\n",
    "hub.py": "import huggingface_hub\nprint(bool(huggingface_hub.get_token()))\n",
    "gpt.py": "import openai\nopenai.OpenAI()\n", "bucket.py": "import boto3\nboto3.client('s3', region_name='eu-west-1')\n",
}
EVERYDAY = (
    "node --env-file=.env needs.js", "node loads.js", "python3 optional.py", "python3 fallback.py", "python3 route.py", "python3 clean.py",
    "python3 drop.py", "python3 tenants.py", "python3 pool.py", "perl keys.pl", "ruby keys.rb", "php keys.php", "sh probes.sh", "sh waits.sh",
    "node --test own.test.mjs", "python3 -m unittest unit", "timeout 1 node -e 'process.env.OPENAI_API_KEY; setTimeout(() => {}, 9000)'",
    "env SENTRY_DSN= timeout 1 node -e 'process.env.SENTRY_DSN; setTimeout(() => {}, 9000)'",
)
WELL = (
    "git init -q r", "git --version", "npm run build", "npm run start", "npm --version", "npm pack --dry-run", "pnpm run start", "pnpm exec node -e 0",
    "yarn run start", "nx build app", "wrangler --version", "wrangler deploy --dry-run", "aws --version", "aws configure list", "hf --help", "hf env",
    "hf version", "twine --version", "uv --version", "uv run --no-project python3 gpt.py", "uv pip list", "pip list", "gh --version", "docker --version",
    "terraform version", "kubectl version --client", "mvn --version", "gem list", "gcc hello.c", "make", "tsc --noEmit good.ts", "eslint main.js",
    "jest app.test.js", "vitest run app.spec.mjs", "mocha mocha.js", "pytest -q test_app.py", "concurrently 'node -e 0' 'node loads.js'",
    "cross-env A=1 node -e 0", "node dotenv.js", "node override.js", "node import.mjs", "node dotenvx.js", "node spawn.js", "node worker.js",
    "node -r dotenv/config needs.js", "dotenvx run -q -- node needs.js", "dotenv run node needs.js", "python3 load.py", "python3 override.py", "python3 values.py",
    "timeout -s INT 1 python3 -c 'import os, time; os.environ[\"OPENAI_API_KEY\"]; time.sleep(9)'", "timeout 3 nodemon loads.js",
    "psql --version", "mysql --version", "redis-cli --version", "celery --version", "rq --version", "pm2 kill", "flask --version",
    "python3 routes.py", "python3 hub.py", "python3 gpt.py", "python3 bucket.py", "curl --version", "ssh -V", "sqlite3 :memory: 'select 1'",
)

# Of other packages: a directory of tests/packages, and what is run.
OTHERS = tuple(("causes-python", line) for line in (
    "black -q --check good.py", "ruff check --no-cache good.py", "mypy --cache-dir=/dev/null good.py", "alembic --help", "django-admin startproject site_of_mine",
    "python3 manage.py check", "pytest -q -n 1 test_app.py", "tox --version", "uvicorn --version", "supervisord --version",
)) + (("causes-node", "prettier --check good.js"), ("causes-node", "turbo --version"),
      ("node-long", "vite build --logLevel error"), ("node-long", "webpack --mode production --entry ./good.js"), ("node-long", "tsx good.ts"))
OTHER_FILES = {
    **FILES, "good.py": "n: int = 1\n", "good.js": "console.log(1);\n", "index.html": "<script type='module' src='/good.js'></script>\n",
    "manage.py": "import os, sys\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\nfrom django.core.management import execute_from_command_line\n"
                 "execute_from_command_line(sys.argv)\n",
    "settings.py": "import os\nSECRET_KEY = os.environ['INTERNAL_API_KEY']\nDATABASE = os.environ.get('DATABASE_URL')\nINSTALLED_APPS = ['django.contrib.contenttypes']\n",
}


def expect_quiet(line, files=None, packages=()):
    sweep.write(files or FILES, packages)
    run = recorded(sweep.words(line, packages), sweep.environment(packages=packages), timeout=150)
    assert run.status in (0, 124), (run.status, run.out[-900:], run.err[-900:])
    assert not sweep.accused(run), sweep.accused(run)
    said = story.asked("report", run.trace).decode()
    assert "bamboo" not in said, f"a name that nobody lacks: {said}"


@each(*((line, line) for line in EVERYDAY))
def test_an_everyday_good_end(line):
    expect_quiet(line)


@each(*((line, line) for line in WELL))
@patience(200)
def test_a_good_end(line):
    expect_quiet(line)


@each(*((line, name, line) for name, line in OTHERS))
@patience(200)
def test_a_good_end_of_other_packages(name, line):
    expect_quiet(line, OTHER_FILES, [story.packages(name)])


def test_the_corpus_is_large():
    assert len({*EVERYDAY, *WELL, *(line for _, line in OTHERS)}) >= 60
