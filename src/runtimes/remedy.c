#include "runtimes/runtime.h"

static const char *const remedies[RUNTIME_COUNT][REMEDY_COUNT] = {
#define REMEDY(id, what, text) [RUNTIME_##id][REMEDY_##what] = text,
#include "runtimes/runtimes.def"
};

static const enum runtime_id languages[RUNTIME_COUNT] = {
#define WRITTEN_IN(id, language) [RUNTIME_##id] = RUNTIME_##language,
#include "runtimes/runtimes.def"
};

static const char *text_of(enum runtime_id id, enum remedy remedy)
{
	if (remedies[id][remedy])
		return remedies[id][remedy];
	if (remedy <= REMEDY_THREAD && remedies[id][REMEDY_REPLACED])
		return remedies[id][REMEDY_REPLACED];
	if (remedy > REMEDY_THREAD && remedies[languages[id]][remedy])
		return remedies[languages[id]][remedy];
	return remedies[RUNTIME_OTHER][remedy];
}

struct str with_name(struct arena *a, const char *text, struct str variable)
{
	size_t room = strlen(text) + 1, len = 0;
	char *to;

	for (const char *c = text; *c; c++)
		room += *c == '@' ? variable.len : 0;
	to = TAKE(a, char, room);
	for (; *text; text++) {
		if (*text != '@') {
			to[len++] = *text;
			continue;
		}
		if (variable.len)
			memcpy(to + len, variable.at, variable.len);
		len += variable.len;
	}
	return (struct str){to, len};
}

struct str runtime_remedy(struct arena *a, const struct image *culprit,
			  enum remedy remedy, struct str variable)
{
	return runtime_remedy_in(
		a, culprit ? runtime_of(culprit)->id : RUNTIME_OTHER, remedy,
		variable);
}

struct str runtime_remedy_in(struct arena *a, enum runtime_id id,
			     enum remedy remedy, struct str variable)
{
	return with_name(a, text_of(id, remedy), variable);
}
