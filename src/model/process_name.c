#include "model/process_name.h"

#include "base/out.h"
#include "model/build.h"

static struct str without_directories(struct str command)
{
	const char *blank =
		command.len ? memchr(command.at, ' ', command.len) : NULL;
	struct str program = command;

	if (blank)
		program.len = (size_t)(blank - command.at);
	program = str_base(program);
	command.len -= (size_t)(program.at - command.at);
	command.at = program.at;
	return command;
}

/* A script with `#!/usr/bin/env python3` is known by the words that its caller
 * wrote. */
static bool is_env_of_script(const struct image *image)
{
	const struct event *launch = image->handover;

	return launch && launch->args.n &&
	       str_eq(str_base(image->exe), STR("env")) &&
	       !str_eq(str_base(launch->args.at[0]), STR("env"));
}

static bool needs_quotes(struct str word)
{
	for (size_t i = 0; i < word.len; i++)
		if (strchr(" \t\n;&|<>()\"'", word.at[i]))
			return true;
	return !word.len;
}

/* A text in which are single quotes stands in double ones: for the eye. */
static struct str quoted(struct arena *a, struct str word)
{
	char quote = word.len && memchr(word.at, '\'', word.len) ? '"' : '\'';

	return arena_print(a, "%c%.*s%c", quote, STR_FMT(word), quote);
}

/* `sh -c 'unset NAME; exec app'`: where the text ends is seen. */
static struct str quoted_command(struct arena *a, const struct strs *args)
{
	struct strs words = {TAKE(a, struct str, args->n + 1), args->n};

	for (size_t i = 0; i < args->n; i++)
		words.at[i] = needs_quotes(args->at[i]) ? quoted(a, args->at[i])
							: args->at[i];
	return join_arguments(a, &words);
}

/* The command of a `keytrail run`, or of a process without a birth, is told in
 * other words than its arguments. */
static struct str whole_command(struct arena *a, const struct image *image)
{
	const struct strs *args = is_env_of_script(image)
					  ? &image->handover->args
					  : model_arguments(image);

	if (is_env_of_script(image) ||
	    str_eq(join_arguments(a, args), image->command))
		return quoted_command(a, args);
	return image->command;
}

static struct str command_of(struct arena *a, const struct image *image)
{
	struct str name = without_directories(whole_command(a, image));

	if (!name.len)
		name = str_base(image->exe);
	return name.len ? name : STR("a process");
}

static struct str add_pid(struct arena *a, struct str name,
			  const struct image *image)
{
	if (!image->pid)
		return name;
	return arena_print(a, "%.*s (pid %llu%.*s)", STR_FMT(name),
			   (unsigned long long)image->pid,
			   STR_FMT(model_origin(a, image)));
}

struct str process_name(struct arena *a, const struct image *image)
{
	struct str command = command_of(a, image);

	if (image->hop != HOP_THREAD)
		return command;
	return arena_print(a, "thread of %.*s", STR_FMT(command));
}

struct str process_name_and_pid(struct arena *a, const struct image *image)
{
	return add_pid(a, process_name(a, image), image);
}

static bool is_inside_character(char c)
{
	return (c & 0xc0) == 0x80;
}

/* The end of a command line tells as much as its beginning: the middle goes. */
static struct str cut_middle(struct arena *a, struct str s, size_t most)
{
	size_t head = most * 2 / 3, tail = s.len - (most - head);

	if (s.len <= most)
		return s;
	while (head && is_inside_character(s.at[head]))
		head--;
	while (tail < s.len && is_inside_character(s.at[tail]))
		tail++;
	return arena_print(a, "%.*s...%.*s", (int)head, s.at,
			   (int)(s.len - tail), s.at + tail);
}

enum { LONG_PATH = 30 };

static bool is_in_bin(struct str script)
{
	struct str directory = script;

	directory.len -= str_base(script).len;
	return directory.len > 4 &&
	       !memcmp(directory.at + directory.len - 4, "bin/", 4);
}

/* /usr/bin/uvicorn or venv/bin/uvicorn, run by python3, is known as uvicorn. */
static bool is_known_by_its_own_name(struct str script)
{
	return ((script.len && script.at[0] == '/') || is_in_bin(script)) &&
	       !memchr(str_base(script).at, '.', str_base(script).len);
}

/* The directories of the script, the second word, tell no more than those of
 * the program. */
static struct str without_script_directories(struct arena *a, struct str s)
{
	const char *blank = s.len ? memchr(s.at, ' ', s.len) : NULL;
	struct str rest, script;
	const char *end;

	if (!blank || blank[1] == '-')
		return s;
	rest = (struct str){blank + 1, s.len - (size_t)(blank + 1 - s.at)};
	end = memchr(rest.at, ' ', rest.len);
	script =
		(struct str){rest.at, end ? (size_t)(end - rest.at) : rest.len};
	if (!script.len || memmem(script.at, script.len, "://", 3) ||
	    (script.at[0] != '/' && script.len <= LONG_PATH &&
	     !is_known_by_its_own_name(script)))
		return s;
	return arena_print(
		a, "%.*s%.*s%.*s",
		is_known_by_its_own_name(script) ? 0 : (int)(blank + 1 - s.at),
		s.at, STR_FMT(str_base(script)), (int)(rest.len - script.len),
		script.at + script.len);
}

struct str process_in_short(struct arena *a, const struct image *image)
{
	struct str name = without_script_directories(a, command_of(a, image));

	name = cut_middle(a, name, 48);
	if (image->hop == HOP_THREAD)
		return arena_print(a, "a worker thread of %.*s", STR_FMT(name));
	return name;
}

/* `bin/node` is told as `node`, and `PATH=/usr/bin:/bin` as `PATH=...`. An
 * option keeps what it names. */
static char *append_short(char *at, struct str word)
{
	const char *value = word.len ? memchr(word.at, '=', word.len) : NULL;
	size_t name = value ? (size_t)(value + 1 - word.at) : 0;

	if (!word.len || *word.at == '-' || memmem(word.at, word.len, "://", 3))
		return mempcpy(at, word.at, word.len);
	if (!value)
		return mempcpy(at, str_base(word).at, str_base(word).len);
	if (word.len - name < 4 || !memchr(value, '/', word.len - name + 1))
		return mempcpy(at, word.at, word.len);
	return mempcpy(mempcpy(at, word.at, name), "...", 3);
}

/* A quoted text is left as it is: its directories are a part of what it says.
 */
static struct str without_all_directories(struct arena *a, struct str command)
{
	char *to = TAKE(a, char, command.len + 1), *at = to;
	struct str rest = command;
	bool is_quoted = false;

	while (rest.len) {
		const char *blank = memchr(rest.at, ' ', rest.len);
		size_t len = blank ? (size_t)(blank - rest.at) : rest.len;

		for (size_t i = 0; i < len; i++)
			is_quoted ^= rest.at[i] == '\'' || rest.at[i] == '"';
		if (is_quoted || (len && strchr("'\"", rest.at[len - 1])))
			at = mempcpy(at, rest.at, len);
		else
			at = append_short(at, (struct str){rest.at, len});
		if (blank)
			*at++ = ' ';
		rest = (struct str){rest.at + len + !!blank,
				    rest.len - len - !!blank};
	}
	return (struct str){to, (size_t)(at - to)};
}

bool is_interpreter(struct str program)
{
	while (program.len &&
	       strchr("0123456789.", program.at[program.len - 1]))
		program.len--;
	return str_is_listed(program, "python pypy node nodejs ruby perl php "
				      "bash sh dash zsh ksh java deno bun");
}

/* "worker.py --port 80" of "python3 worker.py --port 80". */
static struct str without_interpreter(struct str command)
{
	const char *blank =
		command.len ? memchr(command.at, ' ', command.len) : NULL;
	struct str program = command, rest;

	if (!blank || blank[1] == '-')
		return command;
	program.len = (size_t)(blank - command.at);
	rest = (struct str){blank + 1, command.len - program.len - 1};
	return is_interpreter(program) ? rest : command;
}

struct str command_within(struct arena *a, struct str name, unsigned columns)
{
	if (out_columns(name) > columns)
		name = without_script_directories(a, name);
	if (out_columns(name) > columns)
		name = without_all_directories(a, name);
	return out_columns(name) > columns ? without_interpreter(name) : name;
}

enum { IN_SENTENCE = 60 };

struct str process_in_sentence(struct arena *a, const struct image *image)
{
	struct str name = cut_middle(
		a, command_within(a, command_of(a, image), IN_SENTENCE),
		IN_SENTENCE);

	if (image->pid && image->hop == HOP_THREAD)
		name = arena_print(a, "a worker thread of %.*s", STR_FMT(name));
	return add_pid(a, name, image);
}
