"""A program that hands on nothing: the place of the loss is where the key was read, not where it was needed."""
import os

import nodes
import story
from story import environment, expect_fault, openai_key, packages, program, recorded, which

NAME = "OPENAI_API_KEY"

PRODUCER = f"""const key = process.env.{NAME}
require('fs').writeFileSync('job.json', JSON.stringify({{ prompt: 'hello', apiKey: String(key) }}))
"""

CONSUMER = """const job = JSON.parse(require('fs').readFileSync('job.json'))
const OpenAI = require('openai')
const server = require('http').createServer((request, answer) => {
  answer.statusCode = request.headers.authorization === 'Bearer KEY' ? 200 : 401
  answer.setHeader('content-type', 'application/json')
  answer.end('{"error":{"message":"Incorrect API key","code":"invalid_api_key"}}')
})
server.listen(0, async () => {
  const client = new OpenAI({ apiKey: job.apiKey, baseURL: `http://127.0.0.1:${server.address().port}/v1`, maxRetries: 0 })
  await client.chat.completions.create({ model: 'm', messages: [] })
  process.exit(0)
})
"""


def queue(key, held=None, **more):
    os.path.exists("node_modules") or os.symlink(packages("node") + "/node_modules", "node_modules")
    program(PRODUCER, "web.js")
    program(CONSUMER.replace("KEY", key), "worker.js")
    node = nodes.node()
    return recorded([which("sh"), program(f"{node} web.js\n{node} worker.js\n", "start.sh")], environment(**({NAME: held} if held else {})), **more)


def test_a_producer_that_puts_nothing_into_the_job():
    found = expect_fault(queue(openai_key()), "KT101", NAME, victim="node")
    assert found["summary"] == f"web.js:1 asks for {NAME}, which was never set", found
    assert "worker.js" in found["detail"], found


def test_a_producer_that_puts_the_key_into_the_job():
    key = openai_key()
    run = queue(key, held=key)
    assert run.status == 0 and run.report["verdict"] == "healthy", (run.status, run.report)


def test_a_key_in_the_job_that_is_refused():
    run = queue(openai_key(), held=openai_key())
    assert run.status and not run.codes("fault"), run.report
