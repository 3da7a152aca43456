#include "recorder_host.h"

#include "recorder/lib/elf_symbols.h"
#include "recorder/lib/str.h"

/* An object made by hand: three symbols, the second of them old. */
static struct object {
	ElfW(Dyn) dynamic[8];
	ElfW(Sym) symbols[4];
	ElfW(Versym) versions[4];
	char strings[32];
	uint32_t hash[16], gnu_hash[16];
} * object;

enum { HASH, GNU_HASH };

/* As `base` is the difference, the file has other addresses than memory. */
static const ElfW(Dyn) * made(uintptr_t base, bool is_moved, int kind)
{
	uintptr_t less = is_moved ? 0 : base;
	ElfW(Dyn) dynamic[] = {
		{DT_SYMTAB, {(uintptr_t)object->symbols - less}},
		{DT_STRTAB, {(uintptr_t)object->strings - less}},
		{DT_VERSYM, {(uintptr_t)object->versions - less}},
		{kind == HASH ? DT_HASH : DT_GNU_HASH,
		 {(uintptr_t)(kind == HASH ? object->hash : object->gnu_hash) -
		  less}},
		{DT_NULL, {0}},
	};

	memcpy(object->dynamic, dynamic, sizeof dynamic);
	return object->dynamic;
}

static uint32_t gnu_hash(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

/* One bucket holds all, so that a name's hash is only asked of its chain. */
static int begin(void **state)
{
	static const char strings[] = "\0one\0two\0three";
	static const uint32_t chained[] = {1, 4, 1, 0, 2, 3, 0};
	uint32_t chain[] = {gnu_hash("one") & ~1u, gnu_hash("two") & ~1u,
			    gnu_hash("three") | 1};
	uint32_t gnu[] = {1, 1, 1, 0, 0, 0, 1};

	(void)state;
	object = host_map(sizeof *object);
	memcpy(object->strings, strings, sizeof strings);
	for (int i = 1; i < 4; i++)
		object->symbols[i] =
			(ElfW(Sym)){.st_name = i == 1	? 1
					       : i == 2 ? 5
							: 9,
				    .st_shndx = 1,
				    .st_value = 0x100u * (unsigned)i};
	object->versions[2] = 0x8000 | 2;
	memcpy(object->hash, chained, sizeof chained);
	memcpy(object->gnu_hash, gnu, sizeof gnu);
	memcpy(object->gnu_hash + 7, chain, sizeof chain);
	return 0;
}

static const uintptr_t bases[] = {
	0x1000,			    /* moved up a little */
	0x555555554000,		    /* a program of any address */
	(uintptr_t)-0x100000000000, /* linked for an address above its own */
};

static void addresses_are_read_as_moved_or_as_in_the_file(void **state)
{
	struct symbols s;

	(void)state;
	for (int kind = HASH; kind <= GNU_HASH; kind++)
		for (size_t i = 0; i < ARRAY_LENGTH(bases) * 2; i++) {
			uintptr_t base = bases[i / 2];

			assert_true(
				symbols_of(&s, made(base, i % 2, kind), base));
			assert_ptr_equal(symbols_find(&s, "one"),
					 (void *)(base + 0x100));
			assert_ptr_equal(symbols_find(&s, "three"),
					 (void *)(base + 0x300));
			assert_null(symbols_find(&s, "two"));
			assert_null(symbols_find(&s, "four"));
			assert_null(symbols_find(&s, ""));
		}
}

static void a_table_without_buckets_defines_nothing(void **state)
{
	struct symbols s;

	(void)state;
	object->hash[0] = object->gnu_hash[0] = 0;
	assert_true(symbols_of(&s, made(0x5000, true, HASH), 0x5000));
	assert_null(symbols_find(&s, "one"));
	assert_true(symbols_of(&s, made(0x5000, true, GNU_HASH), 0x5000));
	assert_null(symbols_find(&s, "one"));
}

static void an_empty_bucket_defines_nothing(void **state)
{
	struct symbols s;

	(void)state;
	object->hash[2] = 0;
	object->gnu_hash[6] = 0;
	object->gnu_hash[1] = 0; /* then 0 is no symbol below the first */
	assert_true(symbols_of(&s, made(0x5000, true, HASH), 0x5000));
	assert_null(symbols_find(&s, "one"));
	assert_true(symbols_of(&s, made(0x5000, true, GNU_HASH), 0x5000));
	assert_null(symbols_find(&s, "one"));
}

static void without_a_table_there_is_nothing_to_look_up(void **state)
{
	struct symbols s;

	(void)state;
	assert_false(symbols_of(&s, NULL, 0));
	for (int missing = 0; missing < 4; missing++) {
		made(0x5000, true, HASH);
		object->dynamic[missing].d_tag = DT_DEBUG;
		assert_int_equal(symbols_of(&s, object->dynamic, 0x5000),
				 missing == 2); /* versions are optional */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			addresses_are_read_as_moved_or_as_in_the_file, begin),
		cmocka_unit_test_setup(a_table_without_buckets_defines_nothing,
				       begin),
		cmocka_unit_test_setup(an_empty_bucket_defines_nothing, begin),
		cmocka_unit_test_setup(
			without_a_table_there_is_nothing_to_look_up, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
