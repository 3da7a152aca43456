#include "catalogue/orders.h"

static const struct order orders[] = {
#define OUTRANKS(winner, loser, clients)                                       \
	{{winner, sizeof winner - 1}, {loser, sizeof loser - 1}, clients},
#include "catalogue/orders.def"
};

const struct order *nth_order(struct str winner, size_t n)
{
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
		if (str_eq(orders[i].winner, winner) && !n--)
			return &orders[i];
	return NULL;
}
