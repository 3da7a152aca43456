#include "formats/text_layout.h"

void print_words(struct out *o, const char *words)
{
	out_clean(o, str_of(words));
}

void print_styled(struct out *o, enum style style, struct str words)
{
	out_style(o, style);
	out_clean(o, words);
	out_style(o, PLAIN);
}

void print_label(struct out *o, const char *name)
{
	out_pad(o, LABEL);
	print_styled(o, FAINT, str_of(name));
	out_pad(o, BODY);
}

void print_body(struct out *o, struct str words)
{
	out_pad(o, BODY);
	out_wrap(o, BODY, words);
	out_line(o);
}

struct str counted(struct out *o, uint64_t n, const char *thing)
{
	size_t len = strlen(thing);
	const char *plural = len && thing[len - 1] == 's' ? "es" : "s";

	return arena_print(o->arena, "%llu %s%s", (unsigned long long)n, thing,
			   n == 1 ? "" : plural);
}

/* The end of a command line tells as much as its beginning: the middle goes. */
struct str shortened(struct out *o, struct str s, unsigned columns)
{
	unsigned all = out_columns(s), end = columns / 3;
	size_t head, tail;

	if (all <= columns)
		return s;
	if (columns < 8)
		return (struct str){s.at, out_bytes(s, columns)};
	head = out_bytes(s, columns - 3 - end);
	tail = out_bytes(s, all - end);
	return arena_print(o->arena, "%.*s...%.*s", (int)head, s.at,
			   (int)(s.len - tail), s.at + tail);
}
