// Sets what .env says, unless it is set already.
const fs = require('fs')
const path = require('path')

for (const line of fs.readFileSync(path.join(__dirname, '.env'), 'utf8').split('\n')) {
	const [, name, value] = line.match(/^(\w+)=(.*)$/) || []
	if (name && process.env[name] === undefined) process.env[name] = value
}
