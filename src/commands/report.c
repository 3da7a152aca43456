#include "base/nearest.h"
#include "command_sites/command_sites.h"
#include "commands/env_file_late_look.h"
#include "commands/ignore_file.h"
#include "commands/outfile.h"
#include "commands/open_traces.h"
#include "commands/pack/pack_outfile.h"
#include "commands/option_names.h"
#include "formats/formats.h"
#include "diagnosis/diagnosis.h"
#include "symbols/source_maps.h"
#include "symbols/symbols.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static const struct format *find_format(const char *name)
{
	for (size_t i = 0; formats[i]; i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

static struct str format_names(struct arena *arena)
{
	struct out o = out_to_memory(arena);

	for (size_t i = 0; formats[i]; i++)
		out_print(&o, "%s%s", i ? ", " : "", formats[i]->name);
	return out_memory(&o);
}

static int unknown_format(struct arena *arena, const char *name)
{
	struct nearest n = {.misspelt = name};

	for (size_t i = 0; formats[i]; i++)
		nearest_try(&n, formats[i]->name);
	if (n.word)
		return complain(arena, "report: no format %s: did you mean %s?",
				name, n.word);
	return complain(arena, "report: no format %s; there are %.*s", name,
			STR_FMT(format_names(arena)));
}

struct report_options {
	const char *format, *file, *run, *strictness;
	struct texts variables, ignored;
	bool exit_code, verbose, tree, no_source, no_env_files;
};

static struct strs strs_of(struct arena *a, const struct texts *texts)
{
	struct strs s = {TAKE(a, struct str, texts->n + 1), texts->n};

	for (size_t i = 0; i < texts->n; i++)
		s.at[i] = str_of(texts->at[i]);
	return s;
}

static struct strs ignored_of(struct arena *a, const struct texts *given)
{
	struct strs file = ignore_file_read(a, ".keytrailignore");
	struct strs all = {TAKE(a, struct str, given->n + file.n + 1), 0};

	for (size_t i = 0; i < given->n; i++)
		all.at[all.n++] = str_of(given->at[i]);
	for (size_t i = 0; i < file.n; i++)
		all.at[all.n++] = file.at[i];
	return all;
}

/* NAME, or NAME@SITE. */
static bool is_ignorable(struct str what)
{
	const char *at = memchr(what.at, '@', what.len);
	struct str name = {what.at, at ? (size_t)(at - what.at) : what.len};

	return is_whole_name(name) && name.len + 1 != what.len;
}

/* The first `n_given` are of the command line, the others of the file. */
static bool can_be_ignored(struct arena *a, const struct strs *all,
			   size_t n_given)
{
	for (size_t i = 0; i < all->n; i++) {
		if (is_ignorable(all->at[i]))
			continue;
		complain(a,
			 "report: %s takes the whole NAME of a variable, or "
			 "NAME@SITE, as a finding has both; no pattern, blank "
			 "or value",
			 i < n_given ? "--ignore"
				     : "each line of .keytrailignore");
		return false;
	}
	return true;
}

/* A number from 1, "all" or "newest". False: neither. */
static bool read_run(const char *text, long *ret)
{
	char *end;

	if (!strcmp(text, "all"))
		return *ret = RUN_ALL, true;
	if (!strcmp(text, "newest"))
		return *ret = RUN_NEWEST, true;
	*ret = strtol(text, &end, 10);
	return *ret > 0 && *text >= '0' && *text <= '9' && !*end;
}

static int status_of(const struct report_options *r,
		     const struct report *report)
{
	bool good = report->verdict == HEALTHY || report->verdict == EXONERATED;

	if (!r->exit_code)
		return DONE;
	if (r->strictness)
		return good ? DONE : ANSWERED_NO;
	return report->verdict == FAULTY ? ANSWERED_NO : DONE;
}

/* Lines of source are for the eyes at this terminal. */
static struct view view_of(struct arena *arena, const struct report_options *r)
{
	char directory[PATH_MAX];
	bool known = getcwd(directory, sizeof directory);

	return (struct view){
		.verbose = r->verbose,
		.directory =
			known ? arena_print(arena, "%s", directory) : STR(""),
		.tree = r->tree,
		.source = !r->no_source && !r->file && isatty(STDOUT_FILENO)};
}

static int write_report(struct arena *arena, const struct report_options *r,
			const struct format *how, struct report *report)
{
	struct outfile to;

	if (!outfile_open(arena, r->file, &to))
		return FAILED;
	report->view = view_of(arena, r);
	how->write(&to.out, report);
	return outfile_close(&to, status_of(r, report));
}

/* Over a file of a trace, or among them, a report would be one of them. */
static bool is_outside(struct arena *arena, const char *file,
		       const struct opts *opts)
{
	for (int i = 0; file && i < opts->n_operands; i++)
		if (strcmp(file, "-") &&
		    !pack_outfile_is_outside(arena, "report", file,
					     opts->operands[i]))
			return false;
	return !file || pack_outfile_is_free(arena, "report", file);
}

static int answer(struct arena *arena, const struct opts *opts,
		  const struct report_options *r)
{
	const struct format *how = find_format(r->format);
	struct report *report;
	struct question question = {.variables = strs_of(arena, &r->variables),
				    .ignored = ignored_of(arena, &r->ignored)};
	struct trace trace;
	long runs;

	if (!how)
		return unknown_format(arena, r->format);
	if (r->strictness && strcmp(r->strictness, "strict"))
		return complain(arena,
				"report: --exit-code=%s: it is "
				"--exit-code, or --exit-code=strict",
				r->strictness);
	if (!read_run(r->run, &question.run))
		return complain(arena,
				"report: no run %s; give a number from 1 on, "
				"or all",
				r->run);
	if (!are_whole_names(arena, "report", "--variable", &r->variables) ||
	    !can_be_ignored(arena, &question.ignored, r->ignored.n))
		return FAILED;
	if (!is_outside(arena, r->file, opts) ||
	    !open_traces(arena, opts, "report", &trace))
		return FAILED;
	trace_sort_and_fold(arena, &trace);
	if (r->no_env_files)
		env_file_leave_out(&trace);
	else
		env_file_late_look(arena, &trace, true);
	symbols_resolve(arena, &trace);
	source_maps_resolve(arena, &trace);
	command_sites_resolve(arena, &trace);
	report = diagnose(arena, &trace, &question, &runs);
	if (!report)
		return complain(arena,
				runs == 1 ? "report: no run %s; run 1 is the "
					    "only one"
					  : "report: no run %s; there are runs "
					    "1 to %ld",
				r->run, runs);
	return write_report(arena, r, how, report);
}

static int report(struct arena *arena, int argc, char **argv)
{
	struct report_options r = {.format = "text", .run = "newest"};
	const char *ways = arena_print(arena, "how to tell it: %.*s",
				       STR_FMT(format_names(arena)))
				   .at;
	const struct opt table[] = {
		TEXT('f', "format", "FORMAT", &r.format, ways),
		TEXT('o', "output", "FILE", &r.file, "write to FILE"),
		{0, "exit-code", "strict",
		 "end with status 1 when there is a fault; strict: whenever "
		 "the verdict is neither healthy nor exonerated",
		 .flag = &r.exit_code, .text = &r.strictness},
		TEXT(0, "run", "N", &r.run,
		     "judge the Nth run into this directory, or all of them "
		     "together; else the newest"),
		LIST(0, "variable", "NAME", &r.variables,
		     "this variable alone, which counts as needed; may be "
		     "repeated"),
		LIST(0, "ignore", "NAME[@SITE]", &r.ignored,
		     "leave findings on NAME, or on NAME at SITE, out of "
		     "verdict and status; so do the lines of .keytrailignore"),
		FLAG('v', "verbose", &r.verbose,
		     "every note, name and finding"),
		FLAG(0, "tree", &r.tree,
		     "the processes as a tree, equal siblings on one line"),
		FLAG(0, "no-source", &r.no_source,
		     "no lines of the program's own source, which a terminal "
		     "is shown with every literal left out"),
		FLAG(0, "no-env-files", &r.no_env_files,
		     "read no env or secret file; else, of a program that was "
		     "preloaded without keytrail run, or lives, those that it "
		     "opened or looked for"),
		{0},
	};
	struct opts opts = {
		.synopsis =
			"report [-f FORMAT] [-o FILE] [--exit-code[=strict]] "
			"[--run N|all] [--variable NAME]... "
			"[--ignore NAME[@SITE]]... [-v] [--tree] [--no-source] "
			"[--no-env-files] "
			"[TRACE...]",
		.about = "Says which variable went missing, where, and what "
			 "to change. Several traces are read as one. Without a "
			 "TRACE: the newest keytrail-*/ here.",
		.table = table};

	if (!take_options(arena, &opts, argc, argv))
		return opts.status;
	return answer(arena, &opts, &r);
}

const struct command command_report = {
	"report", "say where a variable went missing, and why", report};
