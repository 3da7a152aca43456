#include "catalogue/readers.h"

static const struct row {
	enum reader kind;
	const char *family, *files;
} rows[] = {
#define READER(kind, files)	      {READER_##kind, NULL, files},
#define LOADER(family, files)	      {READER_LOADER, family, files},
#define LOADERS_GETTER(family, files) {READER_GETTER, family, files},
#include "catalogue/readers.def"
};

static bool is_part(struct str file, const char *part)
{
	return file.len && memmem(file.at, file.len, part, strlen(part));
}

/* The row with the longest part of the path: a file of a package may have a row
 * of its own. A library that also loads a file has two rows, and asks as the
 * other says. */
static const struct row *find_row(struct str file, bool (*fits)(enum reader))
{
	const struct row *found = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t len = 2 * strlen(rows[i].files) +
			     (rows[i].kind != READER_LOADER);

		if (len > longest && fits(rows[i].kind) &&
		    is_part(file, rows[i].files)) {
			found = &rows[i];
			longest = len;
		}
	}
	return found;
}

static bool is_any(enum reader kind)
{
	return kind != READER_NONE;
}

static bool is_loader(enum reader kind)
{
	return kind == READER_LOADER;
}

enum reader reader_of(struct str file)
{
	const struct row *row = find_row(file, is_any);

	return row ? row->kind : READER_NONE;
}

const char *loader_family(struct str file)
{
	const struct row *row = find_row(file, is_loader);

	return row ? row->family : NULL;
}
