/* Names of a provider which outrank each other; orders.def has the rows. */
#ifndef CATALOGUE_ORDERS_H
#define CATALOGUE_ORDERS_H

#include "base/str.h"

struct order {
	struct str winner, loser;
	const char *clients;
};

/* The nth order with `winner`; null: there are fewer. */
const struct order *nth_order(struct str winner, size_t n);

#endif
