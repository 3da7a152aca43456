#include "recorder/state/env_hashes.h"

#include "recorder/lib/env_entry.h"
#include "recorder/secrets/secret.h"
#include "recorder/secrets/watched_names.h"
#include "recorder/state/process_globals.h"

static uint32_t hash_name(const char *name, size_t n)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619u;
	return hash ? hash : 1;
}

static uint32_t hash_value(const char *entry, size_t n)
{
	return (uint32_t)secret_tag(secret_of_entry(entry, n), globals->seed);
}

/* Index of the name in `all`, or else of the free place for the name. */
static uint32_t place_of(const struct env_hashes *h, uint32_t name)
{
	uint32_t at = name & h->mask;

	while (h->all[at].name && h->all[at].name != name)
		at = (at + 1) & h->mask;
	return at;
}

static uint32_t mask_for(char *const *envp)
{
	uint32_t size = ENV_HASHES_FEW, count = 0;

	while (envp && envp[count])
		count++;
	while (size < count * 2 && size <= ENV_HASHES_MANY)
		size *= 2;
	return size <= ENV_HASHES_MANY ? size - 1 : 0;
}

static void make_empty(struct env_hashes *h, char *const *envp)
{
	h->count = 0;
	h->mask = mask_for(envp);
	h->all = h->mask < ENV_HASHES_FEW ? h->few : globals->env_state.many;
	__builtin_memset(h->all, 0, (h->mask + 1) * sizeof h->all[0]);
}

void env_hashes_begin(char *const *envp)
{
	atomic_store(&globals->env_state.hashes.version, 0);
	make_empty(&globals->env_state.hashes, envp);
}

void env_hashes_add(const char *entry, size_t n)
{
	struct env_hashes *h = &globals->env_state.hashes;
	uint32_t hash, at;

	if (!h->mask || is_ours(entry, n))
		return;
	hash = hash_name(entry, n);
	at = place_of(h, hash);
	if (h->all[at].name)
		return; /* a second entry, which getenv ignores */
	h->all[at].name = hash;
	h->all[at].value = hash_value(entry, n);
	h->count++;
}

void env_hashes_rewrite(char *const *envp)
{
	struct env_hashes *h = &globals->env_state.hashes;
	uint32_t version = atomic_load(&h->version);

	if (version & 1 ||
	    !atomic_compare_exchange_strong(&h->version, &version, version + 1))
		return;
	make_empty(h, envp);
	for (; envp && *envp; envp++) {
		size_t n = env_name_length(*envp);

		if (n)
			env_hashes_add(*envp, n);
	}
	atomic_store(&h->version, version + 2);
}

uint32_t env_count(char *const *envp)
{
	uint32_t count = 0;

	for (; envp && *envp; envp++) {
		size_t n = env_name_length(*envp);

		count += n && !is_ours(*envp, n);
	}
	return count;
}

static void compare_all(const struct env_hashes *h, char *const *envp,
			struct env_difference *ret)
{
	uint8_t met[ENV_HASHES_MANY / 8];

	__builtin_memset(met, 0, h->mask / 8 + 1);
	for (; envp && *envp; envp++) {
		size_t n = env_name_length(*envp);
		uint32_t at;

		if (!n || is_ours(*envp, n))
			continue;
		ret->vars++;
		at = place_of(h, hash_name(*envp, n));
		if (!h->all[at].name) {
			ret->added++;
			continue;
		}
		if (met[at / 8] >> at % 8 & 1)
			continue;
		met[at / 8] |= (uint8_t)(1 << at % 8);
		if (h->all[at].value == hash_value(*envp, n))
			ret->unchanged++;
		else
			ret->changed++;
	}
	ret->held = h->count;
	ret->dropped = h->count - ret->unchanged - ret->changed;
}

void env_hashes_compare(char *const *envp, struct env_difference *ret)
{
	const struct env_hashes *h = &globals->env_state.hashes;
	uint32_t version = atomic_load(&h->version);

	*ret = (struct env_difference){0};
	if (!(version & 1) && h->mask) {
		compare_all(h, envp, ret);
		ret->is_known = atomic_load(&h->version) == version;
	}
	if (!ret->is_known)
		ret->vars = env_count(envp);
}
