/* Where a Ruby program takes all of ENV: ENV.to_h, each, select and others. */
#ifndef RECORDER_RUBY_COPY_H
#define RECORDER_RUBY_COPY_H

#include "recorder/lib/elf_objects.h"

/* Once, when Ruby begins. Replaces the functions in C behind methods of ENV. */
void ruby_copy_watch(const struct module *);

#endif
