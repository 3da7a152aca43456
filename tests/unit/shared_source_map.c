#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "shared/source_map.h"
#include "shared/source_map_path.h"

/* --- a map in memory ------------------------------------------------------ */

struct bytes {
	const char *at;
	size_t length;
};

static size_t read_bytes(void *of, size_t at, char *to, size_t most)
{
	const struct bytes *b = of;
	size_t n = at < b->length ? b->length - at : 0;

	n = n < most ? n : most;
	memcpy(to, b->at + at, n);
	return n;
}

static const char *find_in(struct bytes b, enum json_stream_encoding encoding,
			   uint32_t line, uint32_t column)
{
	static char told[SOURCE_MAP_NAME * 2 + 64];
	struct json_stream_text text = {read_bytes, &b, 0, encoding};
	struct source_map m;

	memset(&m, 0xaa, sizeof m);
	if (!source_map_find(&m, &text,
			     (struct source_map_position){line, column}))
		return "none";
	snprintf(told, sizeof told, "%s%s%s:%u:%u", m.root, *m.root ? "|" : "",
		 m.name, m.found.line, m.found.column);
	return told;
}

/* In the map, with single quotes for double ones. */
static const char *find(const char *map, uint32_t line, uint32_t column)
{
	static char text[1 << 16];
	size_t n = strlen(map);

	for (size_t i = 0; i <= n; i++)
		text[i] = (char)(map[i] == '\'' ? '"' : map[i]);
	return find_in((struct bytes){text, n}, JSON_STREAM_PLAIN, line,
		       column);
}

/* Line 0: column 0 is a.ts:0:0, column 4 is a.ts:2:1, column 9 b.ts:1:0,
 * column 12 has no source. Line 2: column 3 is b.ts:5:2. */
#define MAPPINGS "AAAA,IAEC,KCDD,G;;GAIE"
#define SOURCES	 "'sources':['a.ts','b.ts']"

static void a_position_becomes_that_of_the_nearest_mapping_before_it(void **s)
{
	const char *map = "{'mappings':'" MAPPINGS "'," SOURCES "}";

	(void)s;
	assert_string_equal(find(map, 0, 0), "a.ts:0:0");
	assert_string_equal(find(map, 0, 3), "a.ts:0:0");
	assert_string_equal(find(map, 0, 4), "a.ts:2:1");
	assert_string_equal(find(map, 0, 8), "a.ts:2:1");
	assert_string_equal(find(map, 0, 9), "b.ts:1:0");
	assert_string_equal(find(map, 0, 12), "none");
	assert_string_equal(find(map, 0, 1000), "none");
	assert_string_equal(find(map, 1, 0), "none");
	assert_string_equal(find(map, 2, 2), "none");
	assert_string_equal(find(map, 2, 3), "b.ts:5:2");
	assert_string_equal(find(map, 2, 400), "b.ts:5:2");
	assert_string_equal(find(map, 3, 0), "none");
}

static void keys_come_in_any_order_with_blanks_and_unknown_ones(void **s)
{
	(void)s;
	assert_string_equal(
		find("{ 'version' : 3 , " SOURCES " , 'sourcesContent' : [ "
		     "'{\\'mappings\\':\\'QQQQ\\', \\u0041[', null ] , "
		     "'x':{'mappings':'QQQQ','y':[[],{},-1.5e3,true]},\n"
		     "'mappings':\t'" MAPPINGS "' , 'names':[] }",
		     0, 9),
		"b.ts:1:0");
	assert_string_equal(find("{'mappings': '" MAPPINGS "',"
				 "'sourceRoot':'../src'," SOURCES "}",
				 0, 4),
			    "../src|a.ts:2:1");
	assert_string_equal(find("{" SOURCES ",'mappings':'" MAPPINGS
				 "','sourceRoot':''}",
				 0, 4),
			    "a.ts:2:1");
	assert_string_equal(
		find(")]}'\n{'mappings':'" MAPPINGS "'," SOURCES "}", 0, 4),
		"a.ts:2:1");
}

static void escapes_in_names_are_undone(void **s)
{
	(void)s;
	assert_string_equal(find("{'mappings':'AAAA','sources':['\\u00e9\\/"
				 "\\\\\\'\\ud83d.ts']}",
				 0, 0),
			    "\xc3\xa9/\\\"?.ts:0:0");
	assert_string_equal(
		find("{'mappings':'\\u0041AAA','sources':['a.ts']}", 0, 0),
		"a.ts:0:0");
}

static void without_a_column_a_line_of_one_source_line_is_found(void **s)
{
	const char *map =
		"{'mappings':'" MAPPINGS ";AACA,IAAI;AACA,IACA'," SOURCES "}";

	(void)s;
	assert_string_equal(find(map, 0, SOURCE_MAP_ANY_COLUMN), "none");
	assert_string_equal(find(map, 2, SOURCE_MAP_ANY_COLUMN), "b.ts:5:2");
	assert_string_equal(find(map, 3, SOURCE_MAP_ANY_COLUMN), "b.ts:6:2");
	assert_string_equal(find(map, 4, SOURCE_MAP_ANY_COLUMN), "none");
}

static void a_map_of_sections_is_searched_in_the_right_one(void **s)
{
	const char *map =
		"{'version':3,'sections':["
		"{'offset':{'line':0,'column':0},'map':{'mappings':'AAAA',"
		"'sources':['first.ts']}},"
		"{'map':{'sources':['x.ts','second.ts'],'mappings':'AAAA,KCAA;"
		"AACA','sourceRoot':'r'},'offset':{'column':10,'line':0}},"
		"{'offset':{'line':7,'column':0},'url':'third.map'}]}";

	(void)s;
	assert_string_equal(find(map, 0, 9), "first.ts:0:0");
	assert_string_equal(find(map, 0, 10), "r|x.ts:0:0");
	assert_string_equal(find(map, 0, 15), "r|second.ts:0:0");
	assert_string_equal(find(map, 1, 0), "r|second.ts:1:0");
	assert_string_equal(find(map, 5, 0), "none");
	assert_string_equal(find(map, 7, 0), "none");
	assert_string_equal(find(map, 0, SOURCE_MAP_ANY_COLUMN), "none");
	assert_string_equal(find("{'sections':[{'offset':{'line':4,'column':0},"
				 "'map':{'mappings':'AAAA','sources':['a']}}]}",
				 3, 0),
			    "none");
}

static void what_is_no_map_is_not_found(void **s)
{
	static const char *const maps[] = {
		"",
		"{",
		"{}",
		"[]",
		"null",
		"'AAAA'",
		"{'mappings':'AAAA'}",
		"{'mappings':'AAAA','sources':[]}",
		"{'mappings':'AAAA','sources':[null]}",
		"{'mappings':'AAAA','sources':['']}",
		"{'mappings':'AACA','sources':{}}",
		"{'mappings':'ACAA','sources':['a']}",
		"{'mappings':'ADAA','sources':['a']}",
		"{'mappings':'A','sources':['a']}",
		"{'mappings':'////////////////','sources':['a']}",
		"{'mappings':['AAAA'],'sources':['a']}",
		"{'mappings':'!','sources':['a']}",
		"{'sections':{},'sources':['a']}",
		"{'sections':[[],1,null,{'offset':1,'map':2}]}",
	};

	(void)s;
	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
		assert_string_equal(find(maps[i], 0, 0), "none");
}

static void ignore_segment(void *of, const struct source_map_segment *segment)
{
	(void)of;
	(void)segment;
}

static void take_content(void *of, struct json_stream *json)
{
	json_stream_string(json, of, 64);
}

/* Of a map in which column 0 was found: is the rest well? */
static bool is_well(const char *mappings)
{
	char map[256], content[64];
	struct source_map_visitor visitor = {content, ignore_segment,
					     take_content};
	struct bytes b = {map, 0};
	struct json_stream_text text = {read_bytes, &b, 0, JSON_STREAM_PLAIN};
	struct source_map m;

	b.length = (size_t)sprintf(
		map, "{\"mappings\":\"%s\",\"sources\":[\"a\"]}", mappings);
	assert_true(
		source_map_find(&m, &text, (struct source_map_position){0, 0}));
	return source_map_visit(&m, &text, &visitor);
}

static void a_number_that_is_too_large_breaks_the_map(void **s)
{
	(void)s;
	assert_string_equal(
		find("{'mappings':'AAAA,+////DAAA','sources':['a']}", 0, 9),
		"a:0:0");
	assert_string_equal(
		find("{'mappings':'AAAA,ggggggEAAA','sources':['a']}", 0, 9),
		"none");
	assert_string_equal(
		find("{'mappings':'AAAA,gggggggBAAA','sources':['a']}", 0, 9),
		"none");
	assert_string_equal(
		find("{'mappings':'AAAA,DAAA','sources':['a']}", 0, 9), "none");
	assert_string_equal(find("{'mappings':'AAAA,AADA,AACA','sources':["
				 "'a']}",
				 0, 9),
			    "none");
	assert_true(is_well("AAAA;AACA,CAAA"));
	assert_false(is_well("AAAA;AACA,ggggggEAAA"));
	assert_false(is_well("AAAA;AACA,ggggggggggggggggB"));
	assert_false(is_well("AAAA;AAFA"));
	assert_false(is_well("AAAA;AAAA,+/////DAAA,+/////DAAA"));
}

/* Segments and content of the source that was found, wherever they stand. */
struct visit {
	char text[256];
	size_t n;
};

static void show_segment(void *of, const struct source_map_segment *segment)
{
	struct visit *v = of;

	v->n += (size_t)sprintf(v->text + v->n, "%u:%u ",
				segment->generated.line,
				segment->generated.column);
	if (segment->has_source)
		v->n += (size_t)sprintf(
			v->text + v->n, "%u:%u:%u ", segment->source,
			segment->in_source.line, segment->in_source.column);
}

static void show_content(void *of, struct json_stream *json)
{
	struct visit *v = of;

	json_stream_string(json, v->text + v->n, 16);
	v->n += strlen(v->text + v->n);
}

static void a_visitor_is_told_segments_and_content(void **s)
{
	static const char *const maps[] = {
		"{\"sourcesContent\":[\"A\",\"B\\n\"],\"mappings\":\"" MAPPINGS
		"\",\"sources\":[\"a\",\"b\"]}",
		"{\"sections\":[{\"offset\":{\"line\":0,\"column\":0},\"map\":{"
		"\"sourcesContent\":[\"A\",\"B\\n\"],\"mappings\":\"" MAPPINGS
		"\",\"sources\":[\"a\",\"b\"]}},{\"offset\":{\"line\":9,"
		"\"column\":0},\"map\":{\"mappings\":\"AAAA\",\"sources\":["
		"\"c\"]"
		",\"sourcesContent\":[\"C\"]}}]}"};

	(void)s;
	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
		struct bytes b = {maps[i], strlen(maps[i])};
		struct json_stream_text text = {read_bytes, &b, 0,
						JSON_STREAM_PLAIN};
		struct visit v = {.n = 0};
		struct source_map_visitor visitor = {&v, show_segment,
						     show_content};
		struct source_map m;

		assert_true(source_map_find(
			&m, &text, (struct source_map_position){0, 9}));
		assert_true(source_map_visit(&m, &text, &visitor));
		assert_non_null(strstr(v.text, "B\n"));
		assert_null(strstr(v.text, "A"));
		assert_non_null(strstr(v.text, "0:0 0:0:0 0:4 0:2:1 0:9 1:1:0 "
					       "0:12 2:3 1:5:2 "));
	}
}

static void a_name_that_is_too_long_is_none(void **s)
{
	char map[1024] = "{'mappings':'AAAA','sources':['";
	size_t n = strlen(map);

	(void)s;
	memset(map + n, 'a', SOURCE_MAP_NAME);
	strcpy(map + n + SOURCE_MAP_NAME, "']}");
	assert_string_equal(find(map, 0, 0), "none");
	strcpy(map + n + SOURCE_MAP_NAME - 1, "']}");
	assert_non_null(strstr(find(map, 0, 0), "aaa:0:0"));
}

/* --- encodings ------------------------------------------------------------ */

static struct bytes in_base64(const char *text, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+/";
	static char to[1 << 16];
	size_t length = 0;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t w = 0;

		for (size_t k = 0; k < 3; k++)
			w = w << 8 | (i + k < n ? (uint8_t)text[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			to[length++] = i + k > n
					       ? '='
					       : digits[w >> (18 - 6 * k) & 63];
	}
	return (struct bytes){to, length};
}

static struct bytes in_percent(const char *text, size_t n)
{
	static char to[1 << 16];
	size_t length = 0;

	for (size_t i = 0; i < n; i++)
		if (strchr("{}[]\" ", text[i]))
			length += (size_t)sprintf(to + length, "%%%02X",
						  (uint8_t)text[i]);
		else
			to[length++] = text[i];
	return (struct bytes){to, length};
}

/* A map with `fill` bytes before what matters, so that pieces end anywhere. */
static size_t write_long(char *to, size_t fill)
{
	size_t n = (size_t)sprintf(to, "{\"file\":\"");

	memset(to + n, 'x', fill);
	return n + fill +
	       (size_t)sprintf(to + n + fill, "\",\"mappings\":\"AAAA;AACA\","
					      "\"sources\":[\"a b.ts\"]}");
}

static void an_inline_map_is_read_through_its_encoding(void **s)
{
	char map[4096];

	(void)s;
	for (size_t fill = 0; fill < 3 * JSON_STREAM_PIECE; fill++) {
		size_t n = write_long(map, fill);

		assert_string_equal(find_in((struct bytes){map, n},
					    JSON_STREAM_PLAIN, 1, 0),
				    "a b.ts:1:0");
		assert_string_equal(
			find_in(in_base64(map, n), JSON_STREAM_BASE64, 1, 0),
			"a b.ts:1:0");
		assert_string_equal(
			find_in(in_percent(map, n), JSON_STREAM_PERCENT, 1, 0),
			"a b.ts:1:0");
	}
}

/* --- hostile maps --------------------------------------------------------- */

static const char seeds[][400] = {
	"{\"version\":3,\"sources\":[\"a.ts\",\"b.ts\"],\"sourcesContent\":"
	"[\"x\\\"y\",null],\"names\":[\"n\"],\"mappings\":\"AAAA,IAEC,KCDD,G;;"
	"GAIEA\",\"sourceRoot\":\"r/\"}",
	"{\"sections\":[{\"offset\":{\"line\":0,\"column\":0},\"map\":{"
	"\"mappings\":\"AAAA\",\"sources\":[\"f\"]}},{\"map\":{\"sources\":["
	"\"x\",\"y\"],\"mappings\":\"AAAA,KCAA;ACCA\"},\"offset\":{\"column\""
	":10,\"line\":0}}]}",
};

static const char pieces[][16] = {"\"",
				  "\\",
				  "{",
				  "}",
				  "[",
				  "]",
				  ":",
				  ",",
				  ";",
				  "\\u12",
				  "//",
				  "gggg",
				  "99999999",
				  "\n",
				  "%7",
				  "AAAA",
				  "\"mappings\"",
				  "\"offset\""};

/* Bytes changed, doubled, cut, and pieces of the grammar put anywhere. */
static size_t mutate(char *to, size_t room, unsigned *seed)
{
	const char *from = seeds[(size_t)rand_r(seed) % 2];
	size_t n = strlen(from);

	memcpy(to, from, n);
	for (int i = rand_r(seed) % 6; i >= 0; i--) {
		const char *piece = pieces[(size_t)rand_r(seed) %
					   (sizeof pieces / sizeof *pieces)];
		size_t at = (size_t)rand_r(seed) % n, length = strlen(piece);

		if (rand_r(seed) % 4 == 0 && n > 40) {
			n -= (size_t)rand_r(seed) % 20;
		} else if (rand_r(seed) % 2) {
			to[at] = (char)rand_r(seed);
		} else if (n + length < room) {
			memmove(to + at + length, to + at, n - at);
			memcpy(to + at, piece, length);
			n += length;
		}
	}
	return n;
}

/* SOURCE_MAP_INPUTS=10000000 for a long run. */
static void a_hostile_map_harms_nobody(void **s)
{
	const char *asked = getenv("SOURCE_MAP_INPUTS");
	unsigned long inputs = asked ? strtoul(asked, NULL, 10) : 20000;
	unsigned seed = asked ? (unsigned)inputs : 1;
	char path[SOURCE_MAP_NAME], content[64];
	struct source_map_visitor visitor = {content, ignore_segment,
					     take_content};

	(void)s;
	for (unsigned long i = 0; i < inputs; i++) {
		char *map = malloc(1024); /* its ends are watched */
		struct bytes b = {map, mutate(map, 1024, &seed)};
		struct json_stream_text text = {read_bytes, &b, 0,
						JSON_STREAM_PLAIN};
		struct source_map_position at = {(uint32_t)rand_r(&seed) % 4,
						 (uint32_t)rand_r(&seed) % 16};
		struct source_map m;

		text.encoding =
			(enum json_stream_encoding)(i % 8 > 2 ? 0 : i % 3);
		if (!(i % 16))
			at.column = SOURCE_MAP_ANY_COLUMN;
		if (i % 8 == 1)
			b = in_base64(map, b.length);
		if (source_map_find(&m, &text, at))
			source_map_path(path, 32 + i % 64, "/a/b.js", m.root,
					m.name),
				source_map_visit(&m, &text, &visitor);
		free(map);
	}
}

/* Time grows with the length, whatever the text. */
static void any_map_is_read_in_linear_time(void **s)
{
	static const char *const repeated[] = {"[",
					       "{\"a\":",
					       "\"sections\":[",
					       "{\"map\":",
					       "\"mappings\":\"AAAA\",",
					       "\"sources\":[\"\"],",
					       ";",
					       "gggggg"};
	size_t room = 4 << 20;
	char *map = malloc(room);

	(void)s;
	for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++) {
		size_t n = strlen(repeated[i]);

		map[0] = '{';
		for (size_t at = 1; at + n < room; at += n)
			memcpy(map + at, repeated[i], n);
		assert_string_equal(find_in((struct bytes){map, room - n},
					    JSON_STREAM_PLAIN, 5, 0),
				    "none");
	}
	free(map);
}

/* --- paths ---------------------------------------------------------------- */

static const char *path_of(const char *base, const char *root,
			   const char *source)
{
	static char path[64];

	return source_map_path(path, sizeof path, base, root, source) ? path
								      : "none";
}

static void a_source_lies_relative_to_its_map(void **s)
{
	(void)s;
	assert_string_equal(path_of("/p/dist/main.js", "", "../src/main.ts"),
			    "/p/src/main.ts");
	assert_string_equal(path_of("/p/dist/main.js", "", "main.ts"),
			    "/p/dist/main.ts");
	assert_string_equal(path_of("/p/dist/main.js", "", "/abs/./x/../m.ts"),
			    "/abs/m.ts");
	assert_string_equal(path_of("/p/dist/main.js", "../src", "main.ts"),
			    "/p/src/main.ts");
	assert_string_equal(path_of("/p/dist/main.js", "/root/", "a/main.ts"),
			    "/root/a/main.ts");
	assert_string_equal(path_of("/p/dist/main.js", "/root", "/abs/main.ts"),
			    "/abs/main.ts");
	assert_string_equal(path_of("/main.js", "", "../../../main.ts"),
			    "/main.ts");
	assert_string_equal(path_of("dist/main.js", "", "../src/main.ts"),
			    "src/main.ts");
	assert_string_equal(path_of("main.js", "", "../../src/main.ts"),
			    "../../src/main.ts");
	assert_string_equal(path_of("/p/main.js", "", ""), "none");
	assert_string_equal(path_of("/p/main.js", "", "."), "/p/");
}

static void a_url_becomes_a_path(void **s)
{
	(void)s;
	assert_string_equal(path_of("/p/x.js", "", "file:///a/b%20c.ts"),
			    "/a/b c.ts");
	assert_string_equal(path_of("/p/x.js", "file:///a/", "b.ts"),
			    "/a/b.ts");
	assert_string_equal(path_of("file:///p/d%C3%A9/x.js", "", "../b.ts"),
			    "/p/b.ts");
	assert_string_equal(path_of("/p/x.js", "", "file://host/b.ts"), "none");
	assert_string_equal(path_of("/p/x.js", "", "webpack://app/./src/b.ts"),
			    "./src/b.ts");
	assert_string_equal(path_of("/p/x.js", "", "webpack:///./src/b.ts?1ab"),
			    "./src/b.ts");
	assert_string_equal(path_of("/p/x.js", "", "webpack://a/src/b.ts"),
			    "./src/b.ts");
	assert_string_equal(
		path_of("/p/x.js", "", "webpack://a/node_modules/p/b.js"),
		"./node_modules/p/b.js");
	assert_string_equal(
		path_of("/p/x.js", "", "webpack-internal:///(rsc)/./app/r.ts"),
		"./app/r.ts");
	assert_string_equal(
		path_of("/p/x.js", "", "turbopack:///[project]/app/[id]/r.ts"),
		"./app/[id]/r.ts");
	assert_string_equal(path_of("/p/x.js", "", "webpack:///../b.ts"),
			    "./../b.ts");
}

static void code_of_a_bundler_has_no_path(void **s)
{
	static const char *const sources[] = {
		"webpack://app/webpack/bootstrap",
		"webpack://app/external commonjs \"fs\"",
		"turbopack:///[turbopack]/runtime.ts",
		"webpack://app",
		"webpack://app/",
		"webpack:///(rsc)/",
	};

	(void)s;
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		assert_string_equal(path_of("/p/x.js", "", sources[i]), "none");
}

static void a_path_that_is_too_long_is_none(void **s)
{
	char source[200] = "";

	(void)s;
	memset(source, 'a', 70);
	assert_string_equal(path_of("/p/x.js", "", source), "none");
	assert_string_equal(path_of(source, "", "b.ts"), "none");
	assert_string_equal(path_of("/p/x.js", source, "b.ts"), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_position_becomes_that_of_the_nearest_mapping_before_it),
		cmocka_unit_test(
			keys_come_in_any_order_with_blanks_and_unknown_ones),
		cmocka_unit_test(escapes_in_names_are_undone),
		cmocka_unit_test(
			without_a_column_a_line_of_one_source_line_is_found),
		cmocka_unit_test(
			a_map_of_sections_is_searched_in_the_right_one),
		cmocka_unit_test(what_is_no_map_is_not_found),
		cmocka_unit_test(a_number_that_is_too_large_breaks_the_map),
		cmocka_unit_test(a_visitor_is_told_segments_and_content),
		cmocka_unit_test(a_name_that_is_too_long_is_none),
		cmocka_unit_test(an_inline_map_is_read_through_its_encoding),
		cmocka_unit_test(a_hostile_map_harms_nobody),
		cmocka_unit_test(any_map_is_read_in_linear_time),
		cmocka_unit_test(a_source_lies_relative_to_its_map),
		cmocka_unit_test(a_url_becomes_a_path),
		cmocka_unit_test(code_of_a_bundler_has_no_path),
		cmocka_unit_test(a_path_that_is_too_long_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
