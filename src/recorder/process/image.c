#include "recorder/process/env_state.h"
#include "recorder/process/image.h"

#include "recorder/process/exe_path.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/process/npm_script.h"
#include "recorder/process/redact/redact.h"
#include "recorder/process/session.h"
#include "recorder/lib/clock.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/segment_file.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"

static void name_self(uint64_t t)
{
	size_t n = str_decimal(globals->self, (uint64_t)globals->life.pid);

	globals->self[n] = '.';
	str_decimal(globals->self + n + 1, t);
}

static void put_cwd(struct event_line *l)
{
	char cwd[PATH_BYTES / 2];
	long n = SYS(getcwd, cwd, sizeof cwd);

	if (n > 0)
		redact_known(l, "cwd", cwd);
}

static void put_user(struct event_line *l)
{
	uint32_t uid = (uint32_t)SYS(getuid), euid = (uint32_t)SYS(geteuid);

	globals->euid = euid;
	event_number(l, "uid", uid);
	if (euid != uid)
		event_number(l, "euid", euid);
}

static void put_patterns(struct event_line *l)
{
	const char *p = globals->settings.patterns;

	if (!*p)
		return;
	event_array(l, "watch");
	for (; *p && l->length < LINE_BYTES / 2; p += str_length(p) + 1) {
		event_item(l);
		event_part_name(l, p, str_length(p));
		event_item_end(l);
	}
	event_array_end(l);
}

/* Formats the arguments once, at birth. A process may overwrite argv later, and
 * a forked image has the same command. */
static __attribute__((noinline)) void keep_args(char *const *argv, char **envp)
{
	struct event_line l;
	size_t from, n;

	event_begin(&l, KT_BIRTH, 0);
	from = l.length + 1u; /* the comma */
	redact_args(&l, argv, envp, elf_exec_name());
	n = l.length - from;
	__builtin_memcpy(globals->args, l.at + from, n);
	globals->args[n] = '\0';
}

/* `argv`: of a new program; else null. */
static __attribute__((noinline)) void record_birth(uint64_t t, const char *by,
						   char *const *argv)
{
	bool is_clone = *by == 'c';
	struct event_line l;

	event_begin(&l, KT_BIRTH, t);
	event_number(&l, "v", KT_TRACE_VERSION);
	event_text(&l, "by", by);
	event_number(&l, "pid", (uint64_t)globals->life.pid);
	event_number(&l, "ppid", (uint64_t)SYS(getppid));
	if (globals->parent[0])
		event_text(&l, "parent", globals->parent);
	redact_known(&l, "exe", globals->exe);
	globals->hides_exe = path_has_secret(globals->exe);
	if (globals->is_go)
		event_text(&l, "lang", "go");
	event_text(&l, "boot", globals->settings.boot);
	event_text(&l, "key", globals->settings.key_id);
	event_number(&l, "wall", wall_ms());
	if (globals->settings.label[0])
		redact_known(&l, "label", globals->settings.label);
	put_user(&l);
	put_patterns(&l);
	put_cwd(&l);
	if (globals->settings.is_root && *by == 'e')
		session_put(&l);
	if (argv && (globals->settings.is_root || npm_script_may_start(argv)))
		npm_script_put(&l, environ);
	if (globals->args[0])
		event_fields(&l, globals->args);
	event_number(&l, "vars",
		     is_clone ? env_count(environ)
			      : globals->env_state.count_at_birth);
	if (is_clone)
		env_state_list_now(&l,
				   "env"); /* environ may have changed since */
	else
		env_state_list_env(&l, "env", environ);
	env_state_list_again(&l, environ);
	event_end(&l);
}

static uint64_t become(void)
{
	uint64_t t = now();

	globals->life.pid = (int32_t)SYS(getpid);
	thread = (struct thread){
		.inside = thread.inside, .number = 1, .born = t};
	atomic_store(&globals->life.threads, 1);
	name_self(t);
	return t;
}

static void remember_parent(void)
{
	globals->parent[0] = '\0';
	str_append(globals->parent, sizeof globals->parent,
		   thread.image.env ? thread.image.id : globals->self);
}

void image_begin(char *const *argv, char **envp)
{
	uint64_t t = become();

	exe_path_find(globals->exe, sizeof globals->exe, argv);
	globals->is_go = elf_program_is_go();
	env_state_begin(envp);
	keep_args(argv, envp);
	record_birth(t, "exec", argv);
	atomic_store(&globals->life.born, t);
}

/* The child has other pages than its parent: wiped pages, and no page of the
 * segment. A page that is read and then written to costs two faults, so the
 * first access is a write. */
void image_forked(void)
{
	uint64_t t = 0;

	if (!atomic_compare_exchange_strong(&globals->life.born, &t, 0))
		return;
	segment_touch();
	remember_parent();
	t = become();
	env_state_begin(environ);
	record_birth(t, "fork", NULL);
	atomic_store(&globals->life.born, t);
}

bool image_cloned(void)
{
	uint64_t t;

	if (atomic_exchange(&globals->life.being_born, 1))
		return false;
	remember_parent();
	t = become();
	record_birth(t, "clone", NULL);
	atomic_store(&globals->life.born, t);
	env_state_check();
	return true;
}
