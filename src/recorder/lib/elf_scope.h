/* The function that code of one object would call, among several objects that
 * define the name. */
#ifndef RECORDER_ELF_SCOPE_H
#define RECORDER_ELF_SCOPE_H

#include "recorder/lib/elf_objects.h"

/* Looks into the object around `at`, then into the objects which that needs,
 * and those which they need, then into all behind the recorder. The recorder
 * itself is left out. NULL: no object defines the name. */
void *elf_in_scope_of(const void *at, const char *name);

#endif
