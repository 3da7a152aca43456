#include "command_sites/tools/notebook.h"

#include <dirent.h>

#include "base/array.h"
#include "model/place.h"
#include "trace/caller.h"
#include "trace/json.h"
#include "trace/site.h"

enum {
	MOST_NOTEBOOKS = 64,
	MOST_BYTES = 64 << 20, /* of all */
	MOST_CELLS = 10000,
	MOST_CLIMBS = 8,
};

struct cell {
	uint32_t hash;
	struct str place, path; /* FILE.ipynb:cell N */
	bool is_ambiguous;
};

struct cells {
	struct written_files *files;
	struct cell *at;
	size_t n, room, notebooks, bytes;
	bool is_first_meant; /* a later notebook is a result */
};

/* --- the hash of a text --------------------------------------------------- */

static uint32_t word_of(const unsigned char *at, size_t n)
{
	uint32_t word = 0;

	while (n--)
		word = word << 8 | at[n];
	return word;
}

/* MurmurHash2, with the seed of ipykernel. */
static uint32_t hash_of(struct str text)
{
	const uint32_t m = 0x5bd1e995;
	const unsigned char *at = (const unsigned char *)text.at;
	uint32_t h = 0xc70f6907 ^ (uint32_t)text.len, k;
	size_t left = text.len;

	for (; left >= 4; at += 4, left -= 4) {
		k = word_of(at, 4) * m;
		k = (k ^ k >> 24) * m;
		h = h * m ^ k;
	}
	if (left)
		h = (h ^ word_of(at, left)) * m;
	h = (h ^ h >> 13) * m;
	return h ^ h >> 15;
}

/* --- notebooks ------------------------------------------------------------ */

static void add_cell(struct cells *c, struct str path, struct str text,
		     size_t number)
{
	uint32_t hash = hash_of(text);

	for (size_t i = 0; i < c->n; i++)
		if (c->at[i].hash == hash) {
			c->at[i].is_ambiguous |= !c->is_first_meant ||
						 str_eq(c->at[i].path, path);
			return;
		}
	if (c->n == MOST_CELLS)
		return;
	*ARRAY_ADD(c->files->arena, c->at, c->n, c->room) = (struct cell){
		.hash = hash,
		.path = path,
		.place = arena_print(c->files->arena, "%.*s:cell %zu",
				     STR_FMT(path), number)};
}

/* A text, or a list of lines with their ends. */
static struct str text_of_source(struct arena *a, struct json *j)
{
	size_t n = 0, room = 0;
	char *at = NULL;

	if (json_peek(j) == JSON_STRING)
		return json_string(j);
	json_open(j, JSON_ARRAY);
	while (json_item(j)) {
		struct str line = json_string(j);

		for (size_t i = 0; i < line.len; i++)
			*ARRAY_ADD(a, at, n, room) = line.at[i];
	}
	return (struct str){at, n};
}

/* False: the cell is text for readers. */
static bool read_cell(struct arena *a, struct json *j, struct str *ret_text)
{
	struct str key;
	bool is_code = false;

	json_open(j, JSON_OBJECT);
	while (json_key(j, &key))
		if (str_eq(key, STR("cell_type")))
			is_code = str_eq(json_string(j), STR("code"));
		else if (str_eq(key, STR("source")))
			*ret_text = text_of_source(a, j);
		else
			json_skip(j);
	return is_code;
}

static void read_cells(struct cells *c, struct str path, struct json *j)
{
	size_t number = 0;

	json_open(j, JSON_ARRAY);
	while (json_item(j)) {
		struct str text = {NULL, 0};

		if (read_cell(c->files->arena, j, &text))
			add_cell(c, path, text, ++number);
	}
}

static void read_notebook(struct cells *c, struct str path)
{
	struct json j;
	struct str key, text;

	if (c->notebooks++ >= MOST_NOTEBOOKS || c->bytes >= MOST_BYTES)
		return;
	text = read_own_file(c->files, path);
	if (!text.len)
		return;
	c->bytes += text.len;
	j = json_of(c->files->arena, text);
	json_open(&j, JSON_OBJECT);
	while (json_key(&j, &key))
		if (str_eq(key, STR("cells")))
			read_cells(c, path, &j);
		else
			json_skip(&j);
}

static bool is_notebook(struct str name)
{
	const struct str ending = STR(".ipynb");

	return name.len > ending.len && *name.at != '.' &&
	       !memcmp(name.at + name.len - ending.len, ending.at, ending.len);
}

static void read_arguments(struct cells *c, const struct image *image)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 1; i < args->n; i++)
		if (is_notebook(args->at[i]) &&
		    !str_is_listed(args->at[i - 1], "--output -o") &&
		    *args->at[i].at != '-')
			read_notebook(c, path_below(c->files->arena, image->cwd,
						    args->at[i]));
}

static void read_directory(struct cells *c, struct str directory)
{
	struct str path = path_below(c->files->arena, STR("/"), directory);
	DIR *d = path.len ? opendir(path.at) : NULL;
	const struct dirent *entry;

	while (d && (entry = readdir(d)) && c->notebooks < MOST_NOTEBOOKS)
		if (is_notebook(str_of(entry->d_name)))
			read_notebook(c, path_below(c->files->arena, path,
						    str_of(entry->d_name)));
	if (d)
		closedir(d);
}

/* Notebooks of the arguments are read alone: a result beside, by nbconvert, has
 * the same cells. papermill names the result behind. */
static struct cells cells_of(struct written_files *files,
			     const struct image *kernel)
{
	struct cells c = {.files = files, .is_first_meant = true};
	size_t climbs = MOST_CLIMBS;

	for (const struct image *at = kernel->parent; at && climbs--;
	     at = at->parent)
		if (!c.n && !at->owner)
			read_arguments(&c, model_program(at));
	c.is_first_meant = c.n;
	if (!c.n)
		read_directory(&c, kernel->cwd);
	return c;
}

/* --- places --------------------------------------------------------------- */

static const struct cell *find_cell(const struct cells *c, struct str site)
{
	struct str digits = place_cell(site);
	uint64_t hash = 0;

	for (size_t i = 0; i < digits.len && i < 10; i++)
		hash = hash * 10 + (uint64_t)(digits.at[i] - '0');
	for (size_t i = 0; digits.len && i < c->n; i++)
		if (c->at[i].hash == hash && !c->at[i].is_ambiguous)
			return &c->at[i];
	return NULL;
}

static struct str site_in_cell(const struct cells *c, struct str site)
{
	const struct cell *cell = find_cell(c, site);

	return cell ? site_at(c->files->arena, cell->place,
			      (unsigned long)site_line(site))
		    : site;
}

static struct str caller_in_cell(const struct cells *c, struct str text)
{
	struct caller caller = caller_of(text);

	if (!find_cell(c, caller.site))
		return text;
	return arena_print(c->files->arena, "%.*s%s%.*s",
			   STR_FMT(site_in_cell(c, caller.site)),
			   caller.function.len ? " " : "",
			   STR_FMT(caller.function));
}

static bool has_cell(const struct event *e)
{
	for (size_t i = 0; i < count_frames(e); i++)
		if (place_cell(nth_frame(e, i).site).len)
			return true;
	return false;
}

static void tell(const struct cells *c, struct event *e)
{
	struct strs callers = {
		TAKE(c->files->arena, struct str, e->callers.n + 1),
		e->callers.n};

	e->site = site_in_cell(c, e->site);
	for (size_t i = 0; i < callers.n; i++)
		callers.at[i] = caller_in_cell(c, e->callers.at[i]);
	e->callers = callers;
	e->mapped_here = true;
}

void find_notebook_cells(struct written_files *files, const struct image *image)
{
	struct cells c = {.files = NULL};

	for (size_t i = 0; i < image->n_events && !image->owner; i++) {
		struct event *e = model_event_to_write(image->events[i]);

		if (!has_cell(e))
			continue;
		if (!c.files)
			c = cells_of(files, model_program(image));
		if (c.n)
			tell(&c, e);
	}
}
