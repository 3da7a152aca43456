/* Words of a command that a report prints, for the reader to copy. */
#ifndef BASE_SHELL_WORD_H
#define BASE_SHELL_WORD_H

#include "base/arena.h"

/* `word` as a shell takes it for one word: quoted where needed. */
const char *shell_word(struct arena *, const char *word);

/* The same of a file's name, which is no option. */
const char *shell_path(struct arena *, const char *path);

#endif
