#include "catalogue/hosts.h"

#include <strings.h>

static const struct row {
	const char *provider;
	struct str host;
} rows[] = {
#define HOST(provider, host, source) {provider, {host, sizeof host - 1}},
#include "catalogue/hosts.def"
};

/* Names of hosts are equal whatever the case. */
static bool ends_with(struct str host, struct str end)
{
	return host.len >= end.len &&
	       !strncasecmp(host.at + host.len - end.len, end.at, end.len);
}

/* "*.example.com" stands for every name below example.com. */
static bool matches(struct str pattern, struct str host)
{
	if (pattern.at[0] == '*')
		return host.len >= pattern.len &&
		       ends_with(host,
				 (struct str){pattern.at + 1, pattern.len - 1});
	return host.len == pattern.len && ends_with(host, pattern);
}

const char *provider_of_host(struct str host)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (matches(rows[i].host, host))
			return rows[i].provider;
	return NULL;
}

bool is_host_of(struct str host, struct str provider)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (str_eq(str_of(rows[i].provider), provider) &&
		    matches(rows[i].host, host))
			return true;
	return false;
}

struct str host_of_provider(const char *provider)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(rows[i].provider, provider) &&
		    *rows[i].host.at != '*')
			return rows[i].host;
	return (struct str){NULL, 0};
}
