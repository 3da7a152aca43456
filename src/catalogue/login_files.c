#include "catalogue/login_files.h"

#include "catalogue/catalogue.h"

static const struct {
	const char *provider;
	struct str file;
} logins[] = {
#define LOGIN(provider, file) {provider, {file, sizeof file - 1}},
#include "catalogue/login_files.def"
};

static bool ends_with(struct str path, struct str end)
{
	return path.len >= end.len &&
	       !memcmp(path.at + path.len - end.len, end.at, end.len);
}

bool is_login_file_of(struct str path, struct str name)
{
	const struct credential *row = find_credential(name);

	for (size_t i = 0; row && i < sizeof logins / sizeof *logins; i++)
		if (!strcmp(logins[i].provider, row->provider) &&
		    ends_with(path, logins[i].file))
			return true;
	return false;
}
