#include "command_sites/tools/replaced_object.h"

#include "runtimes/runtime.h"

static bool is_comment(struct str line)
{
	return line.len > 1 && (*line.at == '*' || !memcmp(line.at, "//", 2));
}

/* `process.env = {...}`, but not `if (process.env == x)`. */
static bool replaces_object(struct str line)
{
	const struct str object = STR("process.env");
	const char *at = memmem(line.at, line.len, object.at, object.len);
	struct str rest;

	if (!at || is_comment(line))
		return false;
	rest = trim(from(line, (size_t)(at - line.at) + object.len));
	return rest.len > 1 && rest.at[0] == '=' && !strchr("=>", rest.at[1]);
}

/* len 0: no such line, or several. */
static struct str line_in(struct written_files *files,
			  const struct image *image, struct str path)
{
	struct str text = read_written(files, path, image), line;
	struct str found = {NULL, 0};
	unsigned long n = 0;

	while (next_line(&text, &line)) {
		n++;
		if (!replaces_object(trim(line)))
			continue;
		if (found.len)
			return (struct str){NULL, 0};
		found = site_at(files->arena, path, n);
	}
	return found;
}

void find_replaced_object(struct written_files *files,
			  const struct image *image)
{
	struct str script, site;

	if (!image->n_differs || runtime_of(image)->id != RUNTIME_NODE)
		return;
	script = model_first_operand(image);
	site = script.len
		       ? line_in(files, image,
				 path_below(files->arena, image->cwd, script))
		       : script;
	for (size_t i = 0; i < image->n_differs; i++) {
		struct event *e = model_event_to_write(image->differs[i]);

		if (!e->replaced || e->env.n || e->command_site.len)
			continue;
		e->command_site = site;
		e->command_site_is_new = site.len;
	}
}
