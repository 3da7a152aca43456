/* Files that variables of the environment name: OPENAI_API_KEY_FILE=/path. An
 * open of such a file is told, whatever the name of the file. */
#ifndef RECORDER_FILE_TARGETS_H
#define RECORDER_FILE_TARGETS_H

#include <stddef.h>
#include <stdint.h>

enum { FILE_TARGETS = 8, FILE_TARGET_NAME = 48 };

struct file_target {
	uint64_t hash;		     /* of the path */
	char name[FILE_TARGET_NAME]; /* of the variable */
};

struct file_targets {
	uint32_t count;
	struct file_target at[FILE_TARGETS];
};

void file_targets_begin(void);

/* An entry of the environment, with the length of the name. Any entry may be
 * given. */
void file_targets_add(const char *entry, size_t name_length);

/* The variable that names the path, or NULL. Most programs have no such
 * variable: the bit `length % 64` of globals->file_target_lengths tells. */
const char *file_target_name(const char *path, size_t length);

#endif
