/* Annotations of a workflow of GitHub, a command on each line:
 *
 *	::error file=start.py,line=5,title=KT201 env-replaced::start.py:5 ... */
#include "formats/diagnostic.h"
#include "formats/formats.h"

static const char *const commands[] = {
	[NOTE] = "notice", [WARNING] = "warning", [FAULT] = "error"};

/* A byte of `special` as %XX; a property ends at ':' and ','. */
static void print_escaped(struct out *o, struct str s, const char *special)
{
	while (s.len) {
		size_t n = 0;

		while (n < s.len && (!s.at[n] || !strchr(special, s.at[n])))
			n++;
		out_clean(o, (struct str){s.at, n});
		if (n < s.len)
			out_print(o, "%%%02X", (unsigned char)s.at[n++]);
		s = (struct str){s.at + n, s.len - n};
	}
}

static void print_message(struct out *o, struct str s)
{
	print_escaped(o, s, "%\r\n");
}

static void print_property(struct out *o, const char *name, struct str value)
{
	if (!value.len)
		return;
	out_print(o, "%s=", name);
	print_escaped(o, value, "%\r\n:,");
	out_print(o, ",");
}

static void print_command(struct out *o, const struct diagnostic *d)
{
	out_print(o, "::%s ", commands[d->severity]);
	print_property(o, "file", d->file);
	print_property(o, "line", d->line);
	if (d->code)
		out_print(o, "title=%s %s::", d->code, d->id);
	else
		out_print(o, "title=keytrail::");
	print_message(o, d->sentence);
	if (d->fix.len)
		out_print(o, "%%0Afix: ");
	print_message(o, d->fix);
	out_line(o);
}

static void write_github(struct out *o, const struct report *r)
{
	struct diagnostics all = diagnostics_of(o->arena, r);

	for (size_t i = 0; i < all.n; i++)
		print_command(o, &all.at[i]);
}

const struct format format_github = {"github", write_github};
