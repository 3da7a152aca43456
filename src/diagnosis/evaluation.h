/* The steps of a diagnosis (diagnosis.h), and their common data. */
#ifndef DIAGNOSIS_EVALUATION_H
#define DIAGNOSIS_EVALUATION_H

#include "base/hashmap.h"
#include "catalogue/catalogue.h"
#include "catalogue/env_libraries.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "rules/rule.h"

struct evaluation;

/* --- who asks: who_asks.c --------------------------------------------------
 */

enum who { OWN_CODE, ITS_CLIENT, OTHER_LIBRARY };

struct asker {
	enum who who;
	bool is_tool;	    /* a command-line tool that is itself the client */
	bool is_bundled;    /* in a file that a tool made of many */
	enum reader reader; /* of the library's file */
	struct str package; /* of a library; len 0: none */
	struct str site;    /* the place that asked; len 0: not known */
	struct str function;
	struct str user_site; /* first place of own code; len 0: not seen */
	bool is_at_import;    /* a client's module asks when imported, whatever
				 the program does with the client */
};

struct asker who_asks(const struct image *, const struct event *read,
		      struct str name);

/* True when one function of the program is on the way to both events. */
bool share_own_function(const struct image *, const struct event *,
			const struct event *);

/* True when one package of a transparent reader is on the way to both events.
 */
bool share_getter(const struct event *, const struct event *);

/* True when a settings library is on the way to the event. */
bool came_through_settings(const struct event *);

/* The place that a report names for an event of a language: the first that the
 * user can edit; else the event's own. */
struct str site_to_edit(const struct image *, const struct event *);

/* The nth place of own code on the way to an event; len 0: there are fewer. */
struct str own_place(const struct image *, const struct event *, size_t n);

/* earlier_own_place.c: the place of own code for which the library of a read
 * asked for the same name before. len 0: none, or several. */
struct str earlier_own_place(const struct reading *, const struct event *read);

/* --- copies of the environment: copies.c -----------------------------------
 */

/* The first copy in which the image, or a program that it was forked from, may
 * look for names unseen: a settings library's, the program's own that was not
 * made for a child, or an object in the place of the language's environment
 * (KT_DIFFER). Null: none. */
const struct event *find_hiding_copy(const struct image *);

/* True for a copy by a settings library, or by a parser. */
bool is_settings_copy(const struct image *, const struct event *copy);

/* True when reads of the image are seen, but for those of a copy that was seen,
 * or that may have been made unseen. */
bool may_look_in_copy(const struct image *);

/* "app.py:6 copied the environment (pydantic_settings)", of the hiding copy. */
struct str copy_in_words(struct arena *, const struct image *);

/* A key, or a name that the user gave, in a copy. len 0: there is none. */
struct str held_by_copy(const struct evaluation *, const struct image *,
			const struct event *copy);

/* --- need: need.c ----------------------------------------------------------
 */

enum need { OPTIONAL, WANTED, NEEDED };

/* True when the user gave the name, by --variable or -w without a wildcard. */
bool is_named_by_user(const struct evaluation *, const struct reading *);

enum need need_of(const struct evaluation *, const struct reading *,
		  const struct asker *);

/* The need of another name, which the same reader holds. */
enum need need_of_name(const struct evaluation *, const struct reading *,
		       const struct asker *, struct str name);

/* The need of an image whose reads are not seen. */
enum need need_of_unseen(const struct evaluation *, const struct reading *);

/* True when an ancestor, or the image itself at another time, held a value of
 * the variable which is not empty. */
bool is_held_upstream(const struct reading *);

/* need.c: true when a pattern of -w matches the name. */
bool matches_pattern(const struct strs *patterns, struct str name);

/* True when the list has the name. */
bool is_listed(const struct strs *, struct str name);

/* --- what became of the reader: end.c --------------------------------------
 */

enum end { FAILED_BY_IT, FAILED, FAILED_OTHERWISE, UNKNOWN, WELL };

struct ask;
enum end end_of(const struct reading *, const struct ask *);

/* end.c: true when the refused request has the form of a real key, which no
 * variable held: perhaps a key from elsewhere. */
bool is_refused_for_other_key(const struct reading *, const struct ask *);

/* True for a test runner, and for a worker or test file that it started. */
bool runs_tests(const struct image *);

/* True when the function that asked, or its caller, ended the process within a
 * second and a few lines below, and no child ended in between. */
bool ended_at_once(const struct reading *, const struct ask *);

/* The word in reports: "failed-by-it", "well", ... */
const char *end_word(enum end);

/* --- the strongest request of a reading ------------------------------------
 */

struct ask {
	const struct event *event; /* the read; null: none was seen */
	struct asker asker;
	enum need need;
	bool relieved;
	bool is_probe; /* a loader's: it set the name at once */
	bool is_echo;  /* a setdefault's: it had set the name */
	bool named_by_user;
	bool client_asks; /* a client needs the name as much, and missed it */
	const struct request *refusal; /* for want of the name, or null */
	/* Failed in place of the reader, which handed nothing on; or null. */
	const struct image *consumer;
	enum end end;
};

/* relief.c: true when the miss at `event` did no harm. */
bool is_relieved(const struct model *, const struct reading *,
		 const struct event *, const struct asker *);

/* other_source.c: the env file or mounted secret from which what missed the
 * name took the credential. by null: none. */
struct loaded_file file_taken(const struct model *, const struct reading *,
			      const struct event *miss, const struct asker *);

/* other_source.c: true when what missed the name took the credential from an
 * env file, a mounted secret, or a tool's login. */
bool took_from_file(const struct model *, const struct reading *,
		    const struct event *miss, const struct asker *);

/* relief.c: true when the place that missed the name found it later. Of all
 * relief only this counts for a name that the user gave. */
bool was_found_later(const struct reading *, const struct event *miss);

/* later_find.c: true when the client or place that asked too early found the
 * name later; or own code found it, and a client had asked at its import. */
bool found_later_by_asker(const struct reading *, const struct ask *);

/* later_find.c: true when the same thread found the name later, led there by
 * the line of the program that led to the miss. */
bool found_later_from_line(const struct reading *, const struct ask *);

/* alternatives.c: true for a name which no other name can stand for. */
bool is_needed_itself(struct str name);

/* alternatives.c: true when the name `found` serves in place of `missed`. */
bool serves(struct str found, struct str missed);

/* started_again.c: true when the launcher started the same command again, which
 * had the name. */
bool restarted_with_it(const struct reading *);

/* started_again.c: true for a start after which the launcher started the
 * program again: with a name missed before, where the start failed or
 * was stopped; or with a value accepted by a host in the place of a refused
 * value.
 */
bool is_mended_start(const struct image *);

/* started_again.c: true for a refused value, where a host took the value with
 * which the launcher started the program again. */
bool is_rotated(const struct reading *);

/* started_again.c: true when the launcher started the program again, with a
 * newer value, and the later start did not fail. */
bool restarted_with_newer(const struct reading *);

/* relief.c: true for a change by which a test's mock sets or takes back. */
bool is_mock(const struct event *);

/* relief.c: true when a test's mock removed the name for a while. */
bool is_put_back_by_mock(const struct reading *);

/* relief.c: true when a loader asked whether the name is free, and set it. */
bool is_loaders_probe(const struct reading *, const struct event *,
		      const struct asker *);

/* own_loader.c: the next event of the thread of `after`; null: there is none.
 */
const struct event *next_of_thread(const struct image *,
				   const struct event *after);

/* own_fallback.c: true when the line of the program that missed the name found
 * another name for the same key at once. */
bool is_own_fallback(const struct reading *, const struct event *miss,
		     const struct asker *);

/* own_loader.c: true when a function of the program asked for the name, and
 * set it at once: a default of its own. */
bool is_own_default(const struct reading *, const struct event *,
		    const struct asker *);

/* own_loader.c: the same of a function that reads an env file, whatever became
 * of the program. */
bool is_own_loaders_probe(const struct reading *, const struct event *,
			  const struct asker *);

/* own_loader.c: true when only such a function found the name, which it had
 * just set. */
bool is_own_loaders_echo(const struct reading *);

/* relief.c: true for a router's miss: one step less needed. */
bool is_router(const struct reading *, const struct event *,
	       const struct asker *);

/* strongest_ask.c: of the places that asked, the one that needs the variable
 * most. */
struct ask strongest_ask(const struct evaluation *, const struct reading *);

/* True when a library asked that is no client of the name and does without it,
 * as ci-info looks for the variables of every CI. */
static inline bool is_incidental(const struct ask *ask)
{
	return ask->event && ask->asker.who == OTHER_LIBRARY &&
	       ask->need == OPTIONAL && !ask->asker.is_at_import;
}

/* --- candidates: evaluation.c ----------------------------------------------
 */

/* A cause which fits one reading. Equal candidates become one finding. */
struct candidate {
	struct finding finding;
	const struct rule *rule;
	const struct reading *reading;
	struct ask ask;
	const struct image *last_counted; /* of a group: the last victim */
	struct candidate *next;
};

struct groups;

struct evaluation {
	struct arena *arena;
	const struct model *model;
	const struct strs *named; /* by --variable; n 0: all names are judged */
	const struct strs *ignored;	  /* by --ignore: NAME, NAME@SITE */
	struct hashmap *ignored_readings; /* by NAME@SITE */
	const struct groups *ignored_findings;
	struct candidate *first, **end;
};

/* Appends the causes that fit to the list of candidates. */
void evaluate_reading(struct evaluation *, const struct reading *);

/* A reading of a variable whose reads are not seen in the image. Such a reading
 * exists for one evaluation only, and belongs to no image. */
struct reading *make_reading(struct arena *, struct image *, struct variable *);

/* --- readings made for an evaluation -------------------------------------- */

/* launch_out_of_sight.c: every variable held by an external launcher. */
void evaluate_external_launches(struct evaluation *);

/* unloaded_file.c: every name that a settings library may have missed in a
 * copy, and that a file which nobody opened assigns. */
void evaluate_unloaded_files(struct evaluation *);

/* baked_in_value.c: every program that failed with a value which nobody read,
 * or nobody but a build. */
void evaluate_unread_values(struct evaluation *);

/* replaced_env_object.c: every name that the object lacks which a program put
 * in the place of its language's environment. */
void evaluate_replaced_names(struct evaluation *);

/* unsent_key.c: every compiled client that held a key and was refused without.
 */
void evaluate_unsent_keys(struct evaluation *);

/* refused_without.c: every compiled client that was refused without a key which
 * was lost on the way. Before the losses without a read. */
void evaluate_refused_without(struct evaluation *);

/* expanded_in_vain.c: every shell that expands a key which was taken away. */
void evaluate_expanded_names(struct evaluation *);

/* The first such key of the shell, or null. */
const struct reading *find_expanded_in_vain(const struct evaluation *,
					    struct image *shell);

/* FILE:LINE where the shell expands the name; len 0: not known. */
struct str place_of_expansion(const struct image *shell, struct str name);

/* severity.c: the severity of the main candidate, from the table. */
void decide_severity(struct candidate *);

/* group.c: findings in the order of arrival. */
struct groups {
	struct arena *arena;
	struct hashmap *equals, *causes;
	struct candidate **at;
	size_t n, room;
};

/* Adds a candidate to an equal one, or as a new finding. */
void add_to_group(struct groups *, struct candidate *);

/* Makes one finding of the names that one reader missed for one cause. */
void join_names(struct groups *);

/* earlier_readers.c: a single finding of the readers before and after a client
 * of the daemon held the name. */
void join_earlier_readers(struct groups *);

/* order.c */
void sort_groups(struct groups *);

/* For qsort, of pointers to candidates: the first in the report is the least.
 */
int compare_candidates(const void *, const void *);

/* ignored.c: moves candidates that the user ignores to groups of their own. */
void take_out_ignored(struct evaluation *, struct groups *ret);

/* ignored.c: true when the verdict takes no notice of the reading. */
bool is_ignored_reading(const struct evaluation *, const struct reading *);

/* program_readers.c: sets `readers` of findings with several victims. */
void count_program_readers(struct arena *, const struct model *,
			   struct groups *);

/* value_path.c: the steps from the root to the victim. */
void build_value_path(struct arena *, struct finding *, const struct reading *);

/* coverage.c: counts images, and lists the unobserved. */
void list_gaps(struct arena *, const struct model *, struct report *);

/* verdict.c: needs the sorted findings. */
void decide_verdict(struct report *, const struct evaluation *);

/* headline.c: puts the place before, and the effect behind, a summary that does
 * not name them. */
void complete_summary(struct arena *, struct finding *);

/* headline.c: the sentence for the whole report. Needs the verdict. */
void write_headline(struct report *, const struct evaluation *);

#endif
