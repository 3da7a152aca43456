/* Copies of the environment: a program that looks in a copy is not seen to ask.
 */
#include "diagnosis/evaluation.h"

#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

enum { MAX_LOOKS = 4096 }; /* events after the first copy of an image */

/* --- a copy for a child ----------------------------------------------------
 */

/* The event by which `image` started `child`; null: a fork that started none.
 */
static const struct event *launch_of(const struct image *child)
{
	if (child->hop != HOP_FORK)
		return child->handover;
	for (const struct image *i = child->first_child; i; i = i->next_sibling)
		if (i->hop == HOP_EXEC)
			return i->handover;
	return NULL;
}

/* A Python program that passes no environment has a call that takes none. */
static bool takes_environment(const struct image *image,
			      const struct event *launch)
{
	return runtime_of_program(image->exe)->id != RUNTIME_PYTHON ||
	       str_is_listed(launch->fn, "execve execvpe execveat fexecve "
					 "posix_spawn posix_spawnp");
}

/* The program made the copy to start a child: a function of its own is on the
 * way both to the copy and to a later launch. */
static bool is_for_child(const struct image *image, const struct event *copy)
{
	for (const struct image *child = image->first_child; child;
	     child = child->next_sibling) {
		const struct event *launch = launch_of(child);

		if (launch && launch->t > copy->t &&
		    takes_environment(image, launch) &&
		    share_own_function(image, copy, launch))
			return true;
	}
	return false;
}

/* --- which copies hide reads ------------------------------------------------
 */

bool is_settings_copy(const struct image *image, const struct event *copy)
{
	enum reader reader = who_asks(image, copy, STR("")).reader;

	return reader == READER_SETTINGS || reader == READER_PARSER;
}

/* Other libraries copy for names of their own. */
static bool hides_reads(const struct image *image, const struct event *copy)
{
	return is_settings_copy(image, copy) ||
	       (who_asks(image, copy, STR("")).who == OWN_CODE &&
		!is_for_child(image, copy));
}

static const struct event *copy_in(const struct image *image)
{
	size_t from = image->first_copy, n = image->n_events;

	for (size_t i = from; i < n && i - from < MAX_LOOKS; i++)
		if (image->events[i]->kind == KT_COPY &&
		    hides_reads(image, image->events[i]))
			return image->events[i];
	return NULL;
}

static const struct event *replacement_in(const struct image *image)
{
	for (size_t i = 0; i < image->n_differs; i++)
		if (image->differs[i]->replaced)
			return image->differs[i];
	return NULL;
}

const struct event *find_hiding_copy(const struct image *image)
{
	while (image) {
		const struct event *copy = copy_in(image);

		if (!copy)
			copy = replacement_in(image);
		if (copy)
			return copy;
		image = model_is_fork_or_thread(image) ? image->parent : NULL;
	}
	return NULL;
}

bool may_look_in_copy(const struct image *image)
{
	return !runtime_hides_reads(image) &&
	       (find_hiding_copy(image) || runtime_may_hide_copies(image));
}

/* --- what a copy held -------------------------------------------------------
 */

static bool is_key(struct str name)
{
	return role_of(name) == ROLE_KEY || role_of(name) == ROLE_ALTERNATIVE ||
	       role_of(name) == ROLE_NONE;
}

struct str held_by_copy(const struct evaluation *e, const struct image *image,
			const struct event *copy)
{
	const struct model *m = e->model;
	const struct value *value;

	for (size_t i = 0; i < m->n_variables; i++) {
		struct str name = m->variables[i].name;

		if ((e->named->n ? is_listed(e->named, name) : is_key(name)) &&
		    model_held(image, name, copy->t, &value) == PRESENT &&
		    value && !model_is_malformed(value))
			return name;
	}
	return (struct str){NULL, 0};
}

/* pydantic_settings of pydantic_settings/sources/utils; of npm, a name with its
 * scope. */
static struct str library_of(struct str package)
{
	const char *slash =
		package.len ? memchr(package.at, '/', package.len) : NULL;

	if (!slash || package.at[0] == '@')
		return package;
	return (struct str){package.at, (size_t)(slash - package.at)};
}

struct str copy_in_words(struct arena *a, const struct image *image)
{
	const struct event *copy = find_hiding_copy(image);
	struct str site = copy->command_site.len ? copy->command_site
						 : own_place(image, copy, 0);
	struct str by = library_of(who_asks(image, copy, STR("")).package);

	if (copy->kind == KT_DIFFER)
		return arena_print(
			a, "%.*s works with another object for %.*s",
			STR_FMT(place_has_line(site)
					? place_in_words(a, image, site)
					: process_in_sentence(a, image)),
			STR_FMT(copy->fn));
	return arena_print(a, "%.*s copied its environment%s%.*s%s",
			   STR_FMT(place_has_line(site)
					   ? place_in_words(a, image, site)
					   : process_in_sentence(a, image)),
			   by.len ? " (" : "", STR_FMT(by), by.len ? ")" : "");
}
