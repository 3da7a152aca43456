#include "recorder/process/callers.h"

#include "recorder/lib/str.h"
#include "recorder/process/redact/redact.h"
#include "recorder/trace/json_text.h"

/* Many libraries leave room for the program, the only part that its author can
 * edit. */
enum { OWN_FRAMES = 3, BUNDLED_FRAMES = 8, LIBRARIES = 4 };

/* ---- the text of the chosen frames --------------------------------------- */

static size_t text_bytes(const char *text)
{
	return str_length(text) + 1;
}

static void append(struct callers *c, const char *text, size_t bytes)
{
	__builtin_memcpy(c->text + c->length, text, bytes);
	c->length = (uint16_t)(c->length + bytes);
}

bool callers_append(struct callers *c, const struct caller_frame *f)
{
	const char *function = f->function ? f->function : "";
	char line[21];
	size_t file_bytes = text_bytes(f->file), line_bytes,
	       function_bytes = text_bytes(function);

	str_decimal(line, f->line);
	line_bytes = text_bytes(line);
	if (file_bytes + line_bytes + function_bytes >
	    CALLERS_BYTES - (size_t)c->length)
		return false;
	append(c, f->file, file_bytes);
	append(c, line, line_bytes);
	append(c, function, function_bytes);
	c->count++;
	callers_set_column(c, 0);
	return true;
}

void callers_set_column(struct callers *c, uint64_t column)
{
	if (c->count && c->count <= CALLERS_COLUMNS)
		c->column[c->count - 1] = (uint32_t)column;
}

static const char *next_text(const char *at)
{
	return at + str_length(at) + 1;
}

const char *callers_next(const struct callers *c, const char *at,
			 struct caller_frame *ret)
{
	const char *line;

	at = at ? at : c->text;
	if (at == c->text + c->length)
		return NULL;
	line = next_text(at);
	ret->file = at;
	ret->function = next_text(line);
	for (ret->line = 0; *line; line++)
		ret->line = ret->line * 10 + (uint64_t)(*line - '0');
	return next_text(ret->function);
}

/* ---- which frames are chosen --------------------------------------------- */

/* Of Python the package is the path of a module: openai/_client and
 * openai/_models are one package here. */
static struct source_owner classify(const char *file)
{
	struct source_owner f = find_source_owner(file, str_length(file));
	bool is_module = f.package && f.package[f.package_len] == '.';

	for (size_t i = 0; is_module && i < f.package_len; i++)
		if (f.package[i] == '/')
			f.package_len = i;
	return f;
}

/* Neighbours often are of one file, and of one text in memory. */
static struct source_owner classify_next(struct caller_choice *c,
					 const char *file)
{
	if (file != c->last_file)
		c->last = classify(file);
	c->last_file = file;
	return c->last;
}

static bool is_same_package(const struct caller_choice *c,
			    const struct source_owner *f)
{
	return c->package && c->package_length == f->package_len &&
	       bytes_equal(c->package, f->package, f->package_len);
}

static void keep_library(struct caller_choice *c, const struct source_owner *f,
			 const struct caller_frame *frame)
{
	c->library = *frame;
	c->package = f->package;
	c->package_length = f->package_len;
}

/* Tells the outermost frame of the library that the walk has left. */
static void leave_library(struct caller_choice *c)
{
	if (c->package && !c->is_site && c->libraries < LIBRARIES)
		c->libraries += callers_append(c->to, &c->library);
	c->package = NULL;
	c->is_site = false;
}

void callers_begin(struct caller_choice *c, struct callers *to,
		   const char *site_file)
{
	struct source_owner site;

	*c = (struct caller_choice){.to = to};
	site = classify_next(c, site_file);
	to->length = to->count = to->own = 0;
	if (site.owner == SOURCE_LIBRARY) {
		keep_library(c, &site, &(struct caller_frame){.line = 0});
		c->is_site = true;
	}
}

bool callers_add(struct caller_choice *c, const struct caller_frame *frame)
{
	struct source_owner f = classify_next(c, frame->file);

	if (f.owner == SOURCE_RUNTIME || c->is_full)
		return !c->is_full;
	if (f.owner == SOURCE_LIBRARY) {
		if (!is_same_package(c, &f))
			leave_library(c);
		keep_library(c, &f, frame);
		c->is_site = false;
		return !c->is_full;
	}
	leave_library(c);
	c->is_full =
		!callers_append(c->to, frame) ||
		++c->to->own == (c->is_bundled ? BUNDLED_FRAMES : OWN_FRAMES);
	return !c->is_full;
}

void callers_end(struct caller_choice *c)
{
	if (!c->is_full)
		leave_library(c);
}

/* ---- the field ----------------------------------------------------------- */

/* A part that does not fit is left out: a frame must fit as a whole. Marks for
 * the frame, and the end of the line, take the rest. */
static bool fits(const struct event_line *l, const char *file, const char *line,
		 const char *function)
{
	enum { RESERVED = 160 };

	return l->length + text_bytes(file) + text_bytes(line) +
		       text_bytes(function) <
	       LINE_BYTES - RESERVED;
}

/* False: no room in the line. */
static bool put_frame(struct event_line *l, const char *file, const char *line,
		      const char *function)
{
	uint16_t before = l->length;

	if (!fits(l, file, line, function))
		return false;
	event_item(l);
	redact_source(l, file);
	event_part(l, ":", 1);
	event_part(l, line, str_length(line));
	if (*function) {
		event_part(l, " ", 1);
		redact_known_part(l, function);
	}
	event_item_end(l);
	return keep_field(l, before);
}

/* `n`: how many frames are told. */
static bool has_columns(const struct callers *c, uint8_t n)
{
	for (uint8_t i = 0; i < n && i < CALLERS_COLUMNS; i++)
		if (c->column[i])
			return true;
	return false;
}

static void put_columns(struct event_line *l, const struct callers *c,
			uint8_t n)
{
	enum { RESERVED = 80, ENTRY = 11 };
	char number[21];

	if (!has_columns(c, n) ||
	    l->length + RESERVED + CALLERS_COLUMNS * ENTRY > LINE_BYTES)
		return;
	event_array(l, "caller_columns");
	for (uint8_t i = 0; i < n && i < CALLERS_COLUMNS; i++) {
		if (i)
			event_part(l, ",", 1);
		str_decimal(number, c->column[i]);
		event_part(l, number, str_length(number));
	}
	event_array_end(l);
}

void callers_put(struct event_line *l, const struct callers *c)
{
	const char *at = c->text;
	uint8_t n = 0;

	if (!c->length)
		return;
	event_array(l, "callers");
	for (; n < c->count; n++) {
		const char *line = next_text(at), *function = next_text(line);

		if (!put_frame(l, at, line, function))
			break;
		at = next_text(function);
	}
	event_array_end(l);
	put_columns(l, c, n);
}
