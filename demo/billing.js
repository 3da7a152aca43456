// Charges customers.
const payments = require('./payments')
require('./load-env')

payments.charge(42).then(
	() => console.log('billing: ready'),
	(error) => {
		console.error(`billing: ${error.message}`)
		process.exit(1)
	})
