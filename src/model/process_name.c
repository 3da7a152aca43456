#include "model/process_name.h"

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

static struct str command_of(const struct image *image)
{
	struct str name = without_directories(image->command);

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
			   STR_FMT(model_user(a, image)));
}

struct str process_name(struct arena *a, const struct image *image)
{
	struct str command = command_of(image);

	if (image->hop != HOP_THREAD)
		return command;
	return arena_print(a, "thread of %.*s", STR_FMT(command));
}

struct str process_name_and_pid(struct arena *a, const struct image *image)
{
	return add_pid(a, process_name(a, image), image);
}

/* Cuts between two characters of UTF-8. */
static struct str shortened(struct arena *a, struct str s)
{
	const size_t most = 80;

	if (s.len <= most)
		return s;
	for (s.len = most; s.len && (s.at[s.len] & 0xc0) == 0x80;)
		s.len--;
	return arena_print(a, "%.*s...", STR_FMT(s));
}

struct str process_in_sentence(struct arena *a, const struct image *image)
{
	struct str name = shortened(a, command_of(image));

	if (image->pid && image->hop == HOP_THREAD)
		name = arena_print(a, "a worker thread of %.*s", STR_FMT(name));
	return add_pid(a, name, image);
}
