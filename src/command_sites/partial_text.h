/* Texts with unknown parts: what `$NODE app.js` of a file becomes is not known,
 * nor is a masked argument of a trace.
 *
 * ANY stands for any bytes, none included. BETWEEN stands between two words of
 * a command. Both are bytes that no command has. */
#ifndef COMMAND_SITES_PARTIAL_TEXT_H
#define COMMAND_SITES_PARTIAL_TEXT_H

#include "base/arena.h"
#include "trace/event.h"

enum { ANY = '\1', BETWEEN = '\2' };

/* False only when no choice of the unknown parts makes both texts equal. */
bool may_be_equal(struct str, struct str);

/* A text of a trace, in which stars are masks. */
struct str partial_masked(struct arena *, struct str);

/* Words with BETWEEN between them. An unknown part may become several words or
 * none, so it takes the ends of words beside it. */
struct str partial_words(struct arena *, struct str words);

/* The arguments of a launch as one text, from the nth on. */
struct str partial_arguments(struct arena *, const struct event *launch,
			     size_t n);

/* True when the text has a byte with a meaning here. */
bool has_unknown_bytes(struct str);

/* True when more of the text is known than the ends of its words. */
bool has_known_bytes(struct str);

#endif
