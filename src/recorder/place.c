#include "recorder/place.h"

#include "recorder/mask.h"
#include "recorder/text.h"

static __thread struct place here;

void place_set(struct place *p, const char *file, uint64_t line,
	       const char *function)
{
	p->file[0] = p->function[0] = '\0';
	p->column = 0;
	p->line = file && text_append(p->file, PLACE_FILE, file) ? line : 0;
	if (function)
		text_append(p->function, PLACE_FUNCTION, function);
}

struct place *place_here(void)
{
	return &here;
}

void place_forget(void)
{
	here.line = 0;
}

uint64_t place_tag(const struct place *p)
{
	return text_mix(p->line << 20 ^ p->column, p->file,
			text_length(p->file));
}

uint64_t place_function(const struct place *p)
{
	uint64_t tag = text_mix(1, p->file, text_length(p->file));

	return text_mix(tag, p->function, text_length(p->function));
}

void place_put(struct line *l, const struct place *p)
{
	char number[21];

	if (!p->line)
		return;
	text_decimal(number, p->line);
	line_string(l, "site");
	mask_source(l, p->file);
	line_part(l, ":", 1);
	line_part(l, number, text_length(number));
	line_item_end(l);
	if (p->column)
		line_number(l, "column", p->column);
	if (p->function[0])
		mask_known(l, "in", p->function);
}
