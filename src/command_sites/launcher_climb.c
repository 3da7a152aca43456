#include "command_sites/launcher_climb.h"

#include "base/pattern.h"
#include "command_sites/partial_text.h"
#include "model/place.h"
#include "runtimes/runtime.h"

enum { MOST_CLIMBS = 16 };

static const struct str nowhere = {NULL, 0};

/* The arguments as told by the launch; of a root, by its birth. */
static const struct event *told_arguments(const struct image *image)
{
	return image->handover ? image->handover : image->birth;
}

/* A forked child only carries out what its program started. */
static const struct image *program_of(const struct image *image)
{
	image = image ? model_program(image) : NULL;
	return image && model_is_fork_or_thread(image) ? NULL : image;
}

/* True for `exec "$@"`: the shell's script was given the words that it starts.
 */
static bool is_given(struct arena *a, const struct image *shell,
		     struct str words)
{
	size_t i = runtime_script_arguments(shell);
	struct str given;

	if (!i || !shell->birth || i >= shell->birth->args.n)
		return false;
	given = partial_arguments(a, shell->birth, i);
	return str_eq(given, words);
}

static struct launched launched_of(struct arena *a, const struct image *image)
{
	const struct event *told = told_arguments(image);
	struct launched l = {.image = image};

	l.by = program_of(image->parent);
	l.words = partial_arguments(a, told, 0);
	l.is_arguments = l.by && is_given(a, l.by, l.words);
	if (!image->owner)
		l.text = partial_masked(a, runtime_shell_text(image));
	return l;
}

/* --- kinds of programs ---------------------------------------------------- */

/* What reads its commands from files of its own. */
static const struct reader {
	const char *programs; /* names of executables or scripts */
	struct str (*find)(struct written_files *, const struct launched *);
} readers[] = {
	{"make gmake", find_in_makefile},
	{"npm npm-cli.js yarn yarn.js yarn-* pnpm pnpm.cjs pnpm.mjs pnpm.js",
	 find_in_package},
	{"honcho", find_in_procfile},
	{"supervisord", find_in_supervisor},
	{"tox", find_in_tox_ini},
};

/* The program, or the first argument of an interpreter that is no option; the
 * module behind -m, too. */
static bool runs(const struct image *image, const char *programs)
{
	const struct strs *args = model_arguments(image);
	size_t i = 1;

	if (str_matches_any(str_base(image->exe), programs))
		return true;
	if (!runtime_interprets(image))
		return false;
	while (i < args->n && args->at[i].len && *args->at[i].at == '-')
		i++;
	return i < args->n && str_matches_any(str_base(args->at[i]), programs);
}

/* Programs that only start the command in their arguments. */
static bool only_starts_command(const struct image *image)
{
	return str_is_listed(
		str_base(image->exe),
		"env sudo doas su runuser setpriv pkexec gosu su-exec timeout "
		"nice ionice chrt taskset nohup setsid stdbuf unbuffer xargs "
		"time chroot unshare nsenter flock strace ltrace tini "
		"dumb-init prlimit setarch");
}

static bool has_command(struct arena *a, const struct image *tool,
			const struct launched *l)
{
	struct str words = partial_arguments(a, told_arguments(tool), 0);
	struct str wanted = l->text.len ? l->text : l->words;

	return wanted.len && !memchr(wanted.at, ANY, wanted.len) && words.len &&
	       memmem(words.at, words.len, wanted.at, wanted.len);
}

/* --- the climb ------------------------------------------------------------ */

static struct str climb(struct written_files *, const struct image *,
			unsigned climbs);

/* Where a line of a script stands in a workflow. */
static struct str step_of(struct written_files *files,
			  const struct image *image, struct str line)
{
	const struct image *shell = program_of(image->parent);

	return shell && line.len ? find_in_workflow(files, shell, line)
				 : nowhere;
}

/* Where the command of a program is written that has its command from another.
 */
static struct str site_of_start(struct written_files *files,
				const struct image *image, unsigned climbs)
{
	struct str line =
		image->handover ? own_line_of(image->handover) : nowhere;
	struct str step;

	if (!line.len)
		line = climb(files, image, climbs);
	step = step_of(files, image, line);
	return step.len ? step : line;
}

static struct str find_by_launcher(struct written_files *files,
				   const struct launched *l, unsigned climbs)
{
	struct str text = runtime_shell_text(l->by);

	if (runtime_script(l->by).len)
		return find_in_script(files, l);
	if (text.len)
		return is_in_shell_text(files->arena, text, l)
			       ? site_of_start(files, l->by, climbs)
			       : nowhere;
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
		if (runs(l->by, readers[i].programs))
			return readers[i].find(files, l);
	if (only_starts_command(l->by) || has_command(files->arena, l->by, l))
		return site_of_start(files, l->by, climbs);
	return nowhere;
}

static struct str find_of_root(struct written_files *files,
			       const struct launched *l)
{
	struct str site = nowhere;

	if (l->image->birth->npm_event.len)
		site = find_in_package(files, l);
	if (!site.len)
		site = find_in_unit(files, l);
	return site.len ? site : find_in_crontabs(files, l);
}

static struct str climb(struct written_files *files, const struct image *image,
			unsigned climbs)
{
	struct launched l;

	if (!climbs || !told_arguments(image) || told_arguments(image)->owner ||
	    model_is_fork_or_thread(image))
		return nowhere;
	l = launched_of(files->arena, image);
	if (!l.words.len)
		return nowhere;
	if (l.by)
		return l.by->observed && !l.by->owner
			       ? find_by_launcher(files, &l, climbs - 1)
			       : nowhere;
	return image->birth ? find_of_root(files, &l) : nowhere;
}

struct str find_command_site(struct written_files *files,
			     const struct image *image)
{
	struct str line =
		image->handover ? own_line_of(image->handover) : nowhere;

	if (line.len)
		return step_of(files, image, line);
	line = site_of_start(files, image, MOST_CLIMBS);
	return line.len || !image->handover ? line
					    : find_worker_file(files, image);
}
