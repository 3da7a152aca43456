// Answers customers. Needs the language model's key.
const apiKey = process.env.OPENAI_API_KEY

if (!apiKey) {
	console.error(`chat ${process.argv[2]}: 401 invalid API key`)
	process.exit(1)
}
console.log(`chat ${process.argv[2]}: ready`)
