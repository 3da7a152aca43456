/* What `keytrail run` started. */
#include "model/build.h"

/* The first image of every pid. */
static struct hashmap *first_by_pid(struct build *b)
{
	struct hashmap *first = hashmap_new(b->arena);

	for (size_t i = 0; i < b->model->n_images; i++) {
		struct image *image = b->model->images[i];
		const void *pid = (const void *)(uintptr_t)image->pid;
		void **slot =
			hashmap_slot(first, pid, owner_tag(b, image->owner));

		if (!*slot)
			*slot = image;
	}
	return first;
}

/* True when the first image of the pid is the command itself. A static program
 * records nothing: the image is a program which the command started. Other
 * programs that cannot be followed record now and then (sudo, as root); then
 * the name is the command's. */
static bool is_command_image(const struct image *first, const struct event *run)
{
	return !first->birth || is_traceable(run) ||
	       (run->target != KT_TARGET_STATIC &&
		str_eq(str_base(run->command), str_base(first->exe)));
}

/* Of a command without events only the `run` event is known. `first` is the
 * first image of the pid, or null. */
static struct image *add_unobserved_command(struct build *b,
					    const struct event *run,
					    const struct image *first)
{
	struct str id =
		arena_print(b->arena, "%llu.%llu", (unsigned long long)run->pid,
			    (unsigned long long)run->t);
	struct image *image = add_image(b, id, run);

	image->pid = run->pid;
	image->ppid = first ? first->ppid : 0;
	image->boot = (first ? first : b->model->images[0])->boot;
	image->owner = run->owner;
	image->exe = image->command = run->command;
	image->gap = gap_of_handover(run);
	return image;
}

/* What the launcher of `keytrail run` became; the launcher itself, when its
 * exec failed. In a report the launcher has the name that the user typed. */
static struct image *launched_by(struct build *b, struct image *launcher)
{
	launcher->command = STR("keytrail run");
	for (size_t i = 0; i < b->model->n_images; i++) {
		struct image *image = b->model->images[i];

		if (image->parent == launcher && image->hop == HOP_EXEC)
			return image;
	}
	return launcher;
}

void mark_commands(struct build *b)
{
	struct hashmap *first = NULL;

	for (size_t i = 0; i < b->trace->n; i++) {
		const struct event *run = &b->trace->events[i];
		void **slot;

		if (run->kind != KT_RUN)
			continue;
		first = first ? first : first_by_pid(b);
		slot = hashmap_slot(first, (const void *)(uintptr_t)run->pid,
				    owner_tag(b, run->owner));
		if (*slot && run->launcher)
			*slot = launched_by(b, *slot);
		else if (!*slot || !is_command_image(*slot, run))
			*slot = add_unobserved_command(b, run, *slot);
		((struct image *)*slot)->is_command = true;
		((struct image *)*slot)->above = run->above;
	}
}
