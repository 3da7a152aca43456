#include "recorder/process/source_pos.h"

#include "recorder/process/redact/redact.h"
#include "recorder/state/process_globals.h"
#include "recorder/lib/str.h"

static __thread struct source_pos here;
static __thread struct {
	struct callers found;
	callers_finder *finder;
	bool is_for_one_call;
} callers;

void source_pos_set(struct source_pos *p, const char *file, uint64_t line,
		    const char *function)
{
	p->file[0] = p->function[0] = p->script[0] = '\0';
	p->column = p->script_line = p->script_column = 0;
	p->map = SOURCE_POS_NO_MAP;
	p->line = file && str_append(p->file, SOURCE_POS_FILE, file) ? line : 0;
	if (function)
		str_append(p->function, SOURCE_POS_FUNCTION, function);
}

struct source_pos *source_pos_current(void)
{
	return &here;
}

struct callers *source_pos_callers(void)
{
	return &callers.found;
}

void source_pos_find_callers_by(callers_finder *finder)
{
	callers.finder = finder;
}

void source_pos_clear(void)
{
	here.line = 0;
	callers.found.length = callers.found.count = 0;
	callers.finder = NULL;
	callers.is_for_one_call = false;
}

void source_pos_end_with_call(void)
{
	callers.is_for_one_call = true;
}

bool source_pos_is_for_one_call(void)
{
	return callers.is_for_one_call;
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

static void put_decimal(struct event_line *l, uint64_t n)
{
	char number[21];

	str_decimal(number, n);
	event_part(l, number, str_length(number));
}

static void put_script(struct event_line *l, const struct source_pos *p)
{
	if (p->script_line) {
		event_string(l, "generated");
		if (p->script[0]) {
			redact_source(l, p->script);
			event_part(l, ":", 1);
		}
		put_decimal(l, p->script_line);
		event_part(l, ":", 1);
		put_decimal(l, p->script_column);
		event_item_end(l);
	} else if (p->map) {
		event_text(l, "map",
			   p->map == SOURCE_POS_MAP_FILE ? "file" : "inline");
	}
}

void source_pos_put(struct event_line *l, const struct source_pos *p)
{

	if (!p->line)
		return;
	event_string(l, "site");
	redact_source(l, p->file);
	event_part(l, ":", 1);
	put_decimal(l, p->line);
	event_item_end(l);
	if (p->column)
		event_number(l, "column", p->column);
	put_script(l, p);
	if (p->function[0])
		redact_known(l, "in", p->function);
}

void source_pos_put_callers(struct event_line *l, const struct source_pos *p,
			    const struct callers *c)
{
	uint64_t hash = source_pos_hash(p);
	uint32_t number;
	bool is_new;

	if (!p->line || !c->length)
		return;
	hash = hash_bytes(hash, c->text, c->length);
	for (uint8_t i = 0; i < c->count && i < CALLERS_COLUMNS; i++)
		hash = hash_word(hash, c->column[i]);
	if (l->image_id) /* of a thread, which is an image, too */
		hash = hash_bytes(hash, l->image_id, str_length(l->image_id));
	number = places_number(&globals->life.places, hash, &is_new);
	if (number)
		event_number(l, "place", number);
	if (is_new)
		callers_put(l, c);
}

__attribute__((noinline)) void
source_pos_put_callers_by(struct event_line *l, const struct source_pos *p,
			  callers_finder *finder)
{
	struct callers found;

	finder(&found);
	source_pos_put_callers(l, p, &found);
}

void source_pos_put_current_callers(struct event_line *l)
{
	if (callers.finder)
		source_pos_put_callers_by(l, &here, callers.finder);
	else
		source_pos_put_callers(l, &here, &callers.found);
}
