#include "model/build.h"

#include "trace/site.h"

/* Signals which ask for an end: SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGTERM. */
static bool is_stop_signal(int64_t signal)
{
	return signal == 1 || signal == 2 || signal == 3 || signal == 9 ||
	       signal == 15;
}

static const int64_t SIGNAL_USR2 = 12; /* a reload, to many supervisors */

static void set_end(struct image *image, const struct event *e)
{
	image->ended = e->t;
	image->has_status = e->has_status;
	image->status = e->status;
	image->has_signal = e->has_signal;
	image->signal = e->signal;
}

/* Pids differ between pid namespaces. The child belongs to the waiter when the
 * child's parent pid is the waiter's pid. */
static void set_child_end(struct build *b, struct image *waiter,
			  const struct event *wait)
{
	struct image *child;

	if (!wait->has_status && !wait->has_signal)
		return; /* stopped, or nothing yet */
	child = find_ended_image(
		b,
		(struct process_id){waiter->boot, wait->child, waiter->owner},
		wait->t);
	if (!child || child->ppid != waiter->pid)
		return;
	set_end(child, wait);
	child->waiter = waiter;
}

typedef struct image *finder(const struct build *, struct process_id, uint64_t);

/* Lines of `keytrail run` name no image, and so no boot. */
static struct image *find_command(struct build *b, finder *find, uint64_t pid,
				  const struct event *of_run)
{
	uint64_t boots = 0;
	struct image *image = NULL;

	if (b->model->n_images)
		boots = b->model->images[b->model->n_images - 1]->boot;
	for (uint64_t boot = 0; boot <= boots && !image; boot++)
		image = find(b, (struct process_id){boot, pid, of_run->owner},
			     of_run->t);
	return image;
}

static void set_command_end(struct build *b, const struct event *ran)
{
	struct image *image = find_command(b, find_ended_image, ran->pid, ran);

	if (image)
		set_end(image, ran);
}

/* A process is asked to stop by a signal of another traced process, or by one
 * that `keytrail run` received (`by` null). */
static void set_killed(struct build *b, struct image *by, const struct event *e)
{
	struct image *image;

	if (!is_stop_signal(e->signal) && e->signal != SIGNAL_USR2)
		return;
	if (by)
		image = find_image_by_pid(
			b, (struct process_id){by->boot, e->to, by->owner},
			e->t);
	else
		image = find_command(b, find_image_by_pid, e->to, e);
	if (image && image != by)
		image->killed = e;
}

void build_exit_statuses(struct build *b)
{
	for (size_t i = 0; i < b->trace->n; i++) {
		const struct event *e = &b->trace->events[i];
		struct image *by = b->event_image[i];

		if (e->kind == KT_RAN)
			set_command_end(b, e);
		else if (e->kind == KT_WAIT && by)
			set_child_end(b, by, e);
		else if (e->kind == KT_KILL && (by || event_is_of_run(e)))
			set_killed(b, by, e);
		else if (e->kind == KT_RAISE && by)
			by->raise = e;
		else if (e->kind == KT_EXIT && by && !e->vfork) {
			set_end(by, e);
			by->exit = e;
		}
	}
}

/* timeout ends with status 124 when it stopped its command, and a program
 * waiting for timeout often ends with the same status. */
static bool is_timeout(const struct image *image)
{
	return image->has_status && image->status == 124 &&
	       (image->timed_out ||
		str_eq(str_base(image->exe), STR("timeout")) ||
		(image->birth && image->birth->args.n &&
		 str_eq(str_base(image->birth->args.at[0]), STR("timeout"))));
}

/* A request counts for half a minute. */
static bool is_recent(const struct event *killed, uint64_t ended)
{
	const uint64_t most = 30ull * 1000 * 1000 * 1000;

	return killed && ended >= killed->t && ended - killed->t <= most;
}

bool model_was_stopped(const struct image *image)
{
	if (is_recent(image->killed, image->ended))
		return true;
	if (image->has_signal)
		return is_stop_signal(image->signal);
	return image->has_status &&
	       (is_stop_signal(image->status - 128) || is_timeout(image));
}

bool model_has_ended(const struct image *image)
{
	return image->has_signal || image->has_status;
}

/* In a worker of a cluster, PM2 catches the error and ends the worker with 0.
 */
static bool is_ended_by_pm2(const struct image *image)
{
	return image->raise && image->exit &&
	       str_eq(image->exit->in, STR("uncaughtListener")) &&
	       str_has_suffix(site_file(image->exit->site),
			      STR("/pm2/lib/ProcessContainer.js"));
}

bool model_failed(const struct image *image)
{
	return (image->has_signal || (image->has_status && image->status) ||
		is_ended_by_pm2(image)) &&
	       !model_was_stopped(image);
}

/* A failed thread need not end its process: the end of the process counts. */
static void copy_process_end(struct image *thread)
{
	const struct image *process = model_process(thread);

	thread->ended = process->ended;
	thread->has_status = process->has_status;
	thread->status = process->status;
	thread->has_signal = process->has_signal;
	thread->signal = process->signal;
	thread->waiter = process->waiter;
}

/* Children come after their parents. */
void build_failures(struct build *b)
{
	for (size_t i = 0; i < b->model->n_images; i++)
		if (b->model->images[i]->hop == HOP_THREAD)
			copy_process_end(b->model->images[i]);
	for (size_t i = b->model->n_images; i > 0; i--) {
		struct image *image = b->model->images[i - 1];

		if (!image->waiter)
			continue;
		if (is_timeout(image))
			image->waiter->timed_out = true;
		if (model_failed(image))
			image->waiter->child_failed = true;
	}
}
