/* The text of an env or secret file, and what the text assigns.
 *
 * Text and values lie in memory of their own, which env_text_wipe()
 * overwrites: no value reaches the arena. env_syntax.h has the loaders. */
#ifndef ENVFILES_ENV_TEXT_H
#define ENVFILES_ENV_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hashmap.h"

enum env_flags { ENV_RUBY = 1 };

struct assignment {
	struct str name;
	struct str value; /* terminated. at NULL: not known */
	struct str whole; /* the rest of the line, where the loader reads less;
			     terminated. at NULL: the loader reads all */
	bool is_comment;  /* the loader stops at a blank and '#' */
	bool is_dropped;  /* a $ stands for a variable without a value */
	bool is_spaced;	  /* a blank beside the '=': no assignment to a shell */
	bool is_unclosed; /* the quote of the value is not closed: the loader
			     leaves the line out; no value */
	uint64_t line;	  /* from 1 */
};

struct env_text {
	struct arena *arena;
	char *begin, *at, *end; /* the text, with a null byte at `end` */
	/* Of the process; null: not known. */
	const char *(*environment)(const char *name);

	struct assignment **list; /* each name once, the last assignment */
	size_t n, room;
	bool is_refused; /* the loader would refuse the whole file */

	struct hashmap *names;
	char *values; /* values lie here, one behind the other */
	size_t used, values_room, started;
	bool is_unknown;  /* the value that was started does not fit, or is not
			     in the file */
	bool has_dropped; /* the value that was started has such a $ */
	const char *counted_to;
	uint64_t line; /* of `counted_to` */
};

/* A text of n bytes in memory that can be wiped. False: no memory. The caller
 * fills begin[0..n). */
bool env_text_new(struct arena *, size_t n, struct env_text *ret);
void env_text_wipe(struct env_text *);

/* ---- for readers --------------------------------------------------------- */

/* Fills the list. */
typedef void env_reader(struct env_text *, unsigned flags);

/* The value under construction. value_end() returns an empty text without
 * address when the value is not known. */
void value_start(struct env_text *);
void value_add(struct env_text *, const char *bytes, size_t n);
struct str value_end(struct env_text *);
struct str value_copy(struct env_text *, const char *from, const char *to);

/* Adds an assignment that stands at `at`. `value` without address: not known,
 * and the answer is null. */
struct assignment *assign_at(struct env_text *, const char *at, struct str name,
			     struct str value);

/* The same for a name that stands in the text. */
static inline struct assignment *assign(struct env_text *t, struct str name,
					struct str value)
{
	return assign_at(t, name.at, name, value);
}

/* Notes that the line goes on behind the value: from..to, less blanks around.
 * No change when that is no more than the value. */
void note_whole(struct env_text *, struct assignment *, const char *from,
		const char *to, bool is_comment);

/* Notes that a part of from..to, a $ and what follows, fell away. */
void note_dropped(struct env_text *, struct assignment *, const char *from,
		  const char *to);

/* The value of an earlier assignment, or null. */
const char *assigned(const struct env_text *, struct str name);

/* The value that ${name} stands for: of the file, or else of the environment;
 * the other way round with `environment_first`. Null: neither has the name, or
 * the environment is not known: then the value under construction is not,
 * either. */
const char *value_of(struct env_text *, struct str name,
		     bool environment_first);

void value_add_text(struct env_text *, const char *text); /* null: nothing */

/* A byte order mark at the start is passed over. */
void skip_byte_order_mark(struct env_text *);

/* CR LF and CR become LF. */
void normalize_line_ends(struct env_text *);

/* The '}' of "${NAME:-text}", at most 4 KiB away, or null: a search to the end
 * for each of many would take too long. */
const char *find_brace(const char *from, const char *end);

const char *line_end(const struct env_text *, const char *from);

/* Moves *at to the next line, blanks passed over, that has a '=' and begins
 * with none of the characters `comments`. Returns the '='; null: no such line.
 */
const char *next_assignment(const struct env_text *, const char **at,
			    const char *comments);

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/* The first character of `from`..`to` that is no space, and the end of the
 * last. */
const char *skip_spaces(const char *from, const char *to);
const char *trim_end(const char *from, const char *to);

#endif
