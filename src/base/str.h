/* Text as a view: a pointer and a length. The bytes belong to another owner and
 * need not end with a null byte. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *at;
	size_t len;
};

#define STR(literal) ((struct str){literal, sizeof literal - 1})
#define STR_FMT(s)   (int)(s).len, (s).at /* for "%.*s" */

static inline struct str str_of(const char *z)
{
	return (struct str){z, z ? strlen(z) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.at, b.at, a.len));
}

static inline bool str_has_prefix(struct str s, struct str prefix)
{
	return s.len >= prefix.len && !memcmp(s.at, prefix.at, prefix.len);
}

static inline bool str_has_suffix(struct str s, struct str suffix)
{
	return s.len >= suffix.len &&
	       !memcmp(s.at + s.len - suffix.len, suffix.at, suffix.len);
}

/* The part of a path behind the last slash. */
static inline struct str str_base(struct str path)
{
	const char *slash =
		path.len ? (const char *)memrchr(path.at, '/', path.len) : NULL;
	size_t skip = slash ? (size_t)(slash + 1 - path.at) : 0;

	return (struct str){path.at + skip, path.len - skip};
}

/* The next word of a list, in which blanks stand between words. The list loses
 * the word. */
static inline struct str str_next_word(const char **list)
{
	struct str word = {*list, strcspn(*list, " ")};

	*list += word.len + (word.at[word.len] == ' ');
	return word;
}

/* True when `s` is a word of `list`. */
static inline bool str_is_listed(struct str s, const char *list)
{
	while (*list)
		if (str_eq(s, str_next_word(&list)))
			return true;
	return false;
}

/* True when `s` begins with a word of `list`. */
static inline bool str_has_prefix_listed(struct str s, const char *list)
{
	while (*list)
		if (str_has_prefix(s, str_next_word(&list)))
			return true;
	return false;
}

#endif
