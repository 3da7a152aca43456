/* What each process runs, whoever wrote it. */
#include "model/build.h"

#include "shared/source_owner.h"

/* node_modules/.bin/pm2, from the working directory. */
static bool is_in_bin(struct str script)
{
	const struct str bin = STR("node_modules/.bin/");

	return script.len > bin.len && !memcmp(script.at, bin.at, bin.len);
}

/* The package of a script: `pm2` of pm2/lib/Daemon.js. Of what npm and pip
 * made to start a package (node_modules/.bin/pm2) the name of the file. */
static struct str package_of(struct str script)
{
	struct source_owner file = find_source_owner(script.at, script.len);
	struct str package = {file.package, file.package_len};

	if (is_in_bin(script) || file.owner == SOURCE_TOOL ||
	    str_eq(package, STR(".bin")))
		return str_base(script);
	return package;
}

static struct str program_of(const struct image *image)
{
	const struct strs *args = model_arguments(image);
	struct str package = {NULL, 0};

	for (size_t i = 1; i < args->n; i++)
		if (args->at[i].len && args->at[i].at[0] != '-') {
			package = package_of(args->at[i]);
			break;
		}
	return package.len ? package : str_base(image->exe);
}

void build_program_names(struct build *b)
{
	for (size_t i = 0; i < b->model->n_images; i++)
		b->model->images[i]->program = program_of(b->model->images[i]);
}
