/* A script of JavaScript that ran, and the source map that belongs to it: a map
 * file, named by the script's last line or beside the script, or one inside the
 * script. A trace may name any file: only regular files of trusted users, or of
 * an owner of the trace, are read. */
#ifndef SYMBOLS_SCRIPT_FILE_H
#define SYMBOLS_SCRIPT_FILE_H

#include "trace/trace.h"
#include "shared/json_stream.h"
#include "symbols/text_lines.h"

struct dated_text {
	struct str text;  /* len 0: it cannot be read */
	uint64_t changed; /* ms: when content or inode was changed last */
	uint64_t written; /* ms: when the content was, as the file says */
};

struct script_file {
	struct str text;  /* len 0: the script cannot be read */
	uint64_t changed; /* ms: when script or map was changed last */
	uint64_t written, map_written;
	struct text_lines lines; /* of a script with a map */
	struct str map;	  /* the text of the map; len 0: none was found */
	const char *base; /* the file to which sources are relative */
	size_t map_begin;
	enum json_stream_encoding map_encoding;
	bool is_compiled; /* a compiler or bundler says that it wrote it */
};

struct script_file *script_file_read(struct arena *, const struct trace *,
				     const char *path);

/* The text of a source, by the same rules. */
struct dated_text source_file_read(struct arena *, const struct trace *,
				   const char *path);

/* A build writes its files within two seconds, in any order. */
bool is_newer(uint64_t written, uint64_t than);

/* True when a program wrote this text: it is long, and full of statements. */
bool is_minified(struct str text);

/* True when a program wrote this line, counted from 1: the line is long, and
 * full of statements. */
bool script_line_is_minified(const struct script_file *, uint64_t line);

#endif
