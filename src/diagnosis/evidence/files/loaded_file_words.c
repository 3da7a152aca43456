/* Lines of loaded files, in words. */
#include "diagnosis/evidence/files/loaded_file.h"

#include "model/place.h"

struct str site_of_file(struct arena *a, const struct loaded_file *f)
{
	if (!f->variable->line)
		return f->file->path;
	return arena_print(a, "%.*s:%llu", STR_FMT(f->file->path),
			   (unsigned long long)f->variable->line);
}

struct str line_of_file(struct arena *a, const struct image *image,
			const struct loaded_file *f)
{
	return place_in_words(a, image, site_of_file(a, f));
}

struct str line_of_assignment(struct arena *a, const struct event *file,
			      struct str name)
{
	const struct file_variable *v = file_variable(file, name);

	return v && v->line ? arena_print(a, "%.*s:%llu", STR_FMT(file->path),
					  (unsigned long long)v->line)
			    : file->path;
}
