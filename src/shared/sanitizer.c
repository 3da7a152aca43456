#include "shared/sanitizer.h"

static bool begins_with(const char *name, size_t n, const char *beginning)
{
	size_t i = 0;

	while (beginning[i] && i < n && name[i] == beginning[i])
		i++;
	return !beginning[i];
}

/* Text in the table itself: pointers would be relocated at each start of the
 * recorder. */
static bool begins_as_one_of(const char *name, size_t n,
			     const char (*beginnings)[20], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (begins_with(name, n, beginnings[i]))
			return true;
	return false;
}

bool sanitizer_is_runtime(const char *name, size_t n)
{
	static const char runtimes[][20] = {"libasan.so",   "libtsan.so",
					    "liblsan.so",   "libubsan.so",
					    "libhwasan.so", "libclang_rt."};

	return begins_as_one_of(name, n, runtimes,
				sizeof runtimes / sizeof *runtimes);
}

bool sanitizer_must_be_first(const char *name, size_t n)
{
	static const char runtimes[][20] = {"libasan.so", "libclang_rt.asan"};

	return begins_as_one_of(name, n, runtimes,
				sizeof runtimes / sizeof *runtimes);
}
