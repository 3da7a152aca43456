/* The line of the source that a script's map tells for a place, where the map
 * belongs to the script, and the source to the map. The source is looked for
 * where the map says; for a bundler's URL, below the directories above the
 * script. Where only the script is shipped, the map may have the source's text.
 */
#ifndef SYMBOLS_MAPPED_PLACE_H
#define SYMBOLS_MAPPED_PLACE_H

#include "base/hashmap.h"
#include "shared/source_map.h"
#include "symbols/script_file.h"

/* The files that one command reads, and the memory of a search. */
struct map_files {
	size_t searched, kept; /* bytes */
	struct arena *arena;
	const struct trace *trace;
	struct hashmap *scripts; /* struct script_file, by path */
	struct hashmap *sources; /* struct source_text, by path */
	struct hashmap *texts;	 /* the same, by number and script */
	struct source_map search;
	char *content; /* of a source, as a map has it */
};

struct map_files map_files_of(struct arena *, const struct trace *);

/* Null: enough was read. */
struct script_file *map_files_script(struct map_files *, const char *path);

/* False: enough was searched. */
bool map_files_may_search(struct map_files *, size_t bytes);

struct mapped_place {
	struct str site;
	uint64_t column;
	/* ms: when the source was changed last. 0: what it was is known. */
	uint64_t changed;
};

/* `line` and `column` count from 1; column 0: not known. */
bool mapped_place_find(struct map_files *, struct script_file *,
		       const char *path, uint64_t line, uint64_t column,
		       struct mapped_place *ret);

#endif
