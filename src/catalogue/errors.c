#include "catalogue/errors.h"

#include <string.h>

#include "catalogue/catalogue.h"

struct row {
	const char *of, *classes;
};

static const struct row of_providers[] = {
#define ERRORS(provider, classes) {provider, classes},
#include "catalogue/errors.def"
};

static const struct row of_settings[] = {
#define SETTING_ERRORS(name, classes) {name, classes},
#include "catalogue/errors.def"
};

static const char *find(const struct row *rows, size_t n, struct str of)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(of, str_of(rows[i].of)))
			return rows[i].classes;
	return NULL;
}

const char *errors_of_provider(struct str name)
{
	const struct credential *c = find_credential(name);

	return c ? find(of_providers,
			sizeof of_providers / sizeof *of_providers,
			str_of(c->provider))
		 : NULL;
}

const char *errors_of_setting(struct str name)
{
	return find(of_settings, sizeof of_settings / sizeof *of_settings,
		    name);
}
