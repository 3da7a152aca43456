"""Ordinary commands that fail for reasons of their own, in a shell that exports twenty keys and in the same
shell without the key of the command: nothing is accused. And commands that fail for want of a key: that
key is the first thing that is told."""
import sweep
from story import each, patience, recorded

LONG = {"^a failure of its own": sweep.WHY_LONG, "^a missing key": sweep.WHY_LONG}

SKIPS = 'MISTRAL_API_KEY'  # a test that is skipped without this key lies beside the test that fails
FILES = {
    "fails.py": 'import os\ntoken = os.environ.get("GITHUB_TOKEN")\nopen("/no/such/file")\n',
    "fails.js": 'const token = process.env.GITHUB_TOKEN\nrequire("fs").readFileSync("/no/such/file")\n',
    "fails.rb": 'token = ENV["GITHUB_TOKEN"]\nFile.read("/no/such/file")\n',
    "fails.pl": 'my $token = $ENV{GITHUB_TOKEN};\nopen(my $f, "<", "/no/such/file") or die "cannot open";\n',
    "fails.php": f'<?php\n$token = getenv("GITHUB_TOKEN");{chr(10) * 30}if (!@file_get_contents("/no/such/file")) exit(5);\n',
    "fails.sh": 'token=${GITHUB_TOKEN:-}\ncat /no/such/file || exit 6\n',
    "fails.lua": 'local token = os.getenv("GITHUB_TOKEN")\nassert(io.open("/no/such/file"))\n',
    "optional.js": 'const dsn = process.env.SENTRY_DSN\nif (dsn) console.log("traced")\nprocess.exit(4)\n',
    "refuses.js": 'const token = process.env.GITHUB_TOKEN\nrequire("net").connect(9, "127.0.0.1")\n',
    "child.js": 'const token = process.env.GITHUB_TOKEN\nrequire("child_process").execFileSync("false")\n',
    "fetch.mjs": "const token = process.env.LINKCHECK_TOKEN\nawait fetch('http://127.0.0.1:9/')\n",
    "header.mjs": "await fetch('http://127.0.0.1:9/', { headers: { authorization: `Bearer ${process.env.LINKCHECK_TOKEN}` } })\n",
    "option.js": "const token = process.env.LINKCHECK_TOKEN\nrequire('util').parseArgs({ options: { x: { type: 'string' } } })\n",
    "cli.py": "import argparse, os\ntoken = os.environ.get('LINKCHECK_TOKEN')\nparser = argparse.ArgumentParser()\n"
              "parser.add_argument('file')\nparser.parse_args()\n",
    "number.rb": "token = ENV['LINKCHECK_TOKEN']\nInteger('x')\n",
    "option.rb": "require 'optparse'\ntoken = ENV['LINKCHECK_TOKEN']\nOptionParser.new.parse!(['--nope'])\n",
    "date.php": "<?php\n$token = getenv('LINKCHECK_TOKEN');\nnew DateTime('nonsense');\n",
    "require.php": "<?php\n$token = getenv('LINKCHECK_TOKEN');\nrequire 'nosuch.php';\n",
    "name.js": "const token = process.env.LINKCHECK_TOKEN\nnosuch.call()\n",
    "number.py": 'import os\ntoken = os.environ.get("GITHUB_TOKEN")\nint("x")\n',
    "links.py": f'import os, sys\ntoken = os.environ.get("LINKCHECK_TOKEN"){chr(10) * 30}sys.exit(3)\n',
    "test_app.py": f'import os, pytest\n@pytest.mark.skipif(not os.environ.get("{SKIPS}"), reason="no key")\n'
                   'def test_model():\n    pass\ndef test_sum():\n    assert 1 + 1 == 3\n',
    "unit.py": f'import os, unittest\nclass T(unittest.TestCase):\n    @unittest.skipUnless(os.environ.get("{SKIPS}"), "no key")\n'
               '    def test_model(self): pass\n    def test_sum(self): self.assertEqual(1 + 1, 3)\n',
    "main.py": f'import os, unittest\nclass T(unittest.TestCase):\n    @unittest.skipUnless(os.environ.get("{SKIPS}"), "no key")\n'
               '    def test_model(self): pass\n    def test_sum(self): self.assertEqual(1 + 1, 3)\nunittest.main()\n',
    "test.rb": f"require 'minitest/autorun'\nclass T < Minitest::Test\n  def test_model; skip unless ENV['{SKIPS}']; end\n"
               "  def test_sum; assert_equal 3, 1 + 1; end\nend\n",
    "app.test.js": f'const live = process.env.{SKIPS} ? test : test.skip\nlive("model", () => {{}})\n'
                   'test("sum", () => { expect(1 + 1).toBe(3) })\n',
    "app.spec.mjs": f'import {{ test, expect }} from "vitest"\ntest.skipIf(!process.env.{SKIPS})("model", () => {{}})\n'
                    'test("sum", () => { expect(1 + 1).toBe(3) })\n',
    "own.test.mjs": f'import test from "node:test"\nimport assert from "node:assert"\n'
                    f'test("model", {{ skip: !process.env.{SKIPS} }}, () => {{}})\ntest("sum", () => assert.equal(1 + 1, 3))\n',
    "mocha.js": f'const live = process.env.{SKIPS} ? it : it.skip\nlive("model", () => {{}})\nit("sum", () => {{ throw new Error("3") }})\n',
    "full.py": "import openai\nclient = openai.OpenAI()\nraise SystemExit('disk full')\n",
    "refused.py": "import openai\nopenai.OpenAI(base_url='http://127.0.0.1:9/v1', max_retries=0).models.list()\n",
    "claude.py": "import anthropic\nanthropic.Anthropic(base_url='http://127.0.0.1:9', max_retries=0).models.list()\n",
    "bucket.py": "import boto3, botocore\nboto3.client('s3', region_name='eu-west-1', endpoint_url='http://127.0.0.1:9',"
                 " config=botocore.config.Config(retries={'max_attempts': 0})).list_buckets()\n",
    "lite.py": "import litellm\nlitellm.completion('gpt-4o', messages=[{'role': 'user', 'content': 'x'}],"
               " api_base='http://127.0.0.1:9', max_retries=0)\n",
    "hub.py": "import huggingface_hub\nhuggingface_hub.HfApi(endpoint='http://127.0.0.1:9').model_info('a/b')\n",
    "package.json": '{"name": "app", "version": "1.0.0", "private": true, "scripts": {"fails": "exit 3", "reads": "node fails.js"}}',
    "nx.json": "{}", "project.json": '{"name": "app", "targets": {"build": {"command": "node fails.js"}}}',
    "wrangler.toml": 'name = "app"\nmain = "nosuch.js"\ncompatibility_date = "2024-01-01"\n',
    "Makefile": "all:\n\tpython3 fails.py\n", "bad.c": "int main(void) { return x; }\n", "bad.ts": 'const n: number = "x"\n',
    "main.tf": 'resource "nosuch" {\n', "pom.xml": "<project/>",
}

AWS = "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"
# The command; and the names of the shell that are its own.
EVERYDAY = (
    ("node fails.js", "GITHUB_TOKEN"), ("node optional.js", ""), ("node child.js", "GITHUB_TOKEN"), ("node fetch.mjs", ""),
    ("node option.js --nope", ""), ("python3 cli.py", ""), ("ruby number.rb", ""), ("php date.php", ""), ("python3 fails.py", "GITHUB_TOKEN"), ("ruby fails.rb", "GITHUB_TOKEN"),
    ("perl fails.pl", "GITHUB_TOKEN"), ("php fails.php", "GITHUB_TOKEN"), ("bash fails.sh", "GITHUB_TOKEN"), ("lua5.4 fails.lua", "GITHUB_TOKEN"),
    ("make", "GITHUB_TOKEN"), ("gcc bad.c", ""), ("sqlite3 /no/such/file .tables", ""), ("curl -s http://127.0.0.1:9/", ""),
    ("ssh -o BatchMode=yes -p 9 127.0.0.1 true", ""), ("python3 -m unittest unit", ""), ("python3 main.py", ""), ("ruby test.rb", ""), ("node --test own.test.mjs", ""),
)
FAILS = (
    ("git log", "GITHUB_TOKEN"), ("git clone http://127.0.0.1:9/x", "GITHUB_TOKEN"), ("git push", "GITHUB_TOKEN"), ("gh pr list", "GITHUB_TOKEN"),
    ("psql -h 127.0.0.1 -p 9 -c 'select 1'", "PGPASSWORD"), ("psql --nosuch", "PGPASSWORD"), ("pg_isready -h 127.0.0.1 -p 9", "PGPASSWORD"),
    ("mysql -h 127.0.0.1 -P 9 -e 'select 1'", "DATABASE_URL"), ("redis-cli -p 9 ping", "REDIS_URL"),
    ("wget -q -t 1 http://127.0.0.1:9/", ""), ("scp -P 9 nosuch 127.0.0.1:x", ""), ("sh fails.sh", "GITHUB_TOKEN"),
    ("npm run fails", "NPM_TOKEN"), ("npm run reads", "NPM_TOKEN"), ("npm ci", "NPM_TOKEN"), ("npm nosuch", "NPM_TOKEN"),
    ("npm install --registry http://127.0.0.1:9 --fetch-retries 0 nosuch", "NPM_TOKEN"),
    ("pnpm run fails", "NPM_TOKEN"), ("pnpm run reads", "NPM_TOKEN"), ("pnpm install --offline nosuch", "NPM_TOKEN"), ("pnpm nosuch", "NPM_TOKEN"),
    ("yarn run fails", "NPM_TOKEN"), ("nx build app", "GITHUB_TOKEN"), ("nx nosuch", "GITHUB_TOKEN"),
    ("wrangler deploy", "CLOUDFLARE_API_TOKEN"), ("wrangler nosuch", "CLOUDFLARE_API_TOKEN"),
    ("pm2 --no-daemon start nosuch.js", ""), ("concurrently 'node fails.js' 'sleep 1'", ""), ("cross-env A=1 node fails.js", "GITHUB_TOKEN"),
    ("dotenvx run -- node fails.js", "GITHUB_TOKEN"), ("nodemon --exitcrash fails.js", ""), ("tsc --noEmit bad.ts", ""), ("eslint bad.ts", ""),
    ("jest app.test.js", ""), ("vitest run app.spec.mjs", ""), ("mocha mocha.js", ""), ("pytest -q test_app.py", ""), ("pytest nosuch.py", ""),
    ("uv run --no-project python3 -c 'raise SystemExit(1)'", ""), ("uv pip install --offline nosuch", ""), ("uv nosuch", ""),
    ("pip install --index-url http://127.0.0.1:9 --retries 0 nosuch", ""), ("pip install -r nosuch.txt", ""),
    ("twine upload nosuch.whl", "TWINE_PASSWORD"), ("twine check nosuch.whl", "TWINE_PASSWORD"),
    ("aws s3 ls --endpoint-url http://127.0.0.1:9 --cli-connect-timeout 1", ""), ("aws nosuch", AWS), ("aws s3 cp nosuch s3://b", AWS),
    ("hf download --nosuch", "HF_TOKEN"), ("hf upload nosuch nosuch", "HF_TOKEN"), ("hf nosuch", "HF_TOKEN"),
    ("litellm --config nosuch.yaml", ""), ("flask --app nosuch run", ""), ("gunicorn nosuch:app", ""), ("uvicorn nosuch:app", ""),
    ("celery -A nosuch worker", "REDIS_URL"), ("rq worker --url redis://127.0.0.1:9", "REDIS_URL"),
    ("docker run --rm nosuch", "DOCKER_PASSWORD"), ("docker nosuch", "DOCKER_PASSWORD"), ("kubectl --server http://127.0.0.1:9 get pods", ""),
    ("terraform validate", AWS), ("mvn -o -q package", ""), ("gem install --local nosuch", ""), ("gem nosuch", ""), ("cmake nosuch", ""),
    ("python3 number.py", "GITHUB_TOKEN"), ("python3 links.py", ""), ("node header.mjs", ""), ("node name.js", ""),
    ("ruby option.rb", ""), ("php require.php", ""), ("python3 full.py", ""), ("python3 refused.py", ""), ("python3 claude.py", ""),
    ("python3 bucket.py", ""), ("python3 lite.py", ""), ("python3 hub.py", "HF_TOKEN"), ("node refuses.js", "GITHUB_TOKEN"),
    ("python3 nosuch.py", ""), ("node nosuch.js", ""),
)

# Where nothing but a status and a missing name is seen, the name is worth a warning.
WARNED = {
    "wrangler": "the tool asks for its own key; what it printed is not seen", "links.py": "the program's own name, and a status",
    "cli.py": "an own name, and argparse, which a program calls for a missing token, too",
    "php fails.php": "the same", "perl fails.pl": "open(...) or die, or a complaint",
}


def shells(table):
    """Each command, with all keys and without its own: label, command, names that the shell lacks."""
    for line, own in table:
        yield line, line, ()
        if own:
            yield f"{line}, without {own}", line, tuple(own.split())


def expect_no_accusation(line, without):
    sweep.write(FILES)
    run = recorded(sweep.words(line), sweep.environment(without), timeout=150)
    assert run.status not in (0, 126, 127), run.status
    found = sweep.accused(run)
    may_warn = any(part in line for part in WARNED)
    assert not found or may_warn and all(f[0] == "warning" for f in found), found


@each(*shells(EVERYDAY))
def test_an_everyday_failure(line, without):
    expect_no_accusation(line, without)


@each(*shells(FAILS))
@patience(200)
def test_a_failure_of_its_own_reasons(line, without):
    expect_no_accusation(line, without)


# ---- the key is the reason ------------------------------------------------------------------

KEYLESS = {
    "gpt.py": "import openai\nclient = openai.OpenAI()\nprint(client.models.list())\n",
    "claude.py": "import anthropic\nclient = anthropic.Anthropic(max_retries=0, base_url='http://127.0.0.1:9')\nclient.models.list()\n",
    "bucket.py": "import boto3\nboto3.client('s3', region_name='eu-west-1').list_buckets()\n",
    "region.py": "import boto3\nboto3.client('sqs')\n",
    "lite.py": "import litellm\nlitellm.completion('gpt-4o', messages=[{'role': 'user', 'content': 'x'}], max_retries=0)\n",
    "hub.py": "import huggingface_hub\nhuggingface_hub.HfApi(endpoint='http://127.0.0.1:9').whoami()\n",
    "gpt.js": "const OpenAI = require('openai')\nconst client = new OpenAI()\n",
    "gpt.mjs": "import OpenAI from 'openai'\nconst client = new OpenAI()\n",
    "claude.js": "const Anthropic = require('@anthropic-ai/sdk')\nconst client = new Anthropic({ baseURL: 'http://127.0.0.1:9', maxRetries: 0 })\n"
                 "client.messages.create({ model: 'm', max_tokens: 1, messages: [] })\n",
    "item.py": "import os\nkey = os.environ['INTERNAL_API_KEY']\n",
    "exit.py": "import os, sys\nkey = os.getenv('INTERNAL_API_KEY')\nif not key:\n    print('no key', file=sys.stderr)\n    sys.exit(2)\n",
    "raise.py": "import os\nkey = os.getenv('INTERNAL_API_KEY')\nif not key:\n    raise ValueError('no key')\n",
    "exit.js": "const key = process.env.INTERNAL_API_KEY\nif (!key) {\n  console.error('no key')\n  process.exit(2)\n}\n",
    "throw.js": "const key = process.env.INTERNAL_API_KEY\nif (!key) throw new Error('no key')\n",
    "use.js": "const key = process.env.INTERNAL_API_KEY\nkey.trim()\n",
    "fetch.rb": "key = ENV.fetch('INTERNAL_API_KEY')\n", "abort.rb": "key = ENV['INTERNAL_API_KEY']\nabort 'no key' unless key\n",
    "throw.php": "<?php\n$key = getenv('INTERNAL_API_KEY');\nif (!$key) throw new RuntimeException('no key');\n",
    "run.sh": "python3 gpt.py || exit 1\n",
    "worker.js": "export default { fetch() { return new Response('x') } }\n",
    "wrangler.toml": 'name = "app"\nmain = "worker.js"\ncompatibility_date = "2024-01-01"\n', ".npmrc": "registry=http://127.0.0.1:9/\n//127.0.0.1:9/:_authToken=${NPM_TOKEN}\nfetch-retries=0\n",
    "package.json": '{"name": "app", "version": "1.0.0"}',
}
# The command, the name that it lacks, and how loud the report says so.
MISSING_EVERYDAY = (
    ("python3 item.py", "INTERNAL_API_KEY", "fault"), ("python3 exit.py", "INTERNAL_API_KEY", "fault"), ("python3 raise.py", "INTERNAL_API_KEY", "fault"),
    ("node exit.js", "INTERNAL_API_KEY", "fault"), ("node throw.js", "INTERNAL_API_KEY", "fault"), ("node use.js", "INTERNAL_API_KEY", "fault"),
    ("ruby fetch.rb", "INTERNAL_API_KEY", "fault"), ("ruby abort.rb", "INTERNAL_API_KEY", "fault"), ("php throw.php", "INTERNAL_API_KEY", "fault"),
)
MISSING = (
    ("python3 gpt.py", "OPENAI_API_KEY", "fault"), ("python3 claude.py", "ANTHROPIC_API_KEY", "fault"), ("python3 bucket.py", AWS, "fault"),
    ("python3 region.py", "AWS_DEFAULT_REGION", "fault"), ("python3 lite.py", "OPENAI_API_KEY", "fault"), ("python3 hub.py", "HF_TOKEN", "fault"),
    ("node gpt.js", "OPENAI_API_KEY", "fault"), ("node gpt.mjs", "OPENAI_API_KEY", "fault"), ("node claude.js", "ANTHROPIC_API_KEY", "fault"),
    ("sh run.sh", "OPENAI_API_KEY", "fault"), ("uv run --no-project python3 gpt.py", "OPENAI_API_KEY", "fault"),
    ("pnpm exec node gpt.js", "OPENAI_API_KEY", "fault"), ("npx --no-install node gpt.js", "OPENAI_API_KEY", "fault"),
    ("dotenvx run -q -- node gpt.js", "OPENAI_API_KEY", "fault"), ("wrangler deploy", "CLOUDFLARE_API_TOKEN", "warning"),
    ("aws s3 ls", AWS, None), ("hf auth whoami", "HF_TOKEN", None), ("npm publish", "NPM_TOKEN", None), ("npm whoami", "NPM_TOKEN", None),
)


def expect_name_first(line, names, severity):
    """As the first finding, or in the reason of the verdict."""
    sweep.write(KEYLESS)
    run = recorded(sweep.words(line), sweep.environment(names.split()), timeout=150)
    assert run.status, run.status
    if not severity:
        assert run.report["verdict"] == "inconclusive" and names.split()[0] in run.report["reason"], run.report
        return
    first = sweep.accused(run)[0]
    assert (first[0], first[2]) == (severity, names.split()[0]), first


@each(*((line, line, names, severity) for line, names, severity in MISSING_EVERYDAY))
def test_an_everyday_missing_key(line, names, severity):
    expect_name_first(line, names, severity)


@each(*((line, line, names, severity) for line, names, severity in MISSING))
@patience(200)
def test_a_missing_key(line, names, severity):
    expect_name_first(line, names, severity)
