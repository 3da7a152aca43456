/* Source maps (ECMA-426): which line of the source a position in compiled,
 * bundled or minified code comes from. The map is read as a stream, up to three
 * times. Maps with sections (index maps) are read, too. No text of the source
 * is kept. */
#ifndef SHARED_SOURCE_MAP_H
#define SHARED_SOURCE_MAP_H

#include "shared/json_stream.h"

enum { SOURCE_MAP_NAME = 256 };

/* A column that is not known: then all that stands in the line must come from
 * one line of the source. */
#define SOURCE_MAP_ANY_COLUMN UINT32_MAX

struct source_map_position {
	uint32_t line, column; /* from 0 */
};

/* A segment of the mappings: where code begins, and where its source does. */
struct source_map_segment {
	struct source_map_position generated; /* within the section */
	struct source_map_position in_source;
	uint32_t source; /* its number */
	bool has_source;
};

/* Is told what else a map says. */
struct source_map_visitor {
	void *of;
	/* Each segment of the section, in order. */
	void (*segment)(void *of, const struct source_map_segment *);
	/* The text of the source that was found, to be taken off the stream. */
	void (*content)(void *of, struct json_stream *);
};

/* The memory of a search, and its answer. */
struct source_map {
	struct json_stream json;
	const struct source_map_visitor *visitor; /* null while searching */
	struct source_map_position wanted; /* within the chosen section */
	uint32_t section;		   /* the chosen one, of an index map */
	bool has_section, has_position, has_name;
	bool is_broken;	   /* a number is too large, or negative in all */
	bool is_ambiguous; /* without a column: the line has several sources */

	struct source_map_position found; /* in the source */
	uint32_t source;		  /* its number */
	char name[SOURCE_MAP_NAME];
	char root[SOURCE_MAP_NAME]; /* "sourceRoot", or "" */
};

/* True when `found`, `name` and `root` tell the source. source_map_path.h makes
 * a path of it. */
bool source_map_find(struct source_map *, const struct json_stream_text *,
		     struct source_map_position);

/* Reads the map in which the position was found once more, to its end. False: a
 * part behind the position is broken. */
bool source_map_visit(struct source_map *, const struct json_stream_text *,
		      const struct source_map_visitor *);

#endif
