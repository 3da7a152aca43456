/* Which line of the Perl program runs, and who called that line. */
#ifndef RECORDER_PERL_FRAMES_H
#define RECORDER_PERL_FRAMES_H

#include "recorder/process/callers.h"
#include "recorder/process/source_pos.h"

/* The end of the sentence with which `die` would end: " at FILE line N." A
 * temporary value of Perl's, freed at the next statement. `key` NULL: this Perl
 * has a single interpreter. */
typedef void *perl_sentence(void *, ...);
const char *perl_ask(perl_sentence *mess, const char *(*text)(void *, ...),
		     const unsigned *key);

/* Reads file and line of such a sentence. Line 0 for a file whose name itself
 * looks like such a sentence. */
void perl_read_sentence(const char *text, struct source_pos *ret);

/* Once: what frames look like in this Perl. */
void perl_frames_start(void);

/* The innermost line outside Perl's own modules and evals of a text, and its
 * callers. Where all
 * lines are Perl's own: the innermost. Call on a thread that runs Perl. True
 * when the running line itself is the place. */
bool perl_find_place(void *self, struct source_pos *ret,
		     struct callers *ret_callers);
callers_finder perl_find_callers;

/* The context that runs innermost, or NULL. */
const struct perl_context *perl_innermost(void *self);

/* An eval has begun, in this context. All such contexts are of one kind. */
void perl_note_eval(const struct perl_context *);

/* True when an eval around the running line will catch what is raised. */
bool perl_is_in_eval(void *self);

#endif
