#include "recorder/state/file_targets.h"

#include "recorder/lib/str.h"
#include "recorder/secrets/watched_names.h"
#include "recorder/state/process_globals.h"
#include "shared/env_file_name.h"

void file_targets_begin(void)
{
	if (globals->file_target_lengths)
		globals->file_targets.count = 0;
	globals->file_target_lengths = 0;
}

/* Of SSL_CERT_FILE and the like, no credential is the content. */
static bool names_credential(const char *name, size_t n)
{
	const size_t suffix = sizeof "_FILE" - 1;

	return is_name_of_file(name, n) &&
	       (is_watched_name(name, n) ||
		(n > suffix && is_watched_name(name, n - suffix)));
}

static __attribute__((noinline)) void add(const char *name, size_t n,
					  const char *path)
{
	struct file_targets *all = &globals->file_targets;
	size_t length = str_length(path);
	struct file_target *t;

	if (!length || n >= FILE_TARGET_NAME || all->count == FILE_TARGETS)
		return;
	t = &all->at[all->count++];
	t->hash = hash_bytes(1, path, length);
	__builtin_memcpy(t->name, name, n);
	t->name[n] = '\0';
	globals->file_target_lengths |= UINT64_C(1) << length % 64;
}

/* Four letters as a number: little endian, as syscall.h requires. */
#define FOUR(a, b, c, d)                                                       \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 |            \
	 (uint32_t)(d) << 24)

/* ..._FILE, NETRC, GOOGLE_APPLICATION_CREDENTIALS. Runs for each variable at a
 * birth, so most names are excluded here, without a call. */
static bool may_name_file(const char *name, size_t n)
{
	uint32_t end;

	if (n <= sizeof end)
		return false;
	__builtin_memcpy(&end, name + n - sizeof end, sizeof end);
	return end == FOUR('F', 'I', 'L', 'E') ||
	       end == FOUR('E', 'T', 'R', 'C') ||
	       end == FOUR('I', 'A', 'L', 'S');
}

void file_targets_add(const char *entry, size_t name_length)
{
	if (may_name_file(entry, name_length) &&
	    names_credential(entry, name_length))
		add(entry, name_length, entry + name_length + 1);
}

const char *file_target_name(const char *path, size_t length)
{
	const struct file_targets *all = &globals->file_targets;
	uint64_t hash;

	if (!(globals->file_target_lengths >> length % 64 & 1))
		return NULL;
	hash = hash_bytes(1, path, length);
	for (uint32_t i = 0; i < all->count; i++)
		if (all->at[i].hash == hash)
			return all->at[i].name;
	return NULL;
}
