/* The hosts of providers; hosts.def has the rows. */
#ifndef CATALOGUE_HOSTS_H
#define CATALOGUE_HOSTS_H

#include "base/str.h"

/* The provider of the first row of a host; null: the host is in no row. */
const char *provider_of_host(struct str host);

/* The first host of the provider with a whole name; len 0: none is
 * known. */
struct str host_of_provider(const char *provider);

/* True when the host is the provider's. */
bool is_host_of(struct str host, struct str provider);

#endif
