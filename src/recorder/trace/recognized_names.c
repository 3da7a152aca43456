#include "recorder/trace/recognized_names.h"

#include "keytrail/trace.h"
#include "recorder/lib/str.h"
#include "recorder/secrets/watched_names.h"
#include "recorder/trace/redact_name.h"
#include "recorder/trace/segment_file.h"

#define BEGIN KT_NAME_SLOT_BEGIN

enum {
	BEFORE = sizeof BEGIN - 1,
	ROOM = KT_NAME_SLOT_BYTES - BEFORE - 3, /* without "}, newline */
};

/* The first word is written first, by the one writer of the slot. */
union slot {
	uint64_t first;
	char text[KT_NAME_SLOT_BYTES];
};

static const uint64_t free_slot = UINT64_C(0x0a0a0a0a0a0a0a0a);
static uint32_t slots_read;

static union slot *slot_at(uint32_t i)
{
	char *slots = mapped_segment.bytes + sizeof *mapped_segment.head;

	return (union slot *)(slots + (size_t)i * sizeof(union slot));
}

static uint64_t first_word(const union slot *s)
{
	return __atomic_load_n(&s->first, __ATOMIC_ACQUIRE);
}

/* The length of the name in the slot; 0 for a name that is not whole. */
static size_t name_length(const union slot *s)
{
	const char *name = s->text + BEFORE;
	size_t n = 0;

	if (!bytes_equal(s->text, BEGIN, BEFORE))
		return 0;
	while (n < ROOM && name[n] != '"' && name[n] != '\n')
		n++;
	return bytes_equal(name + n, "\"}\n", 3) ? n : 0;
}

/* A file that has not grown yet has zeros behind its first line. */
void recognized_names_read(void)
{
	for (; mapped_segment.bytes && slots_read < KT_NAME_SLOTS;
	     slots_read++) {
		const union slot *s = slot_at(slots_read);
		size_t n;

		if (first_word(s) == free_slot || !first_word(s))
			return;
		n = name_length(s);
		if (n)
			watched_names_add(s->text + BEFORE, n);
	}
}

/* False: another writer has the slot. */
static bool write_slot(union slot *s, const char *name, size_t n)
{
	uint64_t expected = free_slot, first;
	union slot line;

	__builtin_memset(&line, '\n', sizeof line);
	__builtin_memcpy(line.text, BEGIN, BEFORE);
	__builtin_memcpy(line.text + BEFORE, name, n);
	__builtin_memcpy(line.text + BEFORE + n, "\"}", 2);
	first = line.first;
	if (!__atomic_compare_exchange_n(&s->first, &expected, first, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return false;
	__builtin_memcpy(s->text + sizeof first, line.text + sizeof first,
			 sizeof line - sizeof first);
	return true;
}

static bool is_in(const union slot *s, const char *name, size_t n)
{
	return name_length(s) == n && bytes_equal(s->text + BEFORE, name, n);
}

static void share(const char *name, size_t n)
{
	for (uint32_t i = 0; i < KT_NAME_SLOTS; i++) {
		union slot *s = slot_at(i);

		if (first_word(s) == free_slot && write_slot(s, name, n))
			return;
		if (!first_word(s) || is_in(s, name, n))
			return;
	}
}

/* A name that needs no escape in JSON. */
static bool is_simple(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (name[i] <= ' ' || name[i] == '"' || name[i] == '\\' ||
		    name[i] == 127)
			return false;
	return n && n <= ROOM;
}

void recognized_name_add(const char *name, size_t n, char *const *envp)
{
	if (is_watched_name(name, n) || name_shown(name, n, envp) != n ||
	    !watched_names_add(name, n))
		return;
	if (mapped_segment.bytes && is_simple(name, n) &&
	    segment_used() >= KT_SEGMENT_FIRST)
		share(name, n);
}
