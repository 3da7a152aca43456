#include "shared/source_map.h"

#include "shared/text.h"

enum { KEY = 16, PASSES = 3 };

/* --- mappings ------------------------------------------------------------- */

/* "AAgBC": numbers of a segment, each the difference to the one before: column,
 * then perhaps source, line, column in the source, and a name. */
struct segment {
	uint32_t number[5];
	unsigned count;
	uint32_t bits; /* of the number that is being read */
	unsigned shift;
};

struct walk {
	struct segment segment;
	uint32_t line, column; /* generated */
	uint32_t source, source_line, source_column;
};

/* False: the number has more than 32 bits. */
static bool add_digit(struct segment *s, uint32_t digit)
{
	uint64_t bits = (uint64_t)(digit & 31) << s->shift;

	if (bits > UINT32_MAX || s->shift > 30)
		return false;
	s->bits |= (uint32_t)bits;
	s->shift += 5;
	if (digit & 32)
		return true;
	if (s->count < ARRAY_LENGTH(s->number))
		s->number[s->count++] =
			s->bits & 1 ? -(s->bits >> 1) : s->bits >> 1;
	s->bits = s->shift = 0;
	return true;
}

static void keep(const struct walk *w, struct source_map *m, bool has_source)
{
	if (m->wanted.column == SOURCE_MAP_ANY_COLUMN && m->has_position) {
		m->is_ambiguous |=
			has_source && (m->source != w->source ||
				       m->found.line != w->source_line);
		return;
	}
	m->has_position = has_source;
	m->source = w->source;
	m->found =
		(struct source_map_position){w->source_line, w->source_column};
}

static void show(const struct walk *w, const struct source_map *m,
		 bool has_source)
{
	struct source_map_segment segment = {
		.generated = {w->line, w->column},
		.in_source = {w->source_line, w->source_column},
		.source = w->source,
		.has_source = has_source};

	m->visitor->segment(m->visitor->of, &segment);
}

/* A sum of the differences. False: it is negative, or wrapped around. */
static bool add(uint32_t *sum, uint32_t difference)
{
	*sum += difference;
	return *sum <= INT32_MAX;
}

static bool add_segment(struct walk *w, const struct segment *s)
{
	return add(&w->column, s->number[0]) &&
	       (s->count < 4 || (add(&w->source, s->number[1]) &&
				 add(&w->source_line, s->number[2]) &&
				 add(&w->source_column, s->number[3])));
}

/* A segment ends. False: the segment lies behind the wanted position, or is
 * broken. */
static bool end_segment(struct walk *w, struct source_map *m)
{
	struct segment *s = &w->segment;
	bool has_source = s->count >= 4;

	if (!s->count)
		return true;
	if (!add_segment(w, s))
		return !(m->is_broken = true);
	s->count = 0;
	if (m->visitor)
		show(w, m, has_source);
	else if (w->line == m->wanted.line && w->column > m->wanted.column)
		return false;
	else if (w->line == m->wanted.line)
		keep(w, m, has_source);
	return true;
}

/* Behind the opening quote. Leaves the string's end to the caller. */
static bool walk_mappings(struct source_map *m)
{
	struct walk w = {.line = 0};
	int c;

	while ((c = json_stream_character(&m->json)) >= 0) {
		int digit = base64_digit(c);

		if (digit >= 0 && add_digit(&w.segment, (uint32_t)digit))
			continue;
		if (digit >= 0)
			return !(m->is_broken = true);
		if ((c != ',' && c != ';') || !end_segment(&w, m))
			return false;
		if (c == ';' && w.line++ == m->wanted.line && !m->visitor)
			return false;
		w.column = c == ';' ? 0 : w.column;
	}
	end_segment(&w, m);
	return true; /* the string has ended */
}

static void find_position(struct source_map *m)
{
	if (!json_stream_take(&m->json, '"'))
		json_stream_skip(&m->json);
	else if (!walk_mappings(m))
		json_stream_end_string(&m->json);
}

/* --- keys ----------------------------------------------------------------- */

static void take_item(struct source_map *m, uint32_t wanted,
		      void (*take)(struct source_map *))
{
	if (!json_stream_take(&m->json, '[')) {
		json_stream_skip(&m->json);
		return;
	}
	for (uint32_t i = 0; json_stream_item(&m->json, !i); i++)
		if (i == wanted)
			take(m);
		else
			json_stream_skip(&m->json);
}

static void take_name(struct source_map *m)
{
	m->has_name = json_stream_string(&m->json, m->name, sizeof m->name) &&
		      m->name[0];
}

static void show_content(struct source_map *m)
{
	m->visitor->content(m->visitor->of, &m->json);
}

static void show_value(struct source_map *m, const char *key)
{
	if (str_equal(key, "mappings"))
		find_position(m);
	else if (str_equal(key, "sourcesContent"))
		take_item(m, m->source, show_content);
	else
		json_stream_skip(&m->json);
}

/* The value of a key of a map. */
static void take_value(struct source_map *m, const char *key)
{
	if (m->visitor)
		show_value(m, key);
	else if (str_equal(key, "mappings") && !m->has_position)
		find_position(m);
	else if (str_equal(key, "sources") && m->has_position && !m->has_name)
		take_item(m, m->source, take_name);
	else if (str_equal(key, "sourceRoot"))
		json_stream_string(&m->json, m->root, sizeof m->root);
	else
		json_stream_skip(&m->json);
}

static void read_map(struct source_map *m)
{
	char key[KEY];

	if (!json_stream_take(&m->json, '{')) {
		json_stream_skip(&m->json);
		return;
	}
	while (json_stream_key(&m->json, key, sizeof key))
		take_value(m, key);
}

/* --- sections ------------------------------------------------------------- */

static struct source_map_position take_offset(struct source_map *m)
{
	struct source_map_position at = {0, 0};
	char key[KEY];

	if (!json_stream_take(&m->json, '{'))
		return at;
	while (json_stream_key(&m->json, key, sizeof key))
		if (str_equal(key, "line"))
			at.line = json_stream_number(&m->json);
		else if (str_equal(key, "column"))
			at.column = json_stream_number(&m->json);
		else
			json_stream_skip(&m->json);
	return at;
}

static struct source_map_position read_offset(struct source_map *m)
{
	struct source_map_position at = {UINT32_MAX, 0};
	char key[KEY];

	if (!json_stream_take(&m->json, '{')) {
		json_stream_skip(&m->json);
		return at;
	}
	while (json_stream_key(&m->json, key, sizeof key))
		if (str_equal(key, "offset"))
			at = take_offset(m);
		else
			json_stream_skip(&m->json);
	return at;
}

static void read_section(struct source_map *m)
{
	char key[KEY];

	if (!json_stream_take(&m->json, '{'))
		return;
	while (json_stream_key(&m->json, key, sizeof key))
		if (str_equal(key, "map"))
			read_map(m);
		else
			json_stream_skip(&m->json);
}

static bool is_behind(struct source_map_position a,
		      struct source_map_position b)
{
	return a.line != b.line ? a.line > b.line : a.column > b.column;
}

/* The last section that does not begin behind the wanted position. */
static void choose_section(struct source_map *m)
{
	struct source_map_position chosen = {0, 0};

	for (uint32_t i = 0; json_stream_item(&m->json, !i); i++) {
		struct source_map_position at = read_offset(m);

		if (is_behind(at, m->wanted) ||
		    (m->has_section && is_behind(chosen, at)))
			continue;
		m->has_section = true;
		m->section = i;
		chosen = at;
	}
	if (!m->has_section)
		return;
	if (m->wanted.column == SOURCE_MAP_ANY_COLUMN)
		m->is_ambiguous =
			chosen.line == m->wanted.line && chosen.column;
	else if (chosen.line == m->wanted.line)
		m->wanted.column -= chosen.column;
	m->wanted.line -= chosen.line;
}

static void read_sections(struct source_map *m)
{
	if (m->has_section)
		take_item(m, m->section, read_section);
	else if (json_stream_take(&m->json, '['))
		choose_section(m);
	else
		json_stream_skip(&m->json);
}

/* --- the map -------------------------------------------------------------- */

/* Before the map, a line `)]}'` may keep browsers from running it. */
static bool find_object(struct source_map *m)
{
	int c = json_stream_token(&m->json);

	if (c == ')')
		while (c >= 0 && c != '{')
			c = json_stream_token(&m->json);
	return c == '{';
}

static void read_once(struct source_map *m, const struct json_stream_text *text)
{
	char key[KEY];

	json_stream_begin(&m->json, text);
	if (!find_object(m))
		return;
	while (json_stream_key(&m->json, key, sizeof key))
		if (str_equal(key, "sections"))
			read_sections(m);
		else
			take_value(m, key);
}

bool source_map_find(struct source_map *m, const struct json_stream_text *text,
		     struct source_map_position wanted)
{
	m->wanted = wanted;
	m->has_section = m->has_position = m->has_name = false;
	m->is_ambiguous = m->is_broken = false;
	m->visitor = NULL;
	m->name[0] = m->root[0] = '\0';
	for (int pass = 0; pass < PASSES && !m->has_name && !m->is_broken;
	     pass++)
		read_once(m, text);
	return m->has_name && !m->is_ambiguous && !m->is_broken;
}

bool source_map_visit(struct source_map *m, const struct json_stream_text *text,
		      const struct source_map_visitor *visitor)
{
	m->visitor = visitor;
	read_once(m, text);
	m->visitor = NULL;
	return !m->is_broken;
}
