/* Why a Ruby program ended: the exception that nobody rescued, or the line that
 * called exit or abort, and the exception that was being handled there. */
#ifndef RECORDER_RUBY_ENDS_H
#define RECORDER_RUBY_ENDS_H

#include <stdbool.h>

#include "recorder/lib/elf_objects.h"

/* Once, when Ruby begins: its objects exist, and no program runs yet. False
 * when `module` is not Ruby. */
bool ruby_ends_watch(const struct module *);

#endif
