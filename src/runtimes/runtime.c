#include "runtimes/runtime.h"

enum id {
#define RUNTIME(id, name, reads, programs) id,
#include "runtimes/runtimes.def"
	ID_COUNT
};

enum reads { SEEN, HIDDEN, HELPER };

static const struct {
	struct runtime runtime;
	const char *programs;
} runtimes[ID_COUNT] = {
#define RUNTIME(id, name, reads, programs)                                     \
	[id] = {{name, reads == HIDDEN, reads == HELPER}, programs},
#include "runtimes/runtimes.def"
};

static const enum leads leads[ID_COUNT] = {
#define LEADS(id, where) [id] = LEADS_TO_##where,
#include "runtimes/runtimes.def"
};

static const char *const remedies[ID_COUNT][REMEDY_COUNT] = {
#define REMEDY(id, what, text) [id][REMEDY_##what] = text,
#include "runtimes/runtimes.def"
};

/* python3.11 is python, php-fpm8.2 is php-fpm. */
static struct str less_version(struct str name)
{
	while (name.len &&
	       (name.at[name.len - 1] == '.' || name.at[name.len - 1] == '-' ||
		(name.at[name.len - 1] >= '0' && name.at[name.len - 1] <= '9')))
		name.len--;
	return name;
}

static bool is_listed(const char *list, struct str name)
{
	while (*list) {
		size_t len = strcspn(list, " ");

		if (str_eq(name, (struct str){list, len}))
			return true;
		list += len + (list[len] == ' ');
	}
	return false;
}

static enum id named(struct str program)
{
	struct str name = str_base(program), stem = less_version(name);

	for (enum id id = OTHER; name.len && id < ID_COUNT; id++)
		if (is_listed(runtimes[id].programs, name) ||
		    is_listed(runtimes[id].programs, stem))
			return id;
	return OTHER;
}

const struct strs *image_arguments(const struct image *image)
{
	static const struct strs none = {NULL, 0};

	image = model_process(image);
	if (image->birth)
		return &image->birth->args;
	return image->handover ? &image->handover->args : &none;
}

/* Of the shells whose options these are. */
static bool takes_posix_options(struct str argv0)
{
	struct str name = str_base(argv0);

	if (name.len && name.at[0] == '-') /* a login shell */
		name = (struct str){name.at + 1, name.len - 1};
	return is_listed("sh bash dash ash", name);
}

/* How many arguments an option takes; -1: then there is no script. */
static int operands_of(struct str option)
{
	int n = 0;

	if (str_eq(option, STR("--rcfile")) ||
	    str_eq(option, STR("--init-file")))
		return 1;
	if (option.at[1] == '-')
		return 0;
	for (size_t i = 1; i < option.len; i++) {
		if (option.at[i] == 'c' || option.at[i] == 's')
			return -1;
		n += option.at[i] == 'o' || option.at[i] == 'O';
	}
	return n;
}

static bool ends_options(struct str s)
{
	return str_eq(s, STR("-")) || str_eq(s, STR("--"));
}

static bool is_option(struct str s)
{
	return s.len > 1 && (s.at[0] == '-' || s.at[0] == '+') &&
	       !ends_options(s);
}

struct str runtime_script(const struct image *image)
{
	const struct strs *args = image_arguments(image);
	struct str script = {0};
	size_t i = 1;

	if (named(image->exe) != SHELL || !args->n ||
	    !takes_posix_options(args->at[0]))
		return script;
	for (; i < args->n && is_option(args->at[i]); i++) {
		int operands = operands_of(args->at[i]);

		if (operands < 0)
			return script;
		i += (size_t)operands;
	}
	if (i < args->n && ends_options(args->at[i]))
		i++;
	if (i < args->n && args->at[i].len &&
	    !memmem(args->at[i].at, args->at[i].len, "***", 3))
		script = args->at[i];
	return script;
}

static bool runs_scripts(enum id id)
{
	return id == NODE || id == PYTHON || id == RUBY || id == PERL ||
	       id == SHELL;
}

/* A script is better known by its own name than by its interpreter's. */
static enum id id_of(const struct image *image)
{
	const struct strs *args = image_arguments(image);
	enum id program = named(image->exe), script = OTHER;

	if (program == OTHER && args->n)
		program = named(args->at[0]);
	if (program == OTHER && image->is_go)
		program = GO;
	if (runs_scripts(program) && args->n > 1)
		script = named(args->at[1]);
	return script == OTHER ? program : script;
}

const struct runtime *runtime_of_program(struct str exe)
{
	return &runtimes[named(exe)].runtime;
}

const struct runtime *runtime_of(const struct image *image)
{
	return &runtimes[id_of(image)].runtime;
}

enum leads runtime_leads(const struct image *image)
{
	return leads[id_of(image)];
}

static const char *text_of(enum id id, enum remedy remedy)
{
	if (remedies[id][remedy])
		return remedies[id][remedy];
	if (remedy <= REMEDY_THREAD && remedies[id][REMEDY_REPLACED])
		return remedies[id][REMEDY_REPLACED];
	return remedies[OTHER][remedy];
}

struct str runtime_remedy(struct arena *a, const struct image *culprit,
			  enum remedy remedy, struct str variable)
{
	const char *text = text_of(culprit ? id_of(culprit) : OTHER, remedy);
	size_t room = strlen(text) + 1, len = 0;
	char *to;

	for (const char *c = text; *c; c++)
		room += *c == '@' ? variable.len : 0;
	to = TAKE(a, char, room);
	for (; *text; text++) {
		if (*text != '@') {
			to[len++] = *text;
			continue;
		}
		if (variable.len)
			memcpy(to + len, variable.at, variable.len);
		len += variable.len;
	}
	return (struct str){to, len};
}

static bool is_heard(const struct image *image)
{
	while (image && !image->reads_observed)
		image = model_is_fork_or_thread(image) ? image->parent : NULL;
	return image;
}

bool runtime_hides_reads(const struct image *image)
{
	return !is_heard(image) && runtime_of(image)->hides_reads;
}

bool runtime_may_hide_reads(const struct image *image)
{
	enum id program = named(image->exe);

	return runtime_hides_reads(image) || program == PHP ||
	       (runs_scripts(program) && program != SHELL);
}

/* Deno's workers share the process's. */
bool runtime_hides_threads(const struct image *image)
{
	return named(image->exe) == NODE && !is_heard(image) &&
	       !str_eq(str_base(image->exe), STR("deno"));
}
