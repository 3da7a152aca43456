#include "commands/doctor/doctor.h"

#include "host/executable_file.h"
#include "runtimes/runtime.h"
#include "shared/loader_arguments.h"

enum { MAX_FILES = 8 }; /* scripts of scripts, and env between them */

/* A file on the way from the command to the running program. */
struct stage {
	const char *path;
	struct executable_file file;
	char *const *argv; /* the words behind the command, or null */
};

static struct str base_of(const char *path)
{
	return str_base(str_of(path));
}

/* --- depth ---------------------------------------------------------------- */

static void add_depth(struct checkup *c, const struct runtime *runtime)
{
	static const enum answer answers[] = {[DEPTH_FULL] = ANSWER_OK,
					      [DEPTH_PART] = ANSWER_PART,
					      [DEPTH_NONE] = ANSWER_NO};

	checkup_add(c, ANSWER_OK,
		    STR("births, forks, execs, and the environment that each "
			"passes on"),
		    NULL);
	if (runtime->depth_text)
		checkup_add(c, answers[runtime->depth],
			    str_of(runtime->depth_text), NULL);
	if (runtime->has_own_tls)
		checkup_add(c, ANSWER_PART,
			    STR("what is sent to a provider: not through TLS, "
				"which is a part of the program"),
			    NULL);
	else
		checkup_add(c, ANSWER_OK,
			    STR("what is sent to a provider by HTTP/1.1: with "
				"keytrail run --http"),
			    NULL);
}

static void add_reads(struct checkup *c, const struct runtime *runtime)
{
	if (runtime->has_adapter)
		return; /* the text of the depth tells about reads */
	if (!runtime->hides_reads)
		checkup_add(c, ANSWER_OK,
			    STR("reads of a variable, as they go through libc"),
			    NULL);
	else
		checkup_add(c, ANSWER_PART,
			    arena_print(c->arena,
					"reads: %s copies its environment at "
					"its start and reads the copy, which "
					"is not seen",
					runtime->name),
			    "what it is given and passes on is seen; "
			    "name what you miss: keytrail run -w NAME");
}

/* --- obstacles ------------------------------------------------------------ */

static const struct {
	enum kt_target kind;
	const char *why, *advice;
} obstacles[] = {
	{KT_TARGET_STATIC, "is statically linked: no loader, so no recorder",
	 "what it starts is observed all the same; to look into it, link it "
	 "dynamically (Rust: a -gnu target; Go makes its own system calls "
	 "however it is linked)"},
	{KT_TARGET_OTHER_CLASS, "is built for another kind of machine",
	 "build the recorder for it, or run the program built for this one"},
	{KT_TARGET_OTHER_LIBC, "has a loader of neither glibc nor musl",
	 "run a build for glibc or musl"},
	{KT_TARGET_UNKNOWN, "cannot be read, or is no program",
	 "see what it is: file, ls -l"},
	{KT_TARGET_MISSING, "is not there",
	 "install it, or mend the first line of the script"},
};

static const char *rights_in_words(enum rights rights)
{
	switch (rights) {
	case RIGHTS_SAME:
		break;
	case RIGHTS_SET_UID:
		return "runs with its owner's rights (set-user-id)";
	case RIGHTS_SET_GID:
		return "runs with its group's rights (set-group-id)";
	case RIGHTS_CAPABILITIES:
		return "has file capabilities";
	}
	return "runs with other rights";
}

/* The user of such a program cannot build it in another way. */
static bool is_launcher(const char *path)
{
	return runtime_of_program(str_of(path))->starts_text;
}

static void add_obstacle(struct checkup *c, const struct stage *s)
{
	if (s->file.program.kind == KT_TARGET_SETUID) {
		checkup_give_up(
			c,
			arena_print(c->arena,
				    "%s %s: the loader refuses the recorder",
				    s->path, rights_in_words(s->file.rights)),
			"run it as the user whose rights it takes, or observe "
			"what it starts: sudo keytrail run ...");
		return;
	}
	for (size_t i = 0; i < sizeof obstacles / sizeof *obstacles; i++)
		if (obstacles[i].kind == s->file.program.kind)
			checkup_give_up(c,
					arena_print(c->arena, "%s %s", s->path,
						    obstacles[i].why),
					is_launcher(s->path)
						? NULL
						: obstacles[i].advice);
}

/* A launcher known by its own name, or by that of a script. */
static void add_launcher(struct checkup *c, const char *command)
{
	const struct runtime *runtime = runtime_of_program(str_of(command));

	if (runtime->starts_text)
		checkup_add(c, ANSWER_PART,
			    arena_print(c->arena,
					"what %s starts is recorded when the "
					"recorder reaches it",
					runtime->name),
			    runtime->starts_text);
}

static void add_libc(struct checkup *c, const struct stage *s)
{
	struct str libc = STR("dynamic, with musl");

	if (s->file.program.libc == LIBC_GLIBC)
		libc = s->file.glibc_needed
			       ? arena_print(
					 c->arena,
					 "dynamic, with glibc 2.%u or later",
					 s->file.glibc_needed)
			       : STR("dynamic, with glibc");
	checkup_add(c, ANSWER_OK,
		    arena_print(c->arena, "%s: %.*s", s->path, STR_FMT(libc)),
		    NULL);
	if (*s->file.program.runtime)
		checkup_add(c, ANSWER_OK,
			    arena_print(c->arena,
					"%s: a sanitizer's runtime, which "
					"will come before the recorder",
					s->file.program.runtime),
			    NULL);
}

/* --- the way to the program ----------------------------------------------- */

/* The command of env: the first word which is neither an option nor NAME=value.
 */
static char *const *command_of_env(char *const *words)
{
	for (; words && *words; words++) {
		if (!strcmp(*words, "-u") || !strcmp(*words, "-C")) {
			words += words[1] ? 1 : 0;
			continue;
		}
		if (**words != '-' && !strchr(*words, '='))
			return words;
	}
	return NULL;
}

/* The argument of a "#!" line, split at blanks as by `env -S`. */
static char *const *words_of(struct arena *a, const char *argument)
{
	char **words = TAKE(a, char *, 34);

	for (size_t n = 0; n < 32 && *argument; n++) {
		size_t len = strcspn(argument, " \t");

		words[n] = (char *)(uintptr_t)arena_print(a, "%.*s", (int)len,
							  argument)
				   .at;
		argument += len;
		argument += strspn(argument, " \t");
	}
	return words;
}

static bool find(struct arena *a, const char *command, struct stage *ret)
{
	char path[EXECUTABLE_PATH_BYTES];

	if (!executable_file_search(command, path))
		return false;
	ret->path = arena_print(a, "%s", path).at;
	ret->file = executable_file_at(path);
	return true;
}

/* Goes on with the interpreter of a script. */
static void enter_script(struct arena *a, struct stage *s)
{
	s->argv = words_of(a, s->file.argument);
	s->path = arena_print(a, "%s", s->file.program.interpreter).at;
	s->file = executable_file_at(s->path);
}

/* execvp gives a text file without "#!" to the shell. */
static void enter_shell(struct checkup *c, struct stage *s)
{
	checkup_add(c, ANSWER_OK,
		    arena_print(c->arena,
				"%s: a script without #!, for "
				"/bin/sh",
				s->path),
		    NULL);
	s->argv = NULL;
	s->path = "/bin/sh";
	s->file = executable_file_at(s->path);
}

/* Goes on with the command of env. False: env has no command, or the command is
 * not found. */
static bool enter_env(struct checkup *c, struct stage *s)
{
	char *const *words = NULL;

	if (str_eq(base_of(s->path), STR("env")))
		words = command_of_env(s->argv);
	if (!words)
		return false;
	s->argv = words + 1;
	if (find(c->arena, *words, s))
		return true;
	checkup_give_up(c, arena_print(c->arena, "%s is not in PATH", *words),
			"install it, or add its directory to PATH");
	return false;
}

/* Goes on with the program which a loader is told to run. False: none. */
static bool enter_loader(struct checkup *c, struct stage *s)
{
	char *const *operand = NULL;
	bool only_lists;

	if (s->file.program.is_loader && s->argv)
		operand = loader_operand(s->argv, &only_lists);
	if (!operand || !executable_file_at(*operand).program.is_elf)
		return false;
	checkup_add(c, ANSWER_OK,
		    arena_print(c->arena, "%s: a loader, for %s", s->path,
				*operand),
		    NULL);
	s->argv = operand + 1;
	s->path = *operand;
	s->file = executable_file_at(*operand);
	s->file.is_executable = true; /* a loader runs any file */
	return true;
}

static void add_not_executable(struct checkup *c, const struct stage *s)
{
	if (s->file.is_regular)
		checkup_give_up(
			c,
			arena_print(c->arena, "%s is not executable", s->path),
			"chmod +x, if it is a program");
	else
		checkup_give_up(c,
				arena_print(c->arena, "%s is no file", s->path),
				"name a program: see what it is with ls -ld");
}

/* Adds the facts about a file. False: the file is the last on the way. */
static bool check_stage(struct checkup *c, struct stage *s)
{
	if (!s->file.is_executable && s->file.is_there) {
		add_not_executable(c, s);
		return false;
	}
	if (s->file.is_script) {
		checkup_add(c, ANSWER_OK,
			    arena_print(c->arena, "%s: a script for %s",
					s->path, s->file.program.interpreter),
			    NULL);
		enter_script(c->arena, s);
		return true;
	}
	if (s->file.is_text) {
		enter_shell(c, s);
		return true;
	}
	if (enter_loader(c, s))
		return true;
	if (s->file.program.kind != KT_TARGET_DYNAMIC) {
		add_obstacle(c, s);
		return false;
	}
	add_libc(c, s);
	return enter_env(c, s);
}

/* What the recorder sees inside the program at the end of the way. */
static void add_sight(struct checkup *c, const struct stage *s)
{
	const struct runtime *runtime = runtime_of_program(str_of(s->path));

	if (s->file.is_go) {
		checkup_add(c, ANSWER_PART,
			    STR("a Go program makes its own system calls: that "
				"it runs is seen, what it reads and starts is "
				"not"),
			    runtime->starts_text
				    ? NULL
				    : "run what it starts by itself under "
				      "keytrail");
		return;
	}
	add_reads(c, runtime);
	add_depth(c, runtime);
}

bool check_program(struct checkup *c, char *const *argv)
{
	struct stage s = {.argv = argv + 1};
	unsigned files = 0;

	if (!find(c->arena, argv[0], &s))
		return false;
	while (files < MAX_FILES && check_stage(c, &s))
		files++;
	if (files == MAX_FILES)
		checkup_give_up(c, STR("scripts of scripts without end"),
				"mend the first line of one of them");
	if (!c->hopeless)
		add_sight(c, &s);
	add_launcher(c, argv[0]);
	return true;
}
