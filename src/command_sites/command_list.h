/* The commands of a file, each with a line. */
#ifndef COMMAND_SITES_COMMAND_LIST_H
#define COMMAND_SITES_COMMAND_LIST_H

#include "base/array.h"
#include "command_sites/written_files.h"

struct written_command {
	struct str words; /* for exec, BETWEEN two words; len 0: not so */
	struct str text;  /* for `sh -c`; len 0: not so */
	unsigned long line;
	unsigned function; /* of a shell, counted from 1; 0: in none */
	bool is_inner;	   /* of `$( )`, of a trap, of an eval */
	bool is_arguments; /* "$@" alone: the script's own arguments */
	/* Of a shell: the words, each apart, and the first behind the command
	 * that is no option, as written. */
	struct str shell_words, argument;
};

/* NAME=value alone, in no subshell: a variable of the shell. */
struct written_assignment {
	struct str name;
	unsigned long line;
	unsigned function; /* as of a command */
	size_t n_before;   /* commands of the list */
};

/* A step of a list to another file, or to another directory. */
struct list_step {
	enum {
		STEP_INCLUDE, /* the commands of the file run, too */
		STEP_MOVE,    /* names are then relative to the directory */
	} kind;
	struct str path;      /* of a move, len 0: not known */
	bool is_below_script; /* `path` begins in the directory of $0 */
	size_t n_before;      /* commands of the list, the step's included */
};

struct command_list {
	struct arena *arena;
	struct written_command *at;
	size_t n, room;
	struct list_step *steps;
	size_t n_steps, steps_room;
	struct written_assignment *assigned;
	size_t n_assigned, assigned_room;
	bool is_unordered; /* a later step may come before an earlier step */
	/* Commands may run that are not in the list: of an eval, of a file
	 * whose name is not known. */
	bool has_more;
};

typedef struct command_list command_parser(struct arena *, struct str text);

/* The command of one image. */
struct launched {
	const struct image *image;
	const struct image *by; /* the starting program; null: a root */
	struct str words;	/* the arguments, by partial_arguments() */
	struct str text;	/* of `sh -c`, masked; else len 0 */
	bool is_arguments;	/* these words are the arguments of `by` */
};

/* A search through a file and the included files. */
struct list_search {
	struct written_files *files;
	const struct launched *launched; /* or null: */
	struct str wanted;		 /* a file, as named by an include */
	command_parser *parse;
	const struct image *reader; /* the reader of the files */
	struct str directory;	    /* of relative names */
	struct str script;	    /* $0; len 0: none */
	struct str moved_to[15];    /* the directory, or any of these */
	size_t n_moved_to;
	bool is_elsewhere;	    /* or an unknown directory */
	bool has_unordered_include; /* before moves which were met later */
	struct str site;	    /* the path of a wanted file */
	bool is_uncertain;
	unsigned depth;
};

/* Nothing is searched yet. The reader is the program that launched, and `parse`
 * takes the texts of the files apart. */
struct list_search begin_search(struct written_files *, const struct launched *,
				command_parser *parse);

/* Searches another file. */
void search_list(struct list_search *, struct str path);

/* Searches the files matched by a pattern of the shell. */
void search_pattern(struct list_search *, struct str pattern);

void add_step(struct command_list *, struct list_step);

/* The site, where exactly a single line or file was found. */
struct str found_site(const struct list_search *);

/* True when the command may be the launched command. */
bool may_be_launched(const struct written_command *, const struct launched *);

#endif
