#include "formats/text_layout.h"

#include "formats/words.h"

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
	return arena_print(o->arena, "%llu %s%s", (unsigned long long)n, thing,
			   n == 1 ? "" : "s");
}

struct str shortened(struct out *o, struct str s, unsigned columns)
{
	size_t n = s.len;

	if (out_columns(s) <= columns)
		return s;
	while (n && out_columns((struct str){s.at, n}) + 3 > columns)
		n--;
	return arena_print(o->arena, "%.*s...", (int)n, s.at);
}

struct str at_site(struct out *o, struct str site)
{
	site = site_in_words(site);
	return site.len ? arena_print(o->arena, " at %.*s", STR_FMT(site))
			: STR("");
}
