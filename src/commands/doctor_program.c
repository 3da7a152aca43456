#include "commands/doctor.h"

#include "commands/run_file.h"
#include "commands/run_loader.h"
#include "runtimes/runtime.h"

enum { MOST_HOPS = 8 }; /* scripts of scripts, and env in between */

/* How deep one can look into a program that the recorder is in: what a later
 * version sees more of changes a row here. */
static const struct {
	const char *runtime; /* its name, or "": all */
	enum answer answer;
	const char *what;
} depths[] = {
	{"", ANSWER_OK,
	 "births, forks, execs, and the environment that each passes on"},
	{"Node", ANSWER_OK,
	 "process.env, also in worker threads, and what starts a program, with "
	 "JavaScript file and line (18 and later)"},
	{"Bun", ANSWER_NO, "JavaScript file and line of a read: not yet"},
	{"Python", ANSWER_OK,
	 "os.environ and what starts a program, with file and line (3.8 and "
	 "later)"},
	{"Ruby", ANSWER_OK,
	 "file and line of what reads, sets or starts a program"},
	{"PHP", ANSWER_OK,
	 "file and line of getenv and putenv, and of what starts a program; "
	 "$_ENV and $_SERVER are copies, which are not seen"},
	{"Perl", ANSWER_OK, "file and line of what starts a program"},
	{"the shell", ANSWER_PART,
	 "of what starts a program: bash tells file and line, of other shells "
	 "the script is known, and which of its programs it was"},
	{"", ANSWER_NO, "what is sent to a provider: not yet"},
};

/* One file on the way from the command to the program that runs. */
struct stage {
	const char *path;
	struct run_file file;
	char *const *argv; /* the words behind the command, or null */
};

static struct str base_of(const char *path)
{
	return str_base(str_of(path));
}

/* --- depth -----------------------------------------------------------------
 */

static void tell_depth(struct checkup *c, const struct runtime *runtime)
{
	for (size_t i = 0; i < sizeof depths / sizeof *depths; i++)
		if (!*depths[i].runtime ||
		    !strcmp(depths[i].runtime, runtime->name))
			checkup_add(c, depths[i].answer, str_of(depths[i].what),
				    NULL);
}

static void tell_reads(struct checkup *c, const struct runtime *runtime)
{
	if (!strcmp(runtime->name, "Python"))
		return; /* heard through its own functions: see depths */
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

/* --- what stands in the way -------------------------------------------------
 */

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

static void tell_obstacle(struct checkup *c, const struct stage *h)
{
	if (h->file.kind == KT_TARGET_SETUID) {
		checkup_give_up(
			c,
			arena_print(c->arena,
				    "%s %s: the loader refuses the recorder",
				    h->path, rights_in_words(h->file.rights)),
			"run it as the user whose rights it takes, or observe "
			"what it starts: sudo keytrail run ...");
		return;
	}
	for (size_t i = 0; i < sizeof obstacles / sizeof *obstacles; i++)
		if (obstacles[i].kind == h->file.kind)
			checkup_give_up(c,
					arena_print(c->arena, "%s %s", h->path,
						    obstacles[i].why),
					obstacles[i].advice);
}

static void tell_libc(struct checkup *c, const struct stage *h)
{
	struct str libc = STR("dynamic, with musl");

	if (h->file.libc == LIBC_GLIBC)
		libc = h->file.glibc_needed
			       ? arena_print(
					 c->arena,
					 "dynamic, with glibc 2.%u or later",
					 h->file.glibc_needed)
			       : STR("dynamic, with glibc");
	checkup_add(c, ANSWER_OK,
		    arena_print(c->arena, "%s: %.*s", h->path, STR_FMT(libc)),
		    NULL);
	if (*h->file.runtime)
		checkup_add(c, ANSWER_OK,
			    arena_print(c->arena,
					"%s: a sanitizer's runtime, which "
					"will come before the recorder",
					h->file.runtime),
			    NULL);
}

/* --- the way to the program --------------------------------------------------
 */

/* What env would start: the first word that is no option and no NAME=value. */
static char *const *behind_env(char *const *words)
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

/* The argument of a "#!" line, cut at blanks as `env -S` does it. */
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
	char path[RUN_PATH_BYTES];

	if (!run_file_search(command, path))
		return false;
	ret->path = arena_print(a, "%s", path).at;
	ret->file = run_file_at(path);
	return true;
}

/* Goes on with the interpreter of a script. */
static void enter_script(struct arena *a, struct stage *h)
{
	h->argv = words_of(a, h->file.argument);
	h->path = arena_print(a, "%s", h->file.interpreter).at;
	h->file = run_file_at(h->path);
}

/* execvp gives a text that the kernel will not run to the shell. */
static void enter_shell(struct checkup *c, struct stage *h)
{
	checkup_add(c, ANSWER_OK,
		    arena_print(c->arena,
				"%s: a script without #!, for "
				"/bin/sh",
				h->path),
		    NULL);
	h->argv = NULL;
	h->path = "/bin/sh";
	h->file = run_file_at(h->path);
}

/* Goes on with what env starts; false: there is nothing, or it is not found. */
static bool enter_env(struct checkup *c, struct stage *h)
{
	char *const *words = NULL;

	if (str_eq(base_of(h->path), STR("env")))
		words = behind_env(h->argv);
	if (!words)
		return false;
	h->argv = words + 1;
	if (find(c->arena, *words, h))
		return true;
	checkup_give_up(c, arena_print(c->arena, "%s is not in PATH", *words),
			"install it, or add its directory to PATH");
	return false;
}

/* Goes on with the program that a loader is told to run; false: none. */
static bool enter_loader(struct checkup *c, struct stage *h)
{
	char *const *operand = h->file.is_loader && h->argv
				       ? run_loader_operand(h->argv)
				       : NULL;

	if (!operand || !run_file_at(*operand).is_elf)
		return false;
	checkup_add(c, ANSWER_OK,
		    arena_print(c->arena, "%s: a loader, for %s", h->path,
				*operand),
		    NULL);
	h->argv = operand + 1;
	h->path = *operand;
	h->file = run_file_at(*operand);
	h->file.is_executable = true; /* it need not be */
	return true;
}

/* Says of one file what it is; false: here it ends. */
static bool pass(struct checkup *c, struct stage *h)
{
	if (!h->file.is_executable && h->file.is_there) {
		checkup_give_up(
			c,
			arena_print(c->arena, "%s is not executable", h->path),
			"chmod +x, if it is a program");
		return false;
	}
	if (h->file.is_script) {
		checkup_add(c, ANSWER_OK,
			    arena_print(c->arena, "%s: a script for %s",
					h->path, h->file.interpreter),
			    NULL);
		enter_script(c->arena, h);
		return true;
	}
	if (h->file.is_text) {
		enter_shell(c, h);
		return true;
	}
	if (enter_loader(c, h))
		return true;
	if (h->file.kind != KT_TARGET_DYNAMIC) {
		tell_obstacle(c, h);
		return false;
	}
	tell_libc(c, h);
	return enter_env(c, h);
}

bool check_program(struct checkup *c, char *const *argv)
{
	struct stage h = {.argv = argv + 1};
	const struct runtime *runtime;
	unsigned hops = 0;

	if (!find(c->arena, argv[0], &h))
		return false;
	while (hops < MOST_HOPS && pass(c, &h))
		hops++;
	if (hops == MOST_HOPS)
		checkup_give_up(c, STR("scripts of scripts without end"),
				"mend the first line of one of them");
	if (c->hopeless)
		return true;
	if (h.file.is_go) {
		checkup_add(c, ANSWER_PART,
			    STR("a Go program makes its own system calls: that "
				"it runs is seen, what it reads and starts is "
				"not"),
			    "run what it starts by itself under keytrail");
		return true;
	}
	runtime = runtime_of_program(str_of(h.path));
	tell_reads(c, runtime);
	tell_depth(c, runtime);
	return true;
}
