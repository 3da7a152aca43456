#include "recorder/look.h"

#include "recorder/recorder.h"
#include "recorder/text.h"

static uint64_t mix(uint64_t tag, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		tag = (tag ^ (unsigned char)text[i]) *
		      UINT64_C(0xff51afd7ed558ccd);
	return tag;
}

static uint64_t tag_of(const struct look *look)
{
	uint64_t tag = mix((uint64_t)(uintptr_t)look->caller, look->name,
			   look->length);

	if (look->place)
		tag = mix(tag + look->place->line, look->place->file,
			  text_length(look->place->file));
	if (look->value)
		tag ^= secret_tag(secret_of(look->value), guest->seed);
	return tag;
}

static __attribute__((noinline)) void tell(const struct look *look,
					   uint64_t count)
{
	struct print print;
	struct line l;

	if (look->value) {
		secret_print(secret_of(look->value), guest->config.key, &print);
		print.tag = secret_tag(secret_of(look->value), guest->seed);
	}
	if (look->caller) /* a language's own copy says nothing of environ */
		held_check_one(look->name, look->length,
			       look->value ? &print : NULL);
	line_begin(&l, KT_READ, now());
	line_text(&l, "fn", look->fn);
	line_bytes(&l, "name", look->name, look->length);
	line_bool(&l, "found", look->value != NULL);
	if (look->value)
		line_print(&l, "value", &print);
	line_times(&l, count);
	if (look->caller)
		line_caller(&l, look->caller);
	if (look->place)
		place_put(&l, look->place);
	line_end(&l);
}

void look_note(const struct look *look)
{
	uint64_t count;

	if (!recorder_enter())
		return;
	count = recorder_seen(tag_of(look));
	if (count)
		tell(look, count);
	else if (look->caller && environ != guest->held.environ_seen)
		held_check();
	recorder_leave();
}
