#include "catalogue/env_libraries.h"

static const struct row {
	enum reader kind;
	const char *family, *files;
} rows[] = {
#define READER(kind, files)		    {READER_##kind, NULL, files},
#define LOADER(family, files)		    {READER_LOADER, family, files},
#define LOADERS_READER(kind, family, files) {READER_##kind, family, files},
#include "catalogue/env_libraries.def"
};

static bool is_part(struct str file, const char *part)
{
	return file.len && memmem(file.at, file.len, part, strlen(part));
}

/* The row with the longest part of the path: a file of a package may have a row
 * of its own. */
static const struct row *find_row(struct str file)
{
	const struct row *found = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strlen(rows[i].files) > longest &&
		    is_part(file, rows[i].files)) {
			found = &rows[i];
			longest = strlen(rows[i].files);
		}
	return found;
}

enum reader reader_of(struct str file)
{
	const struct row *row = find_row(file);

	return row ? row->kind : READER_NONE;
}

const char *loader_family(struct str file)
{
	const struct row *row = find_row(file);

	return row ? row->family : NULL;
}
