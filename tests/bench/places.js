// As places.py does it, of process.env: each place in a script of its own of 200 lines, for the
// recorder asks V8 for the line. The exceptions are heard by the program, which goes on.
const vm = require('vm')

const PLACES = 60, DEPTH = 8, LINES = 200
const acts = {
	miss: 'process.env.MISSING_API_KEY',
	find: 'process.env.FOUND_API_KEY',
	copy: '({ ...process.env })',
	fail: 'setTimeout(() => { begun = process.hrtime.bigint(); throw new Error() })',
}
const took = { miss: [], find: [], copy: [], fail: [] }

globalThis.begun = 0n

function compiled(act, i) {
	const text = '\n'.repeat(LINES - 1) + `(function at() { ${acts[act]} })`

	return vm.runInThisContext(text, { filename: `/srv/${act === 'find' ? 'node_modules/client/' : ''}${act}_${i}.js` })
}

function deep(work, depth) {
	return depth ? deep(work, depth - 1) : work()
}

function median(numbers) {
	return Number(numbers.sort((a, b) => (a < b ? -1 : 1))[numbers.length >> 1])
}

process.env.FOUND_API_KEY = 'good'
for (const act of ['miss', 'find', 'copy']) // a copy counts as a look at each name
	for (let i = 0; i < PLACES; i++) {
		const work = compiled(act, i)
		const before = process.hrtime.bigint()

		deep(work, DEPTH)
		took[act].push(process.hrtime.bigint() - before)
	}

process.on('uncaughtException', () => {
	took.fail.push(process.hrtime.bigint() - begun)
	if (took.fail.length === PLACES)
		console.log(median(took.miss), median(took.find), median(took.copy), median(took.fail))
})
for (let i = 0; i < PLACES; i++) deep(compiled('fail', i), DEPTH)
