/* A line for each finding as compilers print errors, for editors and for CI:
 *
 *	start.py:5: fault: start.py:5 starts ... without ... [KT201] */
#include "formats/diagnostic.h"
#include "formats/formats.h"

static const char *const words[] = {
	[NOTE] = "note", [WARNING] = "warning", [FAULT] = "fault"};

static void write_gcc(struct out *o, const struct report *r)
{
	struct diagnostics all = diagnostics_of(o->arena, r);

	for (size_t i = 0; i < all.n; i++) {
		const struct diagnostic *d = &all.at[i];

		out_clean(o, d->file.len ? d->file : STR("keytrail"));
		out_clean(o, d->line.len ? STR(":") : STR(""));
		out_clean(o, d->line);
		out_print(o, ": %s: ", words[d->severity]);
		out_clean(o, d->sentence);
		if (d->code)
			out_print(o, " [%s]", d->code);
		out_line(o);
	}
}

const struct format format_gcc = {"gcc", write_gcc};
