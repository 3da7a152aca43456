#include "command_sites/tools/container.h"

#include "command_sites/launcher_climb.h"
#include "command_sites/partial_text.h"
#include "command_sites/program_options.h"
#include "command_sites/ini_file.h"
#include "runtimes/runtime.h"

/* --- the file of compose -------------------------------------------------- */

struct compose_reader {
	struct command_list list;
	bool is_in_services, has_command;
	size_t of_service, of_key; /* indents; 0: not known yet */
};

static const struct str any_command = {"\1", 1};

static size_t indent_of(struct str line)
{
	size_t n = 0;

	while (n < line.len && line.at[n] == ' ')
		n++;
	return n;
}

/* `value` of `key: value`; false: another line. */
static bool is_key(struct str line, struct str key, struct str *ret_value)
{
	if (line.len <= key.len || memcmp(line.at, key.at, key.len) != 0 ||
	    line.at[key.len] != ':')
		return false;
	*ret_value = trim(from(line, key.len + 1));
	return true;
}

/* A service without a command of its own may run any. */
static void begin_service(struct compose_reader *r, unsigned long number)
{
	struct command_list *list = &r->list;

	*ARRAY_ADD(list->arena, list->at, list->n, list->room) =
		(struct written_command){.words = any_command, .line = number};
	r->of_key = 0;
	r->has_command = false;
}

/* Only a command of one line is understood. */
static void take_command(struct compose_reader *r, struct str value)
{
	struct command_list *list = &r->list;

	if (!value.len || strchr("[|>&*!", *value.at) || r->has_command)
		return;
	list->n--;
	add_command(list, value, '\0', list->at[list->n].line);
	r->has_command = true;
}

static void take_line(struct compose_reader *r, struct str line,
		      unsigned long number)
{
	size_t indent = indent_of(line);
	struct str text = trim(line), value;

	if (!text.len || *text.at == '#')
		return;
	if (!indent) {
		r->is_in_services = is_key(text, STR("services"), &value);
		r->list.has_more |= (r->is_in_services && value.len) ||
				    is_key(text, STR("include"), &value);
		return;
	}
	if (!r->is_in_services)
		return;
	r->of_service = r->of_service ? r->of_service : indent;
	if (indent <= r->of_service) {
		begin_service(r, number);
		return;
	}
	r->of_key = r->of_key ? r->of_key : indent;
	if (indent != r->of_key)
		return;
	if (is_key(text, STR("command"), &value))
		take_command(r, value);
	else if (is_key(text, STR("entrypoint"), &value) && r->list.n) {
		r->list.at[r->list.n - 1].words = any_command;
		r->has_command = true;
	}
}

static struct command_list parse_compose(struct arena *a, struct str text)
{
	struct compose_reader r = {.list = {.arena = a}};
	unsigned long number = 0;
	struct str line;

	while (next_line(&text, &line))
		take_line(&r, line, ++number);
	return r.list;
}

/* The file of the option, or the only file with one of the default names. */
static struct str compose_file(struct arena *a, const struct image *client)
{
	struct str file = value_of_option(client, 'f', "--file");

	if (file.len)
		return path_below(a, client->cwd, file);
	return find_only_file(a, client->cwd,
			      STR("compose.yaml compose.yml docker-compose.yml "
				  "docker-compose.yaml"));
}

static bool may_start(const struct written_command *service,
		      const struct launched *l)
{
	return str_eq(service->words, any_command) ||
	       may_be_equal(service->words, l->words);
}

static struct str find_service(struct written_files *files,
			       const struct image *client,
			       const struct launched *l)
{
	struct str path = compose_file(files->arena, client);
	struct str site = {NULL, 0};
	struct command_list list =
		parse_compose(files->arena, read_written(files, path, client));

	for (size_t i = 0; i < list.n && !list.has_more; i++) {
		if (!may_start(&list.at[i], l))
			continue;
		if (site.len)
			return (struct str){NULL, 0};
		site = site_at(files->arena, path, list.at[i].line);
	}
	return site;
}

/* --- clients -------------------------------------------------------------- */

static bool has_word(const struct image *client, const char *words)
{
	const struct strs *args = model_arguments(client);

	for (size_t i = 1; i < args->n; i++)
		if (str_is_listed(args->at[i], words))
			return true;
	return false;
}

static bool is_compose(const struct image *image)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 0; i < args->n && i < 2; i++)
		if (str_is_listed(str_base(args->at[i]),
				  "docker-compose podman-compose"))
			return true;
	return args->n > 1 && str_eq(args->at[1], STR("compose")) &&
	       runtime_of(image)->id == RUNTIME_DOCKER;
}

/* The end of the client's words is the command. */
static bool ends_with_command(struct arena *a, const struct image *client,
			      struct str words)
{
	struct str all = client->birth ? partial_arguments(a, client->birth, 1)
				       : (struct str){NULL, 0};

	return words.len && all.len > words.len &&
	       all.at[all.len - words.len - 1] == BETWEEN &&
	       !memcmp(all.at + all.len - words.len, words.at, words.len);
}

static bool starts_containers(const struct image *image)
{
	if (model_is_fork_or_thread(image) || !has_all_options(image))
		return false;
	if (is_compose(image))
		return has_word(image, "up run start");
	return runtime_of(image)->id == RUNTIME_DOCKER &&
	       has_word(image, "run");
}

static struct str find_by_client(struct written_files *files,
				 const struct image *client,
				 const struct launched *l)
{
	if (is_compose(client))
		return find_service(files, client, l);
	return ends_with_command(files->arena, client, l->words)
		       ? find_command_site(files, client)
		       : (struct str){NULL, 0};
}

/* The first process of a namespace of processes. */
static bool is_first_of_container(const struct image *image)
{
	return !image->parent && image->birth && !image->owner &&
	       image->birth->pid == 1 && !image->birth->ppid;
}

void find_containers(struct written_files *files, const struct model *m)
{
	const struct image *client = NULL;
	size_t clients = 0;

	for (size_t i = 0; i < m->n_images; i++)
		if (starts_containers(m->images[i])) {
			client = m->images[i];
			clients++;
		}
	for (size_t i = 0; clients == 1 && i < m->n_images; i++) {
		const struct image *image = m->images[i];
		struct launched l = {.image = image};
		struct event *birth = (struct event *)image->birth;

		if (!is_first_of_container(image) || birth->command_site.len)
			continue;
		l.words = partial_arguments(files->arena, birth, 0);
		birth->command_site = find_by_client(files, client, &l);
		birth->command_site_is_new = birth->command_site.len;
	}
}
