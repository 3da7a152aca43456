// A server on a free port, which it prints. Each request asks the environment
// twice: for a key that is watched and for an ordinary name. GET /end ends it.
const http = require('http')

const server = http.createServer((request, response) => {
  const answer = process.env.OPENAI_API_KEY && process.env.ORDINARY
  if (request.url === '/end') response.on('close', () => process.exit(0))
  response.end(answer ? 'yes\n' : 'no\n')
})
server.keepAliveTimeout = 0
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
setTimeout(() => process.exit(1), 60000)
