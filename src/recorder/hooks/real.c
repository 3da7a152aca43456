#include "recorder/hooks/real.h"

#include <stdbool.h>
#include <stdint.h>

#include "keytrail/trace.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"

struct real real;

static const struct wanted wanted[] = {
#define HOOK(function, event) {#function, REAL_ROW(function)},
#include "recorder/hooks/hooks.def"
#undef HOOK
};

enum { KT_NOTHING = KT_EVENT_COUNT, ROWS = ARRAY_LENGTH(wanted) };

static const uint8_t events[] = {
#define HOOK(function, event) KT_##event,
#include "recorder/hooks/hooks.def"
#undef HOOK
};

static size_t rows_from(size_t row, bool is_later)
{
	size_t end = row;

	while (end < ROWS && (events[end] == KT_OPEN) == is_later)
		end++;
	return end - row;
}

void real_find(void)
{
	size_t n;

	for (size_t row = 0; row < ROWS; row += n + rows_from(row + n, true)) {
		n = rows_from(row, false);
		elf_after_us(wanted + row, n, (void **)&real);
	}
}

static void *find_row(size_t row)
{
	void **place = (void **)&real + row;

	if (!*place)
		elf_after_us(wanted + row, 1, (void **)&real);
	return *place;
}

/* A libc without open64 keeps open in the place of open64, so that the search
 * is made once. */
void *real_find_later(size_t row, size_t other)
{
	void *found = find_row(row);

	if (!found && other != row)
		found = ((void **)&real)[row] = find_row(other);
	return found;
}
