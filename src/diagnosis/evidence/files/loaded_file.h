/* Env files on the way of a reader: which program opened a file that assigns
 * the name, and what the file holds. */
#ifndef EVIDENCE_LOADED_FILE_H
#define EVIDENCE_LOADED_FILE_H

#include "model/finding.h"
#include "trace/env_file.h"

struct loaded_file {
	const struct model *model;
	const struct image *by;	  /* the program that opened it; null: none */
	const struct event *open; /* with its place */
	const struct event *file;
	const struct file_variable *variable; /* the assignment of the name */
	uint64_t until; /* when `by` started what leads to the reader, or the
			   reader read */
};

/* True for a tool which reads a file for a shell: export $(grep -v '^#' .env |
 * xargs). Of NAME = value three words arrive. */
bool is_reader_of_text(const struct image *);

/* True for a file of NAME=value lines that a loader reads. False for a mounted
 * secret, the login of a tool, and an example that shows what to write. */
bool is_env_file(const struct event *file);

/* .env.example, .env.dist */
bool is_example_file(struct str path);

/* The open succeeded, and is for reading. */
bool reads_file(const struct event *open);

/* The end of the last read of the reading. */
uint64_t time_of_read(const struct reading *);

/* True when the file was changed after `t`, in a process of `image`: what it
 * held before is not known. */
bool is_changed_since(const struct image *, const struct event *file,
		      uint64_t t);

/* The file behind a successful open, when it now assigns a value to the name.
 * All null: another open. */
struct loaded_file file_of_open(const struct model *, const struct image *,
				const struct event *open, struct str name);

/* The last env file with the name that the reader opened before its read, or
 * an ancestor or the client of a daemon before it started what leads to the
 * reader, and for which `fits` is true. The file has not changed since. by
 * null: none. */
struct loaded_file find_loaded_file(const struct model *,
				    const struct reading *,
				    bool (*fits)(const struct reading *,
						 const struct loaded_file *));

/* The last env file with the name that a shell read on the way to the reader.
 * The variable has no value where the line is no assignment: NAME = value. */
struct loaded_file find_file_of_shell(const struct model *,
				      const struct reading *);

/* The shell for which `by`, one of its tools, read a file. */
const struct image *shell_of_tool(const struct image *by);

/* The last env file that `image` opened before, and in which the name is empty.
 * by null: none. */
struct loaded_file find_empty_line(const struct model *, const struct image *,
				   struct str name, uint64_t until);

/* The same, in which the name is NAME=${OTHER} without a value of OTHER. */
struct loaded_file find_vain_reference(const struct model *,
				       const struct image *, struct str name,
				       uint64_t until);

/* The same, where the line is an expansion of a shell, of which no value is
 * known: NAME=$(command). */
struct loaded_file find_expansion_line(const struct model *,
				       const struct image *, struct str name,
				       uint64_t until);

/* The last env file that the reader opened before its read, or an ancestor, and
 * whose loader leaves the name's line out: a quote is not closed. by null:
 * none. */
struct loaded_file find_unclosed_line(const struct model *,
				      const struct reading *);

/* The file from which the event set the value, or a file that the same program
 * read before. by null: none is known. */
struct loaded_file find_file_of_set(const struct model *, const struct image *,
				    const struct event *set,
				    const struct value *);

/* The last file with this value of the name that the program read until then.
 * by null: none is known. */
struct loaded_file find_file_of_value(const struct model *,
				      const struct image *, struct str name,
				      uint64_t until, const struct value *);

/* Loaders alone asked: whether the name is free. */
bool is_asked_by_loaders(const struct reading *);

/* The culprit is the program that opened, or looked for, a file; the place is
 * its own line, and none where the runtime itself opened it (node --env-file).
 */
void set_opening_culprit(struct finding *, const struct image *by,
			 const struct event *open);

/* The culprit, in the words of whose loaders the fix is; null where a line of
 * the program itself opened the file, or looked for it. */
const struct image *user_of_loader(const struct finding *,
				   const struct event *open);

/* "/app/.env:3" */
struct str site_of_file(struct arena *, const struct loaded_file *);

/* ".env:3", below the directory in which `image` works. */
struct str line_of_file(struct arena *, const struct image *,
			const struct loaded_file *);

/* FILE:LINE of the name's assignment, whole. */
struct str line_of_assignment(struct arena *, const struct event *file,
			      struct str name);

/* True when the import of a library opened the file for names of its own, as
 * that of chromadb does through its settings: the program has no part in it. */
bool is_load_for_library(const struct event *open);

#endif
