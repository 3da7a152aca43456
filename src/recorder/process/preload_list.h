/* The list in LD_PRELOAD, with us in it.
 *
 * We stand before all that the user preloads, but behind the runtimes of
 * sanitizers among it. Where the next program's own runtime must come before
 * us, it is added, and we stand behind all of the list: so the order is that of
 * the program bare. ": :", not one colon, lies between the two. Loaders take
 * that for a separator like any other, and we know that the user did not ask
 * for it. */
#ifndef RECORDER_PRELOAD_LIST_H
#define RECORDER_PRELOAD_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* The list that the loader obeys: glibc's the last of two entries. NULL: none.
 */
const char *preload_of(char *const *envp);
bool preload_is_entry(const char *variable);

bool preload_has_us(const char *paths);

/* Is it just what preload_write would make of it? */
bool preload_is_made(const char *paths, const char *runtime);

/* The variable, with us, or without; `runtime`, "" for none, must come before
 * us. Empty behind the "=" when nothing is left to preload. */
void preload_write(char *to, size_t size, const char *paths, bool with_us,
		   const char *runtime);
size_t preload_size(const char *paths);

/* Takes out what was added for this program, at its birth and in place: what it
 * starts, by whatever means, is not given it. */
void preload_take_back(char **envp);

#endif
