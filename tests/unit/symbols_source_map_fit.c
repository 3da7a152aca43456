/* Does a source map belong to the script, and the source to the map? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/source_map_fit.h"

static struct arena *arena;

static const char script[] = "exports.need = need;\n"
			     "function need(settings) {\n"
			     "    return process.env[settings.name];\n"
			     "}\n"
			     "need({ name: 'SOME_KEY' });\n";
static const char source[] = "interface Settings { name: string }\n"
			     "\n"
			     "export function need(settings: Settings) {\n"
			     "  return process.env[settings.name]\n"
			     "}\n"
			     "need({ name: 'SOME_KEY' })\n";

/* Of the words of `return process.env[settings.name]`, and others around. */
static const struct source_map_segment segments[] = {
	{{1, 0}, {2, 7}, 0, true},   {{1, 9}, {2, 16}, 0, true},
	{{1, 14}, {2, 21}, 0, true}, {{2, 4}, {3, 2}, 0, true},
	{{2, 11}, {3, 9}, 0, true},  {{2, 19}, {3, 17}, 0, true},
	{{2, 23}, {3, 21}, 0, true}, {{2, 32}, {3, 30}, 0, true},
	{{3, 0}, {4, 0}, 0, true},   {{4, 0}, {5, 0}, 0, true},
	{{4, 7}, {5, 7}, 0, true},   {{4, 13}, {5, 13}, 0, true}};

static struct text_lines lines(const char *text)
{
	return lines_of(arena, str_of(text));
}

/* The window around `env`. */
static struct map_window *window(void)
{
	static struct source_map map;
	static struct map_window w;

	map = (struct source_map){.wanted = {2, 20}};
	map_window_begin(&w, &map, map.wanted);
	for (size_t i = 0; i < sizeof segments / sizeof *segments; i++)
		map_window_add(&w, &segments[i]);
	return &w;
}

static bool fits(const char *of_script, const char *of_source)
{
	struct text_lines a = lines(of_script), b = lines(of_source);

	return map_fits_script(window(), &a) &&
	       map_fits_source(window(), &a, &b, true);
}

static const char *with(const char *before, const char *text)
{
	return arena_print(arena, "%s%s", before, text).at;
}

static void what_belongs_together_fits(void **state)
{
	(void)state;
	assert_true(fits(script, source));
	assert_true(fits(script, with("\xef\xbb\xbf", source)));
	assert_true(fits(with(script, "more();\n"), with(source, "more()\n")));
}

static void a_line_more_or_less_does_not_fit(void **state)
{
	(void)state;
	assert_false(fits(with("more();\n", script), source));
	assert_false(fits(strchr(script, '\n') + 1, source));
	assert_false(fits(script, with("// more\n", source)));
	assert_false(fits(script, strchr(source, '\n') + 1));
	assert_false(fits("", source));
	assert_false(fits(script, ""));
}

static void the_text_of_a_place_is_that_of_its_segment(void **state)
{
	struct text_lines a = lines(script), none = lines("");
	struct str text = map_window_text(window(), &a);

	(void)state;
	assert_true(str_eq(text, STR("env[")));
	assert_int_equal(map_window_text(window(), &none).len, 0);
}

static void a_segment_for_each_character_fits(void **state)
{
	static struct source_map map = {.wanted = {0, 3}};
	static struct map_window w;
	struct text_lines text = lines("function need\n"),
			  other = lines("  function need\n");

	(void)state;
	map_window_begin(&w, &map, map.wanted);
	for (uint32_t i = 0; i < 13; i++)
		map_window_add(&w, &(struct source_map_segment){
					   {0, i}, {0, i + 2}, 0, true});
	assert_true(map_fits_script(&w, &text));
	assert_true(map_fits_source(&w, &text, &other, false));
}

static void columns_count_units_of_utf16(void **state)
{
	struct text_lines text = lines("\xf0\x9f\x94\x91\xc3\xa9 word\r\n");
	struct text_spot spot = spot_at(&text, 0, 4);

	(void)state;
	assert_true(str_eq(word_at(&spot), STR("word")));
	assert_int_equal(text.at[0].len, 11);
	assert_true(spot_at(&text, 0, 5).is_inside_word);
	assert_false(spot_at(&text, 0, 8).is_beyond);
	assert_true(spot_at(&text, 0, 9).is_beyond);
	assert_true(spot_at(&text, 1, 0).is_beyond);
	assert_true(spot_at(&text, UINT32_MAX, UINT32_MAX).is_beyond);
}

static uint32_t any(unsigned *seed)
{
	uint32_t n = (uint32_t)rand_r(seed);

	return n % 3 ? n % 6 : n % 7 ? n % 80 : UINT32_MAX - n % 3;
}

static void hostile_segments_harm_nobody(void **state)
{
	static struct source_map map;
	static struct map_window w;
	struct text_lines a = lines(script), b = lines(source);
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		map.wanted = (struct source_map_position){
			any(&seed), i % 5 ? any(&seed) : SOURCE_MAP_ANY_COLUMN};
		map_window_begin(
			&w, &map,
			(struct source_map_position){any(&seed), any(&seed)});
		for (int k = rand_r(&seed) % 600; k > 0; k--)
			map_window_add(&w, &(struct source_map_segment){
						   {any(&seed), any(&seed)},
						   {any(&seed), any(&seed)},
						   any(&seed) % 2,
						   k % 9});
		assert_true(w.n <= WINDOW_SEGMENTS);
		map_fits_script(&w, &a);
		map_fits_source(&w, &a, &b, i % 2);
		map_window_text(&w, &a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_belongs_together_fits),
		cmocka_unit_test(a_line_more_or_less_does_not_fit),
		cmocka_unit_test(the_text_of_a_place_is_that_of_its_segment),
		cmocka_unit_test(a_segment_for_each_character_fits),
		cmocka_unit_test(columns_count_units_of_utf16),
		cmocka_unit_test(hostile_segments_harm_nobody),
	};

	arena = arena_new();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
