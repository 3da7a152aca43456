#include "envfiles/env_syntax.h"

void env_text_read(struct env_text *t, enum env_syntax syntax)
{
	static const struct {
		env_reader *read;
		unsigned flags;
	} readers[] = {
#define SYNTAX(id, word, reader, flags) {reader, flags},
		ENV_SYNTAXES(SYNTAX)
#undef SYNTAX
	};

	if (syntax < ENV_SYNTAX_COUNT)
		readers[syntax].read(t, readers[syntax].flags);
	if (t->is_refused)
		t->n = 0;
}

const char *env_syntax_word(enum env_syntax syntax)
{
	static const char *const words[] = {
#define SYNTAX(id, word, reader, flags) word,
		ENV_SYNTAXES(SYNTAX)
#undef SYNTAX
			"secret"};

	return words[syntax];
}
