/* How a model is built. model.c calls the steps in the order of this file. */
#ifndef MODEL_BUILD_H
#define MODEL_BUILD_H

#include "base/hashmap.h"
#include "model/model.h"

struct build {
	struct arena *arena;
	const struct trace *trace;
	struct model *model;
	size_t room;		    /* of model->images */
	struct image **event_image; /* by index of the event; may be null */
	struct image **by_pid;	    /* images by boot, pid and birth */
	size_t n_by_pid;
	struct hashmap *user_changes; /* by boot and pid; user_change.c */
};

/* A pid as recorded by one owner. A stranger's pid is never the pid of another
 * user's process. */
struct process_id {
	uint64_t boot, pid;
	unsigned owner;
};

/* The owner as a part of a hash map's key. */
static inline struct str owner_tag(const struct build *b, unsigned owner)
{
	return owner ? b->trace->owners[owner].tag : STR("");
}

/* images.c: the images that recorded events, their events, and parents by
 * fork. */
void build_images(struct build *);

/* The events of the kind, in order. Null: the image has none. */
const struct event **events_of_kind(struct arena *, const struct image *,
				    enum kt_event kind, size_t *ret_n);

/* Adds an image which exists since the event, and is in its trace. */
struct image *add_image(struct build *, struct str id, const struct event *);

/* The arguments, with blanks between. */
struct str join_arguments(struct arena *, const struct strs *args);

/* folds.c: events which the recorder only counted. */
void build_folds(struct build *);

/* handovers.c: which exec or spawn made which image, and the images that never
 * recorded an event. */
void build_handovers(struct build *);

/* Of an exec, a spawn or a `run`: true when the program started can record.
 * Else why the program cannot. */
bool is_traceable(const struct event *handover);
enum gap gap_of_handover(const struct event *);

/* script_paths.c: absolute paths for sites in scripts that were named by a
 * relative path. */
void build_script_sites(struct build *);

/* run_commands.c: marks the image of each command that `keytrail run` started,
 * and adds the commands that recorded nothing. */
void mark_commands(struct build *);

/* pid_index.c: sorts model->images by birth, and fills by_pid. */
void build_pid_index(struct build *);

/* The image that had the pid just before `t`, or null. Needs the pid index. */
struct image *find_image_by_pid(const struct build *, struct process_id,
				uint64_t t);

/* user_change.c: a process of a trusted user may go on as a stranger's. */

/* The effective uid of a program at its start. UINT64_MAX: not known. */
uint64_t uid_after_handover(const struct event *handover,
			    const struct image *by);

/* Remembers the first image of a stranger in a process of a trusted user. */
void add_user_change(struct build *, struct image *stranger);

/* Links strangers' images to an unobserved program. True when it linked any:
 * the exit statuses are to be found again. */
bool build_claims(struct build *);

/* The image that ended when the process ended. */
struct image *find_ended_image(const struct build *, struct process_id,
			       uint64_t t);

/* exit_status.c: how each image ended, and which image waited for it. */
void build_exit_statuses(struct build *);

/* parent_links.c: parents by pid, where no event names the parent; children,
 * siblings and roots. */
void build_parent_links(struct build *);

/* exit_status.c: which images had a child that failed or ran out of time. */
void build_failures(struct build *);

/* env_history.c: how the environment of each image changed after its birth. */
void build_env_histories(struct build *);

/* language_copy.c: when the language's own environment was not libc's. */
void build_language_copies(struct build *);

/* The last change of `name` up to `t`, when it set libc's environment alone.
 * *ret_setter: `image`, or whose fork `image` is. */
const struct event *set_past_copy(struct image *, struct str name, uint64_t t,
				  struct image **ret_setter);

/* The last difference found up to `t`, in the image or before its fork. */
const struct event *last_differ(const struct image *, uint64_t t);

/* The difference by which the language's own environment held the name, at `t`,
 * and libc's did not. *ret_value is null with the result. */
const struct event *held_in_copy_alone(const struct image *, struct str name,
				       uint64_t t,
				       const struct value **ret_value);

/* request_threads.c: the worker threads of a process that send requests. */
enum { MOST_SENDERS = 64 };

struct thread_sender {
	uint64_t thread, since;
	struct image *worker; /* null: not known */
};

struct thread_senders {
	struct thread_sender at[MOST_SENDERS];
	size_t n;
};

void find_thread_senders(const struct image *, struct thread_senders *);

/* The worker thread that sent the request, or had the answer; null: the
 * process, or nobody knows. */
const struct image *sender_of_thread(const struct thread_senders *,
				     const struct event *);

/* requests.c: the requests of each image, with their answers. */
void build_requests(struct build *);

/* program_name.c: image->program. */
void build_program_names(struct build *);

/* env_files.c: opens of env and secret files, and what these files hold. */
void build_env_files(struct build *);

/* readings.c: which image asked for which variable. */
void build_readings(struct build *);

/* variable_loss.c: where each missing variable was lost. */
void build_losses(struct build *);

#endif
