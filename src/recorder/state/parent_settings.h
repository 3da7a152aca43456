/* KEYTRAIL of a parent, for a program whose launcher handed on LD_PRELOAD and
 * nothing else of ours (turbo, busybox env -i). */
#ifndef RECORDER_PARENT_SETTINGS_H
#define RECORDER_PARENT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

/* The nearest parent's value, among eight parents of the same user. False when
 * no such parent has one, or a parent on the way cannot be read; then *to is
 * empty. */
bool parent_settings_find(char *to, size_t size);

#endif
