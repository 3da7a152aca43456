#include "recorder/trace/event_line.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/trace/redact_name.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/segment.h"
#include "recorder/trace/json_text.h"
#include "recorder/lib/str.h"
#include "shared/key_prefix.h"

static const char *const event_names[] = {
#define EVENT(id, name) [KT_##id] = name,
	KT_EVENTS(EVENT)
#undef EVENT
};

static enum lane lane_of(enum kt_event kind)
{
	switch (kind) {
	case KT_BIRTH:
		return BIRTH;
	case KT_READ:
	case KT_SET:
	case KT_SWAP:
	case KT_OPEN:
		return ORDINARY;
	default:
		return IMPORTANT;
	}
}

static const char *const shape_names[] = {
#define SHAPE(id, name) [KT_SHAPE_BIT_##id] = name,
	KT_SHAPES(SHAPE)
#undef SHAPE
};

static void put_name(struct event_line *l, const char *name, size_t n)
{
	size_t shown = name_shown(name, n, l->envp);
	char stars[NAME_STARS];

	put_escaped(l, name, shown);
	if (shown == n)
		return;
	name_stars(stars, name, n);
	if (shown)
		stars[3] = '\0'; /* a variable may be named just "NAME=***" */
	put(l, stars);
}

/* "key":"text", for a text without escapes. */
static void put_plain(struct event_line *l, const char *key, const char *text)
{
	event_string(l, key);
	put(l, text);
	put_char(l, '"');
}

static void put_image(struct event_line *l)
{
	put_plain(l, "image", l->image_id ? l->image_id : globals->self);
	if (thread.number > 1 && !l->image_id)
		event_number(l, "thread", thread.number);
}

void event_begin(struct event_line *l, enum kt_event kind, uint64_t t)
{
	event_begin_for(l, kind, t, NULL);
}

void event_begin_for(struct event_line *l, enum kt_event kind, uint64_t t,
		     const char *image_id)
{
	l->image_id = image_id;
	l->t = t;
	l->kind = kind;
	l->lane = lane_of(kind);
	l->length = 0;
	l->list = NULL;
	l->envp = NULL;
	l->module_count = 0;
	l->has_no_stack = false;
	put(l, "{\"e\":\"");
	put(l, event_names[kind]);
	put(l, "\",\"t\":");
	put_number(l, t);
	put_image(l);
}

void event_close(struct event_line *l)
{
	put(l, "}\n");
}

void event_end(struct event_line *l)
{
	event_close(l);
	segment_put(l->at, l->length, l->lane);
	event_record_modules(l);
}

static void put_field(struct event_line *l, const char *key,
		      void (*put_text)(struct event_line *, const char *,
				       size_t),
		      const char *text, size_t n)
{
	uint16_t before = l->length;

	event_string(l, key);
	put_text(l, text, n);
	put_char(l, '"');
	keep_field(l, before);
}

void event_bytes(struct event_line *l, const char *key, const char *text,
		 size_t n)
{
	put_field(l, key, put_escaped, text, n);
}

void event_text(struct event_line *l, const char *key, const char *text)
{
	event_bytes(l, key, text, str_length(text));
}

void event_name(struct event_line *l, const char *key, const char *name,
		size_t n)
{
	put_field(l, key, put_name, name, n);
}

void event_number(struct event_line *l, const char *key, uint64_t n)
{
	uint16_t before = l->length;

	put_key(l, key);
	put_number(l, n);
	keep_field(l, before);
}

void event_signed(struct event_line *l, const char *key, int64_t n)
{
	uint16_t before = l->length;

	put_key(l, key);
	if (n < 0)
		put_char(l, '-');
	put_number(l, n < 0 ? -(uint64_t)n : (uint64_t)n);
	keep_field(l, before);
}

void event_bool(struct event_line *l, const char *key, bool yes)
{
	uint16_t before = l->length;

	put_key(l, key);
	put(l, yes ? "true" : "false");
	keep_field(l, before);
}

void event_kind(struct event_line *l, const char *key, enum kt_event kind)
{
	event_text(l, key, event_names[kind]);
}

uint16_t event_counter(struct event_line *l, const char *key)
{
	size_t begin = l->length + str_length(key) + sizeof ",\"\":\"" - 1;
	uint16_t at;

	put_char(l, ',');
	for (; begin & 7; begin++)
		put_char(l, ' ');
	put_char(l, '"');
	put(l, key);
	put(l, "\":\"");
	at = l->length;
	put(l, "00000000\"");
	return at;
}

static void put_fingerprint(struct event_line *l, const char *key,
			    const uint8_t fp[16])
{
	char digits[33] = "";

	str_hex(digits, fp, 16);
	put_plain(l, key, digits);
}

static void put_shape(struct event_line *l, uint32_t is)
{
	put(l, ",\"is\":[");
	for (uint32_t bit = 0; bit < KT_SHAPE_COUNT; bit++) {
		if (!(is >> bit & 1))
			continue;
		if (l->at[l->length - 1] != '[')
			put_char(l, ',');
		put_char(l, '"');
		put(l, shape_names[bit]);
		put_char(l, '"');
	}
	put_char(l, ']');
}

static void put_print(struct event_line *l, const struct fingerprint *p)
{
	put_char(l, '{');
	put_fingerprint(l, "fp", p->fp);
	put_key(l, "len");
	put_number(l, p->length);
	if (p->is)
		put_shape(l, p->is);
	if (p->provider)
		put_plain(l, "from", provider_name(p->provider));
	if (p->has_bare)
		put_fingerprint(l, "bare", p->bare);
	put_char(l, '}');
}

void event_fingerprint(struct event_line *l, const char *key,
		       const struct fingerprint *p)
{
	uint16_t before = l->length;

	put_key(l, key);
	put_print(l, p);
	keep_field(l, before);
}

static const char *name_of(const struct module *m)
{
	const char *name = *m->name ? m->name : globals->exe;
	bool is_secret = *m->name ? path_has_secret(name) : globals->hides_exe;

	return is_secret ? "***" : name;
}

void event_part_module(struct event_line *l, const struct module *m)
{
	const char *name = name_of(m);

	put_escaped(l, name, str_length(name));
}

/* Uses the build-id too, for another module may be loaded at the address of an
 * unloaded module. */
static bool is_named_first(const struct module *m)
{
	const uint8_t *id;
	uint64_t tag = m->base ^ str_length(m->name) << 48;

	for (size_t i = elf_build_id(m, &id); i--;)
		tag = (tag ^ id[i]) * UINT64_C(0x100000001b3);
	return dedup_count_if_due(&globals->life.dedup, tag, 1) == 1;
}

void event_add_module(struct event_line *l, const struct module *m)
{
	if (l->module_count < LINE_MODULES && is_named_first(m))
		l->modules[l->module_count++] = m->from;
}

/* In the place of the line, which is in the segment by now: frames are small.
 */
static void record_module(struct event_line *l, const struct module *m)
{
	const uint8_t *id;
	size_t n = elf_build_id(m, &id);
	char digits[2 * BUILD_ID_BYTES + 1] = "";

	event_begin(l, KT_MODULE, l->t);
	event_text(l, "path", name_of(m));
	str_hex(digits, id, n);
	if (n)
		event_text(l, "build", digits);
	event_end(l);
}

void event_record_modules(struct event_line *l)
{
	uint8_t count = l->module_count;
	struct module m;

	for (uint8_t i = 0; i < count; i++)
		if (elf_module((const void *)l->modules[i], &m))
			record_module(l, &m);
}

void event_times(struct event_line *l, uint64_t n)
{
	l->has_no_stack = n > 1;
	if (n > 1)
		event_number(l, "n", n);
}

void event_string(struct event_line *l, const char *key)
{
	put_key(l, key);
	put_char(l, '"');
}

void event_array(struct event_line *l, const char *key)
{
	put_key(l, key);
	put_char(l, '[');
}

void event_item(struct event_line *l)
{
	if (l->at[l->length - 1] != '[')
		put_char(l, ',');
	put_char(l, '"');
}

void event_part(struct event_line *l, const char *text, size_t n)
{
	uint16_t before = l->length;

	put_escaped(l, text, n);
	keep_field(l, before);
}

void event_part_name(struct event_line *l, const char *name, size_t n)
{
	uint16_t before = l->length;

	put_name(l, name, n);
	keep_field(l, before);
}

void event_item_end(struct event_line *l)
{
	put_char(l, '"');
}

void event_array_end(struct event_line *l)
{
	put_char(l, ']');
}

void event_fields(struct event_line *l, const char *json)
{
	uint16_t before = l->length;

	put_char(l, ',');
	put(l, json);
	keep_field(l, before);
}

void event_list(struct event_line *l, const char *key)
{
	put_key(l, key);
	put_char(l, '{');
	l->list = key;
}

/* The list is as long as the environment is, the line is not. */
static void go_on_in_another_line(struct event_line *l)
{
	const char *key = l->list;
	char *const *envp = l->envp;
	enum kt_event kind = l->kind;

	put_char(l, '}');
	event_end(l);
	event_begin_for(l, KT_MORE, l->t, l->image_id);
	l->kind = kind;
	l->envp = envp;
	event_kind(l, "of", kind);
	event_list(l, key);
}

static bool put_value(struct event_line *l, const char *name, size_t n,
		      const struct fingerprint *p)
{
	uint16_t before = l->length;

	if (l->at[l->length - 1] != '{')
		put_char(l, ',');
	put_char(l, '"');
	put_name(l, name, n);
	put(l, "\":");
	put_print(l, p);
	return keep_field(l, before);
}

void event_value(struct event_line *l, const char *name, size_t n,
		 const struct fingerprint *p)
{
	if (put_value(l, name, n, p))
		return;
	go_on_in_another_line(l);
	put_value(l, name, n, p);
}

void event_list_end(struct event_line *l)
{
	put_char(l, '}');
	l->list = NULL;
}
