#include "shared/siphash.h"

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t load64(const uint8_t *p, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)p[i] << (8 * i);
	return word;
}

static void store64(uint8_t *p, uint64_t word)
{
	for (size_t i = 0; i < 8; i++)
		p[i] = (uint8_t)(word >> (8 * i));
}

static inline uint64_t rotate(uint64_t word, int by)
{
	return word << by | word >> (64 - by);
}

static inline void sip_rounds(struct sip *s, int n)
{
	while (n--) {
		s->v0 += s->v1;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v0 = rotate(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v2 = rotate(s->v2, 32);
	}
}

static inline void sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_rounds(s, 2);
	s->v0 ^= word;
}

void siphash128(uint8_t ret[16], const uint8_t key[16], const void *bytes,
		size_t n)
{
	const uint8_t *p = bytes;
	uint64_t k0 = load64(key, 8), k1 = load64(key + 8, 8);
	struct sip s = {
		k0 ^ UINT64_C(0x736f6d6570736575),
		k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
		k0 ^ UINT64_C(0x6c7967656e657261),
		k1 ^ UINT64_C(0x7465646279746573),
	};
	size_t left = n;

	for (; left >= 8; p += 8, left -= 8)
		sip_word(&s, load64(p, 8));
	sip_word(&s, load64(p, left) | (uint64_t)n << 56);

	s.v2 ^= 0xee;
	sip_rounds(&s, 4);
	store64(ret, s.v0 ^ s.v1 ^ s.v2 ^ s.v3);
	s.v1 ^= 0xdd;
	sip_rounds(&s, 4);
	store64(ret + 8, s.v0 ^ s.v1 ^ s.v2 ^ s.v3);
}
