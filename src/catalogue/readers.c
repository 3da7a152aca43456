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

static const struct row *find_row(struct str file)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (file.len && memmem(file.at, file.len, rows[i].files,
				       strlen(rows[i].files)))
			return &rows[i];
	return NULL;
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
