#include "commands/outfile.h"
#include "commands/sources.h"

static void write_lines(struct out *o, const struct trace *t)
{
	out_print(o,
		  "{\"e\":\"pack\",\"v\":%d,\"version\":\"%s\",\"lost\":%llu,"
		  "\"broken\":%llu}\n",
		  KT_TRACE_VERSION, KEYTRAIL_VERSION,
		  (unsigned long long)t->lost, (unsigned long long)t->broken);
	for (size_t i = 0; i < t->n; i++) {
		out_str(o, t->events[i].line);
		out_str(o, STR("\n"));
	}
}

static int pack(struct arena *arena, int argc, char **argv)
{
	const char *file = NULL;
	const struct opt table[] = {
		{'o', "output", "FILE",
		 "the file to write; - is standard output", .text = &file},
		{0},
	};
	struct opts opts = {
		.synopsis = "pack TRACE... -o FILE",
		.about = "Makes one file of a trace, to attach to a bug "
			 "report: every event, in order of time. The key of "
			 "the fingerprints (DIR.key) is not in it.",
		.table = table};
	struct trace trace;
	struct outfile to;
	int status;

	if (!take_options(arena, &opts, argc, argv, &status))
		return status;
	if (!file)
		return complain(arena, "pack: say where to with -o FILE");
	if (!load_sources(arena, &opts, "pack", &trace))
		return FAILED;
	trace_sort(arena, &trace);
	if (!outfile_open(arena, file, &to))
		return FAILED;
	write_lines(&to.out, &trace);
	return outfile_close(&to, DONE);
}

const struct command command_pack = {
	"pack", "make one file of a trace, for a bug report", pack};
