/* One line of the trace, built on the stack and then put into the segment.
 *
 *	struct event_line l;
 *	event_begin(&l, KT_FORK, now());
 *	event_text(&l, "fn", "fork");
 *	event_end(&l);
 *
 * A field too long for the line is left out as a whole. A list of values
 * continues in `more` lines instead. Lists come last, after all other fields.
 */
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
	enum lane lane; /* by kind; of a read by the result */
	uint16_t length;
	bool first_in_list;
	bool has_no_stack; /* no unwinding: the stack was recorded earlier, or
			      the call has returned */
	const char *list;  /* key of the open list, or NULL */
	char *const *envp; /* an environment beside environ: no name may show
			      its values */
	const char *image_id; /* image id; NULL: this process */
	uint8_t module_count;
	uintptr_t modules[LINE_MODULES]; /* modules new to this image: event_end
					    records them */
	char at[LINE_BYTES];
};

void event_begin(struct event_line *, enum kt_event kind, uint64_t t);
void event_end(struct event_line *);

/* event_end in two steps. Between the steps the line is put somewhere else than
 * the segment. */
void event_close(struct event_line *);
void event_record_modules(struct event_line *);

/* The path of a module, as part of a text. Stars for a path with a secret. */
void event_part_module(struct event_line *, const struct module *);

/* The line names this module. When the module is new to this image, an event of
 * the module follows the line. */
void event_add_module(struct event_line *, const struct module *);

/* event_begin for another image: a thread with an environment of its own. */
void event_begin_for(struct event_line *, enum kt_event kind, uint64_t t,
		     const char *image_id);

void event_text(struct event_line *, const char *key, const char *text);
void event_bytes(struct event_line *, const char *key, const char *text,
		 size_t n);
void event_number(struct event_line *, const char *key, uint64_t n);
void event_signed(struct event_line *, const char *key, int64_t n);
void event_bool(struct event_line *, const char *key, bool yes);
void event_kind(struct event_line *, const char *key, enum kt_event);

/* A counter for rewriting in place (kt_digits_of), at a multiple of 8 bytes
 * from the start of the line. Returns the index of the digits. */
uint16_t event_counter(struct event_line *, const char *key);
void event_fingerprint(struct event_line *, const char *key,
		       const struct fingerprint *p);

/* "n": the number of times, when more than 1. No stack is recorded then: the
 * first event had the stack. */
void event_times(struct event_line *, uint64_t n);

/* The name of a variable, redacted as in redact_name.h. Names in lists of
 * values are redacted the same way. */
void event_name(struct event_line *, const char *key, const char *name,
		size_t n);

/* Begins a text of several parts: event_part..., event_item_end. */
void event_string(struct event_line *, const char *key);

/* An array of texts. Between event_item and event_item_end the text is put
 * together from parts. */
void event_array(struct event_line *, const char *key);
void event_item(struct event_line *);
void event_part(struct event_line *, const char *text, size_t n);
void event_part_name(struct event_line *, const char *name, size_t n);
void event_item_end(struct event_line *);
void event_array_end(struct event_line *);

/* Fields formatted earlier, such as `"args":["sh"],"argc":1`. */
void event_fields(struct event_line *, const char *json);

void event_list(struct event_line *, const char *key);
void event_value(struct event_line *, const char *name, size_t n,
		 const struct fingerprint *p);
void event_list_end(struct event_line *);

#endif
