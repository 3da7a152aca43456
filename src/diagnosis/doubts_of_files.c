/* Doubts about a value and an env file which the trace does not settle. */
#include "diagnosis/doubts.h"

#include "model/place.h"
#include "model/process_name.h"

static const char *why_unread(const struct model *m,
			      const struct unread_file *f)
{
	if (f->is_looked_at)
		return f->is_changed
			       ? "it was changed since"
			       : "its line takes the value from elsewhere";
	return m->trace->files_unread
		       ? m->trace->files_unread
		       : "it is gone, or no file that may be read";
}

static struct doubt doubt_not_looked_at(const struct model *m,
					const struct reading *r,
					const struct unread_file *f)
{
	struct arena *a = m->arena;

	return about_value(
		r->name,
		new_doubt(a, "not-watched",
			  "whether %.*s read the %.*s that %.*s has is not "
			  "known yet: %s`keytrail run` looks when its command "
			  "ends",
			  STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			  STR_FMT(place_in_words(a, r->image, f->open->path)),
			  f->is_looked_at
				  ? "the line has a $ or a command, and "
				  : ""));
}

struct doubt doubt_not_compared(const struct model *m, const struct reading *r,
				const struct unread_file *f)
{
	struct arena *a = m->arena;

	if (f->is_of_shell)
		return doubt_not_looked_at(m, r, f);
	return about_value(
		r->name,
		new_doubt(a, "not-watched",
			  "%.*s got the %.*s that was there before %.*s was "
			  "opened; "
			  "whether the file had another is not known: %s",
			  STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			  STR_FMT(place_in_words(a, r->image, f->open->path)),
			  why_unread(m, f)));
}

static bool has_found_value(const struct reading *r,
			    const struct loaded_file *f)
{
	return str_eq(f->variable->value.fp, r->value->fp);
}

/* The last file on the way with the value that was read. by null: none. */
static struct loaded_file find_file_of_reading(const struct model *m,
					       const struct reading *r)
{
	return find_loaded_file(m, r, has_found_value);
}

/* ", that of .env:1,"; len 0: no file has the value. */
static struct str file_of_reading(const struct model *m,
				  const struct reading *r)
{
	struct loaded_file f = find_file_of_reading(m, r);

	return f.by ? arena_print(m->arena, ", that of %.*s,",
				  STR_FMT(line_of_file(m->arena, f.by, &f)))
		    : STR("");
}

/* The line that opened the file, or the program. */
static struct str opener_in_words(struct arena *a, const struct loaded_file *f)
{
	struct str site = site_to_edit(f->by, f->open);

	return place_has_line(site) ? place_in_words(a, f->by, site)
				    : process_in_sentence(a, f->by);
}

struct doubt doubt_unlike_file(const struct model *m, const struct reading *r,
			       const struct loaded_file *f)
{
	struct arena *a = m->arena;

	return about_value(
		r->name,
		new_doubt(a, "not-watched",
			  "%.*s read another %.*s%.*s than %.*s has, which "
			  "%.*s had opened; which of the two is right is not "
			  "known",
			  STR_FMT(reader_in_words(a, r)), STR_FMT(r->name),
			  STR_FMT(file_of_reading(m, r)),
			  STR_FMT(line_of_file(a, f->by, f)),
			  STR_FMT(opener_in_words(a, f))));
}

/* --- one of two values ------------------------------------------------------
 */

/* ", that of .env:1", where the summary names no file. */
static struct str file_of_displacer(const struct model *m,
				    const struct finding *f)
{
	const struct reading *r = model_reading(f->victim, f->variable);
	struct loaded_file file = {.by = NULL};
	struct str line;

	if (r && model_found_value(r))
		file = find_file_of_reading(m, r);
	if (!file.by)
		return STR("");
	line = line_of_file(m->arena, file.by, &file);
	return memmem(f->summary.at, f->summary.len, line.at, line.len)
		       ? STR("")
		       : arena_print(m->arena, ", that of %.*s", STR_FMT(line));
}

struct doubt doubt_displaced(const struct model *m, const struct finding *f)
{
	struct str act = act_of(f->summary), effect = f->summary;

	effect.at += act.len;
	effect.len -= act.len;
	return about_value(f->variable,
			   new_doubt(m->arena, "not-watched",
				     "%.*s%.*s%.*s; which of the two is "
				     "accepted was not watched",
				     STR_FMT(act),
				     STR_FMT(file_of_displacer(m, f)),
				     STR_FMT(effect)));
}
