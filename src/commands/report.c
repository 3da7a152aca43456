#include "commands/outfile.h"
#include "commands/open_traces.h"
#include "formats/formats.h"
#include "diagnosis/diagnosis.h"
#include "symbols/symbols.h"

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
	return complain(arena, "report: no format %s; there are %.*s", name,
			STR_FMT(format_names(arena)));
}

static int report(struct arena *arena, int argc, char **argv)
{
	const char *format = "text", *file = NULL, *variable = NULL;
	bool exit_code = false;
	const char *ways = arena_print(arena, "how to tell it: %.*s",
				       STR_FMT(format_names(arena)))
				   .at;
	const struct opt table[] = {
		{'f', "format", "FORMAT", ways, .text = &format},
		{'o', "output", "FILE", "write to FILE", .text = &file},
		{0, "exit-code", NULL,
		 "end with status 1 when there is a fault", .flag = &exit_code},
		{0, "variable", "NAME",
		 "this variable alone, and whoever missed it failed",
		 .text = &variable},
		{0},
	};
	struct opts opts = {
		.synopsis = "report [-f FORMAT] [-o FILE] [--exit-code] "
			    "[--variable NAME] TRACE...",
		.about = "Says which variable went missing, where, and what "
			 "to change. Several traces are read as one.",
		.table = table};
	const struct format *how;
	const struct report *what;
	struct trace trace;
	struct outfile to;
	int status;

	if (!take_options(arena, &opts, argc, argv, &status))
		return status;
	how = find_format(format);
	if (!how)
		return unknown_format(arena, format);
	if (!open_traces(arena, &opts, "report", &trace))
		return FAILED;
	trace_sort_and_fold(arena, &trace);
	symbols_resolve(arena, &trace);
	what = diagnose(arena, model_build(arena, &trace), str_of(variable));
	if (!outfile_open(arena, file, &to))
		return FAILED;
	how->write(&to.out, what);
	return outfile_close(
		&to, exit_code && what->verdict == FAULTY ? ANSWERED_NO : DONE);
}

const struct command command_report = {
	"report", "say where a variable went missing, and why", report};
