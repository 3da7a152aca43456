/* The facts that a trace may hold about a value: a keyed fingerprint, a length,
 * shapes and a provider. No character of the value. */
#ifndef SHARED_FINGERPRINT_H
#define SHARED_FINGERPRINT_H

#include <stdbool.h>
#include <stdint.h>

struct fingerprint {
	uint8_t fp[16];	  /* keyed fingerprint */
	uint8_t bare[16]; /* the same without surrounding blanks, quotes */
	uint64_t tag;	  /* of the recorder: compares within a process */
	uint32_t length;
	uint32_t is;	  /* 1 << KT_SHAPE_BIT_... */
	uint8_t provider; /* for provider_name(), 0: none */
	bool has_bare;
};

/* Of a terminated value, less the tag. Wipes the stack that was used. */
void fingerprint_value(const char *value, const uint8_t key[16],
		       struct fingerprint *ret);

#endif
