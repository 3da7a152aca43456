#include "recorder/trace/event_caller.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/json_text.h"
#include "recorder/trace/unwind.h"

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

/* Leaves out the module when the frame before had the same module. */
static void put_frame(struct event_line *l, uintptr_t at, struct module *before)
{
	struct module m;

	if (!elf_module((const void *)at, &m))
		return;
	event_item(l);
	if (m.from != before->from)
		event_part_module(l, &m);
	put_offset(l, at - m.base);
	event_item_end(l);
	if (m.from != before->from)
		event_add_module(l, &m);
	*before = m;
}

/* Stops at MOST bytes, since further fields have to fit as well. */
static void put_frames(struct event_line *l, const uintptr_t *frames,
		       size_t count, struct module *m)
{
	enum { MOST = 640 };
	uint16_t before = l->length;

	if (!count)
		return;
	event_array(l, "frames");
	for (size_t i = 0; i < count && l->length - before < MOST; i++)
		put_frame(l, frames[i], m);
	event_array_end(l);
	keep_field(l, before);
}

/* False: nothing was put. */
static bool put_at(struct event_line *l, uintptr_t at, struct module *m)
{
	uint16_t before = l->length;

	if (!elf_module((const void *)at, m))
		return false;
	event_string(l, "at");
	event_part_module(l, m);
	put_offset(l, at - m->base);
	put_char(l, '"');
	if (!keep_field(l, before))
		return false;
	event_add_module(l, m);
	return true;
}

static __attribute__((noinline)) void
put_stack(struct event_line *l, const void *caller, struct module *m)
{
	uintptr_t frames[UNWIND_FRAMES];

	put_frames(l, frames, unwind_callers(caller, frames), m);
}

void event_caller(struct event_line *l, const void *caller)
{
	struct module m;

	if (caller && put_at(l, (uintptr_t)caller - 1, &m) &&
	    globals->settings.stacks && !l->has_no_stack)
		put_stack(l, caller, &m);
}

void event_frames(struct event_line *l, const uintptr_t *frames, size_t count)
{
	struct module m;

	if (count && put_at(l, frames[0], &m))
		put_frames(l, frames + 1, count - 1, &m);
}
