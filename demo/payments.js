// The payment provider's client, made once, when this file is loaded.
const key = process.env.STRIPE_SECRET_KEY

exports.charge = async (amount) => {
	if (!key) throw new Error('401 invalid API key')
	return { amount, paid: true }
}
