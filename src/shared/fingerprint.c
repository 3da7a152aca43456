#include "shared/fingerprint.h"

#include "keytrail/trace.h"
#include "shared/key_prefix.h"
#include "shared/siphash.h"
#include "shared/text.h"
#include "shared/value_shape.h"

enum { PRINTED_MAX = 1 << 20 };

static __attribute__((noinline)) void
print_value(const char *s, const uint8_t key[16], struct fingerprint *ret)
{
	size_t n = str_length(s), from = 0, to = n;

	siphash128(ret->fp, key, s, n);
	value_strip(s, &from, &to);
	ret->has_bare = to - from != n;
	if (ret->has_bare)
		siphash128(ret->bare, key, s + from, to - from);
	ret->length = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
	ret->is = value_shape(s, n < PRINTED_MAX ? n : PRINTED_MAX);
	ret->provider = provider_of(s + from);
}

/* Overwrites dead stack slots: eight bytes of the value at a time pass through
 * the hash, and a core of the host must not hold those bytes. */
static __attribute__((noinline)) void wipe_stack(void)
{
	char below[768];

	__builtin_memset(below, 0, sizeof below);
	__asm__ volatile("" : : "r"(below) : "memory");
}

void fingerprint_value(const char *value, const uint8_t key[16],
		       struct fingerprint *ret)
{
	*ret = (struct fingerprint){0};
	print_value(value, key, ret);
	wipe_stack();
}
