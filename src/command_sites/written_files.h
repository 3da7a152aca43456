/* Files in which commands are written: scripts, makefiles, package.json. Read
 * are files of the trace's owner, and files of the caller and of root which
 * every user can read, as they were when the program began that read them. */
#ifndef COMMAND_SITES_WRITTEN_FILES_H
#define COMMAND_SITES_WRITTEN_FILES_H

#include "base/hashmap.h"
#include "model/model.h"

struct written_files {
	struct arena *arena;
	const struct trace *trace;
	struct hashmap *read;	  /* struct written_file, by path */
	struct hashmap *lists;	  /* struct command_list, by parser and path */
	struct hashmap *changes;  /* lines from 1, of changes of variables */
	struct hashmap *settings; /* struct server_setting, by program */
};

struct written_files written_files_of(struct arena *, const struct trace *);

/* `path` below `cwd`, where it is not absolute. len 0: no path. */
struct str path_below(struct arena *, struct str cwd, struct str path);

/* The text of a file that has not changed since `by` began. len 0: it has, is
 * no such file, or has bytes that no text has. */
struct str read_written(struct written_files *, struct str path,
			const struct image *by);

/* The same of a file that has not changed since a time in ms. */
struct str read_written_before(struct written_files *, struct str path,
			       uint64_t wall);

/* The text of a file of the trace's owner as it is now, up to 16 MiB. */
struct str read_own_file(struct written_files *, struct str path);

/* True when a file has the path. */
bool is_written_there(struct str path);

/* The path of the only one of `names` that is a file, below `cwd`. len 0: none
 * is, or several are. Blanks stand between names. */
struct str find_only_file(struct arena *, struct str cwd, struct str names);

/* True when no file has the path, nor had one since `by` began: its directory
 * has not changed. */
bool was_missing(struct str path, const struct image *by);

/* The next line of `rest`, without its end; `rest` is then the text behind it.
 * False at the end. */
bool next_line(struct str *rest, struct str *ret_line);

/* The next word of `rest`; `rest` is then the text behind it. */
bool next_word(struct str *rest, struct str *ret_word);

struct str trim(struct str);

/* The text from the nth byte on. */
struct str from(struct str, size_t n);

struct str site_at(struct arena *, struct str path, unsigned long line);

#endif
