/* The sentence of a finding: place, act, effect. Every rule words only the act;
 * all findings then read alike, and begin with a place to edit. */
#ifndef EVIDENCE_SENTENCE_H
#define EVIDENCE_SENTENCE_H

#include "model/finding.h"

/* "start.py:5", else the script, else the process with its pid: the place in
 * the user's own files where the culprit acted. "deploy.sh:3: env" when a line
 * started the culprit, which is no file of the user. */
struct str place_of_culprit(struct arena *, const struct finding *);

/* The same of the reader. */
struct str place_of_victim(struct arena *, const struct finding *);

/* True when the site is a line, and no line of an interpreter itself: symbols
 * tell such a line, and nobody edits it. */
bool has_line_of_culprit(const struct finding *);
bool has_line_of_victim(const struct finding *);

/* A program that the culprit started: "node worker.js 7", or without arguments
 * where equal victims have different arguments. */
struct str started_in_words(struct arena *, const struct finding *,
			    const struct image *started);

/* "before run.sh:4 starts node worker.js", "before it starts node worker.js" */
struct str before_launch(struct arena *, const struct finding *,
			 const struct image *started);

/* All names of the finding: "A", "A and B", "A, B and 3 others". */
struct str names_of(struct arena *, const struct finding *);

/* As reports show a fingerprint; "nothing" for an empty value. */
struct str short_print(const struct value *);

/* Sets the summary: "start.py:5 ACT; app.py:7 misses it (2 processes)". ACT is
 * printed, as arena_print prints, into the arena of the model. */
void say_culprit(const struct model *, const struct reading *, struct finding *,
		 const char *act, ...) __attribute__((format(printf, 4, 5)));

/* Sets the summary: "app.py:7 ACT (2 processes)", where the culprit is the
 * victim itself. */
void say_actor(const struct model *, struct finding *, const char *act, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, of the victim. */
void say_victim(const struct model *, struct finding *, const char *act, ...)
	__attribute__((format(printf, 3, 4)));

/* Sets a fix in place of which no tool has words of its own. */
void set_own_fix(const struct model *, struct finding *, const char *fix, ...)
	__attribute__((format(printf, 3, 4)));

#endif
