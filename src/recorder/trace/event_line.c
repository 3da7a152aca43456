#include "recorder/trace/event_line.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/trace/redact_name.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/segment.h"
#include "recorder/trace/unwind.h"
#include "recorder/lib/str.h"
#include "shared/utf8.h"

/* Kept free for what closes a line, its arrays and its lists, which is not
 * taken back: "","argc":...,"env":{},"lost":{}}\n */
enum { CLOSING = 128 };

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

static void put_char(struct event_line *l, char c)
{
	if (l->length < LINE_BYTES)
		l->at[l->length++] = c;
}

/* Not inline: in a hundred places it makes the library larger, and no faster.
 */
static __attribute__((noinline)) void put(struct event_line *l, const char *s)
{
	uint16_t length = l->length; /* the bytes could be part of *l */

	while (*s && length < LINE_BYTES)
		l->at[length++] = *s++;
	l->length = length;
}

static void put_number(struct event_line *l, uint64_t n)
{
	char digits[21];

	str_decimal(digits, n);
	put(l, digits);
}

static void put_unit(struct event_line *l, uint32_t unit)
{
	put(l, "\\u");
	for (int shift = 12; shift >= 0; shift -= 4)
		put_char(l, "0123456789abcdef"[unit >> shift & 15]);
}

/* A character beyond U+FFFF takes two units (RFC 8259, section 7). */
static void put_units(struct event_line *l, uint32_t c)
{
	if (c < 0x10000) {
		put_unit(l, c);
		return;
	}
	put_unit(l, 0xd800 + ((c - 0x10000) >> 10));
	put_unit(l, 0xdc00 + (c & 0x3ff));
}

/* Escaped is also what a terminal obeys: a trace is text that people print. */
static void put_character(struct event_line *l, const char *s, size_t len,
			  uint32_t c)
{
	if (utf8_is_unsafe(c)) {
		put_units(l, c);
		return;
	}
	for (size_t i = 0; i < len; i++)
		put_char(l, s[i]);
}

/* A byte that is not UTF-8 stands as \u00XX, so that every line is JSON. */
static void put_escaped(struct event_line *l, const char *s, size_t n)
{
	uint32_t wide;

	for (size_t i = 0, len; i < n; i += len) {
		unsigned char c = (unsigned char)s[i];

		len = 1;
		if (c >= 0x80 && (len = utf8_next(s + i, n - i, &wide))) {
			put_character(l, s + i, len, wide);
		} else if (c < ' ' || c >= 0x7f) {
			len = 1;
			put_unit(l, c);
		} else {
			if (c == '"' || c == '\\')
				put_char(l, '\\');
			put_char(l, (char)c);
		}
	}
}

static void put_name(struct event_line *l, const char *name, size_t n)
{
	size_t shown = name_shown(name, n, l->envp);
	char stars[NAME_STARS];

	put_escaped(l, name, shown);
	if (shown == n)
		return;
	name_stars(stars, name, n);
	if (shown)
		stars[3] = '\0'; /* NAME=*** is a name of its own */
	put(l, stars);
}

/* Takes the field back when it did not fit. */
static bool settle(struct event_line *l, uint16_t before)
{
	if (l->length <= LINE_BYTES - CLOSING)
		return true;
	l->length = before;
	return false;
}

static void put_key(struct event_line *l, const char *key)
{
	if (l->at[l->length - 1] != '{')
		put_char(l, ',');
	put_char(l, '"');
	put(l, key);
	put(l, "\":");
}

static void put_image(struct event_line *l)
{
	put_key(l, "image");
	put_char(l, '"');
	put(l, l->image_id ? l->image_id : globals->self);
	put_char(l, '"');
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

void event_bytes(struct event_line *l, const char *key, const char *text,
		 size_t n)
{
	uint16_t before = l->length;

	put_key(l, key);
	put_char(l, '"');
	put_escaped(l, text, n);
	put_char(l, '"');
	settle(l, before);
}

void event_text(struct event_line *l, const char *key, const char *text)
{
	event_bytes(l, key, text, str_length(text));
}

void event_name(struct event_line *l, const char *key, const char *name,
		size_t n)
{
	uint16_t before = l->length;

	put_key(l, key);
	put_char(l, '"');
	put_name(l, name, n);
	put_char(l, '"');
	settle(l, before);
}

void event_number(struct event_line *l, const char *key, uint64_t n)
{
	uint16_t before = l->length;

	put_key(l, key);
	put_number(l, n);
	settle(l, before);
}

void event_signed(struct event_line *l, const char *key, int64_t n)
{
	uint16_t before = l->length;

	put_key(l, key);
	if (n < 0)
		put_char(l, '-');
	put_number(l, n < 0 ? -(uint64_t)n : (uint64_t)n);
	settle(l, before);
}

void event_bool(struct event_line *l, const char *key, bool yes)
{
	uint16_t before = l->length;

	put_key(l, key);
	put(l, yes ? "true" : "false");
	settle(l, before);
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
	put_key(l, key);
	put_char(l, '"');
	put(l, digits);
	put_char(l, '"');
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
	if (p->provider) {
		put_key(l, "from");
		put_char(l, '"');
		put(l, provider_name(p->provider));
		put_char(l, '"');
	}
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
	settle(l, before);
}

static const char *name_of(const struct module *m)
{
	const char *name = *m->name ? m->name : globals->exe;
	bool is_secret = *m->name ? path_has_secret(name) : globals->hides_exe;

	return is_secret ? "***" : name;
}

/* Another module may come to lie at the place of one that was unloaded. */
static bool is_named_first(const struct module *m)
{
	const uint8_t *id;
	uint64_t tag = m->base ^ str_length(m->name) << 48;

	for (size_t i = elf_build_id(m, &id); i--;)
		tag = (tag ^ id[i]) * UINT64_C(0x100000001b3);
	return dedup_count_if_due(&globals->life.dedup, tag, 1) == 1;
}

static void keep_module(struct event_line *l, const struct module *m)
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

static void put_offset(struct event_line *l, uint64_t offset)
{
	char digits[17] = "";
	uint8_t bytes[8];
	size_t zeros = 0;

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(offset >> (56 - 8 * i));
	str_hex(digits, bytes, 8);
	while (zeros < 15 && digits[zeros] == '0')
		zeros++;
	put(l, "+0x");
	put(l, digits + zeros);
}

/* The module is left out when it is that of the frame before. */
static void put_frame(struct event_line *l, uintptr_t at, struct module *before)
{
	struct module m;

	if (!elf_module((const void *)at, &m))
		return;
	event_item(l);
	if (m.from != before->from)
		put_escaped(l, name_of(&m), str_length(name_of(&m)));
	put_offset(l, at - m.base);
	event_item_end(l);
	if (m.from != before->from)
		keep_module(l, &m);
	*before = m;
}

/* What comes after them in the line has to fit, too. */
static __attribute__((noinline)) void
put_frames(struct event_line *l, const void *caller, struct module *m)
{
	enum { MOST = 640 };
	uintptr_t frames[UNWIND_FRAMES];
	size_t count = unwind_callers(caller, frames);
	uint16_t before = l->length;

	if (!count)
		return;
	event_array(l, "frames");
	for (size_t i = 0; i < count && l->length - before < MOST; i++)
		put_frame(l, frames[i], m);
	event_array_end(l);
	settle(l, before);
}

void event_caller(struct event_line *l, const void *caller)
{
	uint16_t before = l->length;
	struct module m;

	if (!caller || !elf_module((const char *)caller - 1, &m))
		return;
	put_key(l, "at");
	put_char(l, '"');
	put_escaped(l, name_of(&m), str_length(name_of(&m)));
	put_offset(l, (uintptr_t)caller - 1 - m.base);
	put_char(l, '"');
	if (!settle(l, before))
		return;
	keep_module(l, &m);
	if (globals->settings.stacks && !l->has_no_stack)
		put_frames(l, caller, &m);
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
	settle(l, before);
}

void event_part_name(struct event_line *l, const char *name, size_t n)
{
	uint16_t before = l->length;

	put_name(l, name, n);
	settle(l, before);
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
	settle(l, before);
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
	return settle(l, before);
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
