/* One line of the trace, built on the stack and then put into the segment.
 *
 *	struct event_line l;
 *	event_begin(&l, KT_FORK, now());
 *	event_text(&l, "fn", "fork");
 *	event_end(&l);
 *
 * What does not fit is left out, never cut in the middle; a list of values
 * goes on in `more` lines instead. Lists come last, after all other fields. */
#ifndef RECORDER_EVENT_LINE_H
#define RECORDER_EVENT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keytrail/trace.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/secrets/secret.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/segment.h"

enum { LINE_MODULES = 8 };

struct event_line {
	uint64_t t;
	enum kt_event kind;
	enum lane lane; /* by its kind; a read's by what it found */
	uint16_t length;
	bool first_in_list;
	bool has_no_stack; /* to tell: told before, or the call is over */
	const char *list;  /* key of the open list, or NULL */
	char *const *envp; /* beside environ: whose values no name may hold */
	const char *image_id; /* image id; NULL: this process */
	uint8_t module_count;
	uintptr_t
		modules[LINE_MODULES]; /* named here first: told by event_end */
	char at[LINE_BYTES];
};

void event_begin(struct event_line *, enum kt_event kind, uint64_t t);
void event_end(struct event_line *);

/* event_end in two steps: what is in between puts the line somewhere else. */
void event_close(struct event_line *);
void event_record_modules(struct event_line *);

/* The path of a module, as part of a text: stars when a secret stands in the
 * path. */
void event_part_module(struct event_line *, const struct module *);

/* The line names this module. Its event follows the line, when this image has
 * not named the module before. */
void event_add_module(struct event_line *, const struct module *);

/* The same, said by another image: a thread with an environment of its own. */
void event_begin_for(struct event_line *, enum kt_event kind, uint64_t t,
		     const char *image_id);

void event_text(struct event_line *, const char *key, const char *text);
void event_bytes(struct event_line *, const char *key, const char *text,
		 size_t n);
void event_number(struct event_line *, const char *key, uint64_t n);
void event_signed(struct event_line *, const char *key, int64_t n);
void event_bool(struct event_line *, const char *key, bool yes);
void event_kind(struct event_line *, const char *key, enum kt_event);

/* A counter that is rewritten in place (kt_digits_of), at a multiple of 8 bytes
 * from the beginning of the line; returns where. */
uint16_t event_counter(struct event_line *, const char *key);
void event_fingerprint(struct event_line *, const char *key,
		       const struct fingerprint *p);

/* "n": how often, when more than once. Who called was told the first time. */
void event_times(struct event_line *, uint64_t n);

/* The name of a variable, of which redact_name.h says how much is shown; also
 * that of a value of a list. */
void event_name(struct event_line *, const char *key, const char *name,
		size_t n);

/* A text that is put together from parts: event_part..., event_item_end. */
void event_string(struct event_line *, const char *key);

/* An array of texts. Between event_item and event_item_end the text is put
 * together from parts. */
void event_array(struct event_line *, const char *key);
void event_item(struct event_line *);
void event_part(struct event_line *, const char *text, size_t n);
void event_part_name(struct event_line *, const char *name, size_t n);
void event_item_end(struct event_line *);
void event_array_end(struct event_line *);

/* Fields that were formatted before, such as `"args":["sh"],"argc":1`. */
void event_fields(struct event_line *, const char *json);

void event_list(struct event_line *, const char *key);
void event_value(struct event_line *, const char *name, size_t n,
		 const struct fingerprint *p);
void event_list_end(struct event_line *);

#endif
