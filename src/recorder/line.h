/* One line of the trace, built on the stack and then put into the segment.
 *
 *	struct line l;
 *	line_begin(&l, KT_FORK, now());
 *	line_text(&l, "fn", "fork");
 *	line_end(&l);
 *
 * What does not fit is left out, never cut in the middle; a list of values
 * goes on in `more` lines instead. Lists come last, after all other fields. */
#ifndef RECORDER_LINE_H
#define RECORDER_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keytrail/trace.h"
#include "recorder/secret.h"
#include "recorder/segment.h"

enum { LINE_BYTES = 1900, LINE_MODULES = 8 };

struct line {
	uint64_t t;
	enum kt_event kind;
	enum lane lane; /* by its kind; a read's by what it found */
	uint16_t length;
	bool first_in_list;
	bool has_no_stack;   /* to tell: told before, or the call is over */
	const char *list;    /* key of the open list, or NULL */
	char *const *envp;   /* beside environ: whose values no name may hold */
	const char *speaker; /* image id; NULL: this process */
	uint8_t module_count;
	uintptr_t modules[LINE_MODULES]; /* named here first: told by line_end */
	char at[LINE_BYTES];
};

void line_begin(struct line *, enum kt_event kind, uint64_t t);
void line_end(struct line *);

/* line_end in two steps: what is in between puts the line somewhere else. */
void line_close(struct line *);
void line_tell_modules(struct line *);

/* The same, said by another image: a thread with an environment of its own. */
void line_begin_for(struct line *, enum kt_event kind, uint64_t t,
		    const char *speaker);

void line_text(struct line *, const char *key, const char *text);
void line_bytes(struct line *, const char *key, const char *text, size_t n);
void line_number(struct line *, const char *key, uint64_t n);
void line_signed(struct line *, const char *key, int64_t n);
void line_bool(struct line *, const char *key, bool yes);
void line_event(struct line *, const char *key, enum kt_event);

/* A counter that is rewritten in place (kt_digits_of), at a multiple of 8 bytes
 * from the beginning of the line; returns where. */
uint16_t line_counter(struct line *, const char *key);
void line_print(struct line *, const char *key, const struct print *p);

/* "n": how often, when more than once. Who called was told the first time. */
void line_times(struct line *, uint64_t n);

/* "at": module and offset of the call that returns to `caller`, and "frames",
 * who called that. Of a module that this image has not named before, the
 * build-id is told behind the line. */
void line_caller(struct line *, const void *caller);

/* The name of a variable, of which name.h says how much is shown; also that of a
 * value of a list. */
void line_name(struct line *, const char *key, const char *name, size_t n);

/* A text that is put together from parts: line_part..., line_item_end. */
void line_string(struct line *, const char *key);

/* An array of texts. Between line_item and line_item_end the text is put
 * together from parts. */
void line_array(struct line *, const char *key);
void line_item(struct line *);
void line_part(struct line *, const char *text, size_t n);
void line_part_name(struct line *, const char *name, size_t n);
void line_item_end(struct line *);
void line_array_end(struct line *);

/* Fields that were formatted before, such as `"args":["sh"],"argc":1`. */
void line_fields(struct line *, const char *json);

void line_list(struct line *, const char *key);
void line_value(struct line *, const char *name, size_t n,
		const struct print *p);
void line_list_end(struct line *);

#endif
