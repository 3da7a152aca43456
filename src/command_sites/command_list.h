/* The commands that a file has, each with its line. */
#ifndef COMMAND_SITES_COMMAND_LIST_H
#define COMMAND_SITES_COMMAND_LIST_H

#include "base/array.h"
#include "command_sites/written_file.h"

struct written_command {
	struct str words; /* for exec, BETWEEN two words; len 0: not so */
	struct str text;  /* for `sh -c`; len 0: not so */
	unsigned long line;
};

struct command_list {
	struct arena *arena;
	struct written_command *at;
	size_t n, room;
	struct str *includes; /* names of files whose commands run, too */
	size_t n_includes, includes_room;
	/* Commands may run that are not in the list: of an eval, of a file
	 * whose name is not known. */
	bool has_more;
};

typedef struct command_list command_parser(struct arena *, struct str text);

/* The command of one image. */
struct launched {
	const struct image *image;
	const struct image *by; /* the program that started it; null: a root */
	struct str words;	/* the arguments, by open_arguments() */
	struct str text;	/* of `sh -c`, masked; else len 0 */
};

/* A search through a file and the files that it includes. */
struct list_search {
	struct written_files *files;
	const struct launched *launched;
	command_parser *parse;
	const struct image *reader; /* the program that read the files */
	struct str directory;	    /* of names that are not absolute */
	struct str site;
	bool is_uncertain;
	unsigned depth;
};

/* Searches one more file. */
void search_list(struct list_search *, struct str path);

/* Searches the files that a pattern of the shell matches. */
void search_pattern(struct list_search *, struct str pattern);

/* The site, where exactly one line was found. */
struct str found_site(const struct list_search *);

/* True when the command may be the one launched. */
bool may_be_launched(const struct written_command *, const struct launched *);

#endif
