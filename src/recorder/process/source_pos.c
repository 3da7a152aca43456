#include "recorder/process/source_pos.h"

#include "recorder/process/redact.h"
#include "recorder/lib/str.h"

static __thread struct source_pos here;

void source_pos_set(struct source_pos *p, const char *file, uint64_t line,
		    const char *function)
{
	p->file[0] = p->function[0] = '\0';
	p->column = 0;
	p->line = file && str_append(p->file, SOURCE_POS_FILE, file) ? line : 0;
	if (function)
		str_append(p->function, SOURCE_POS_FUNCTION, function);
}

struct source_pos *source_pos_current(void)
{
	return &here;
}

void source_pos_clear(void)
{
	here.line = 0;
}

uint64_t source_pos_hash(const struct source_pos *p)
{
	return hash_bytes(p->line << 20 ^ p->column, p->file,
			  str_length(p->file));
}

uint64_t source_pos_function_hash(const struct source_pos *p)
{
	uint64_t tag = hash_bytes(1, p->file, str_length(p->file));

	return hash_bytes(tag, p->function, str_length(p->function));
}

void source_pos_put(struct event_line *l, const struct source_pos *p)
{
	char number[21];

	if (!p->line)
		return;
	str_decimal(number, p->line);
	event_string(l, "site");
	redact_source(l, p->file);
	event_part(l, ":", 1);
	event_part(l, number, str_length(number));
	event_item_end(l);
	if (p->column)
		event_number(l, "column", p->column);
	if (p->function[0])
		redact_known(l, "in", p->function);
}
