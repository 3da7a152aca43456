#include "catalogue/login_files.h"

#include "catalogue/catalogue.h"

static const struct {
	const char *provider;
	struct str file;
} logins[] = {
#define LOGIN(provider, file) {provider, {file, sizeof file - 1}},
#include "catalogue/login_files.def"
};

bool is_login_file_of(struct str path, struct str name)
{
	const struct credential *row = find_credential(name);

	for (size_t i = 0; row && i < sizeof logins / sizeof *logins; i++)
		if (!strcmp(logins[i].provider, row->provider) &&
		    str_has_suffix(path, logins[i].file))
			return true;
	return false;
}
