/* SipHash-2-4 with a 128-bit result: J.-P. Aumasson and D. J. Bernstein,
 * "SipHash: a fast short-input PRF" (2012), and the 128-bit variant of the
 * authors' reference implementation. The tests use the reference
 * implementation's vectors. */
#ifndef SHARED_SIPHASH_H
#define SHARED_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

void siphash128(uint8_t ret[16], const uint8_t key[16], const void *bytes,
		size_t n);

#endif
