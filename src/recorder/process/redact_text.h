/* Pieces of a text, each shown or put as stars. */
#ifndef RECORDER_REDACT_TEXT_H
#define RECORDER_REDACT_TEXT_H

#include "recorder/trace/event_line.h"
#include "recorder/secrets/secret.h"

enum { KNOWN_VALUES = 64, REDACT_ARG_BYTES = 200 };

/* How one list of arguments is read. */
struct reading {
	struct event_line *line;
	struct secret known[KNOWN_VALUES]; /* values of watched variables */
	size_t known_count;
	const char *argument; /* that is being shown, whole */
	size_t length;
	bool holds_known; /* a known value stands in the argument */
	bool is_script;	  /* its words are a shell's */
	uint8_t depth;	  /* of scripts in scripts */

	/* Shows a shell's line. A pointer, since a script consists of texts,
	 * and a text may hold a script: $(command). */
	void (*put_script)(struct reading *, const char *s, size_t n);
};

/* An empty reading. `put_script` is to be set by the caller. */
void reading_begin(struct reading *, struct event_line *);

/* The values of watched variables in envp are never shown. */
void reading_learn(struct reading *, char *const *envp);

/* Paths are no secrets in the name of a source. */
void reading_forget_paths(struct reading *);

/* All pieces that follow are parts of this argument. */
void reading_open(struct reading *, const char *argument, size_t n);

/* As it is; as stars when it overlaps a known value. Every byte that is shown
 * passes here. */
void show(struct reading *, const char *s, size_t n);

void put_stars(struct reading *);

/* A secret; shown is only what a shell replaces: $NAME and $(command). */
void put_secret(struct reading *, const char *s, size_t n);

/* A text of any form, of which the parts that could be secrets are stars. */
void put_text(struct reading *, const char *s, size_t n);

/* The path of a file or a program that an argument names. */
void put_file_path(struct reading *, const char *s, size_t n);

/* The path of what is there: disorder is none of its secrets. */
void put_existing_path(struct reading *, const char *s, size_t n);

/* Scheme, host and harmless parts of the path; false when it is no URL. */
bool put_url(struct reading *, const char *s, size_t n);

/* "Name: value" */
void put_header(struct reading *, const char *s, size_t n);

/* Text for another program to search with or to rewrite by. */
void put_pattern(struct reading *, const char *s, size_t n);

/* Length of the NAME of NAME=value or Name:value, 0 when it is neither. */
size_t assigned_name(const char *s, size_t n);

bool is_harmless(const char *s, size_t n);

/* A name of a password that the next word is: of an option, with its dashes,
 * or in a sentence. */
bool announces_word(const char *s, size_t n);

#endif
