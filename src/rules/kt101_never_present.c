#include "rules/rule.h"

#include "base/pattern.h"
#include "catalogue/catalogue.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/daemon_client.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/names/mapped_name.h"
#include "diagnosis/evidence/names/shell_name.h"
#include "diagnosis/evidence/files/missed_file.h"
#include "diagnosis/evidence/files/missing_secret.h"
#include "diagnosis/evidence/other_setter.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/siblings.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"
#include "trace/site.h"

enum { MOST_LOOKS = 4096 };

/* Were all images before the reader observed? */
static enum confidence confidence(const struct reading *r)
{
	if (model_holders(r->variable, r->image) ||
	    !r->image->observed_from_root)
		return POSSIBLE;
	return r->image->root->is_command ? CERTAIN : LIKELY;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct loss *l = r->loss;

	if (!l || l->kind != LOST_NEVER_HELD || r->later_set || r->late_set.set)
		return false;
	ret->culprit = l->image;
	ret->confidence = confidence(r);
	set_mapping_culprit(m, r, ret);
	return true;
}

/* The program that the first process of the way became. */
static const struct image *program_of(const struct reading *r)
{
	const struct image *program = r->image->root;

	for (const struct image *at = r->image; at; at = at->parent)
		if (at->pid == program->pid && at->depth > program->depth)
			program = at;
	return program;
}

static struct str who_lacked(struct arena *a, const struct reading *r,
			     const struct finding *f)
{
	struct str reader = process_in_sentence(a, r->image);
	const char *them = f->n_asked_here ? "any of them" : "it";

	if (program_of(r) == r->image)
		return arena_print(a, "%.*s was started without %s",
				   STR_FMT(reader),
				   f->n_asked_here ? "them" : "it");
	return arena_print(a,
			   "neither %.*s nor anything that started it, back to "
			   "%.*s, had %s",
			   STR_FMT(reader),
			   STR_FMT(process_in_short(a, program_of(r))), them);
}

static struct file_opening vain_look_of(const struct reading *r)
{
	return r->event ? find_vain_look(r->image, r->event->t)
			: (struct file_opening){.by = NULL};
}

/* The file that was looked for, and is not there. */
static struct str with_vain_look(const struct model *m, const struct reading *r,
				 struct str detail)
{
	struct file_opening look = vain_look_of(r);

	if (!look.by)
		return detail;
	return arena_print(
		m->arena, "%.*s; %.*s looks for %.*s, which is not there",
		STR_FMT(detail),
		STR_FMT(place_in_words(m->arena, look.by,
				       own_line_of(look.open))),
		STR_FMT(place_in_words(m->arena, look.by, look.open->path)));
}

/* The file that was meant to give the name, perhaps misspelt or in another
 * syntax. */
static struct str with_opened_file(const struct model *m,
				   const struct reading *r, struct str detail)
{
	struct str path = {NULL, 0};

	if (r->event)
		path = find_file_without_name(m, r->image, r->name,
					      r->event->t);
	return path.len ? arena_print(m->arena,
				      "%.*s; %.*s was opened, and no line of "
				      "it assigns the name",
				      STR_FMT(detail),
				      STR_FMT(place_in_words(m->arena, r->image,
							     path)))
			: with_vain_look(m, r, detail);
}

/* The file may have been mended while the program runs. */
static struct str line_of_later_file(const struct model *m,
				     const struct reading *r)
{
	struct missed_file later = {.file = NULL};
	struct loaded_file line;

	if (r->event)
		later = find_later_file(m, r->image, r->name, r->event->t);
	if (!later.file)
		return (struct str){NULL, 0};
	line = (struct loaded_file){.file = later.file,
				    .variable = later.variable};
	return line_of_file(m->arena, r->image, &line);
}

/* The mounted file of NAME_FILE, which the value should have come from. */
static struct str with_missing_secret(const struct model *m,
				      const struct reading *r,
				      struct str detail)
{
	struct file_opening look = find_missing_secret(r);

	return look.by ? arena_print(
				 m->arena,
				 "%.*s; %.*s names %.*s, which is not there",
				 STR_FMT(detail), STR_FMT(look.open->name),
				 STR_FMT(look.open->path))
		       : with_opened_file(m, r, detail);
}

static struct str with_later_file(const struct model *m,
				  const struct reading *r, struct str detail)
{
	struct str line = line_of_later_file(m, r);

	if (!line.len)
		return with_missing_secret(m, r, detail);
	return arena_print(m->arena,
			   "%.*s; %.*s assigns it, but the file was changed "
			   "since: start the program again",
			   STR_FMT(detail), STR_FMT(line));
}

static void set_fix_of_later_file(const struct model *m,
				  const struct reading *r, struct finding *f)
{
	struct str line = line_of_later_file(m, r);

	if (line.len)
		set_own_fix(m, f,
			    "start %.*s again, and in future only when %.*s is "
			    "written: the program asked before",
			    STR_FMT(process_in_short(m->arena, r->image)),
			    STR_FMT(site_file(line)));
}

static void add_fix_of_vain_look(const struct model *m, const struct reading *r,
				 struct finding *f)
{
	struct file_opening look = vain_look_of(r);

	if (look.by)
		f->fix = arena_print(
			m->arena,
			"%.*s; or write %.*s into %.*s, or let %.*s name the "
			"file that has it",
			STR_FMT(f->fix), STR_FMT(r->name),
			STR_FMT(place_in_words(m->arena, look.by,
					       look.open->path)),
			STR_FMT(place_in_words(m->arena, look.by,
					       own_line_of(look.open))));
}

static void add_fix_of_missing_secret(const struct model *m,
				      const struct reading *r,
				      struct finding *f)
{
	struct file_opening look = find_missing_secret(r);

	if (look.by)
		f->fix = arena_print(m->arena,
				     "put the secret at %.*s, or let %.*s name "
				     "the file that has it; or %.*s",
				     STR_FMT(look.open->path),
				     STR_FMT(look.open->name), STR_FMT(f->fix));
}

/* The line that started the container, for a program without lines. */
static void add_line_of_start(const struct model *m, const struct reading *r,
			      struct finding *f)
{
	const struct event *birth = r->image->root->birth;
	struct str line = birth ? birth->command_site : (struct str){NULL, 0};

	if (!line.len || has_line_of_victim(f))
		return;
	f->culprit_site = line;
	f->summary =
		arena_print(m->arena, "%.*s: %.*s",
			    STR_FMT(place_in_words(m->arena, f->culprit, line)),
			    STR_FMT(f->summary));
}

/* A line of the user's made a client, which takes its key as an argument, too:
 * another client of the program may have been given one. */
static bool is_asked_by_client(const struct reading *r, const struct finding *f)
{
	return has_line_of_victim(f) && role_of(r->name) == ROLE_KEY &&
	       is_client_of(place_library(f->victim_via), r->name);
}

/* --- a line of settings gives the name to a program beside the reader -------
 */

static bool is_pm2(struct str program)
{
	return str_is_listed(program, "pm2 pm2-runtime pm2-docker");
}

/* `pm2 start ecosystem.config.js`; len 0: no such file, or several. */
static struct str file_of_pm2(const struct model *m)
{
	struct str found = {NULL, 0};

	for (size_t i = 0; i < m->n_images && i < MOST_LOOKS; i++) {
		const struct strs *args = model_arguments(m->images[i]);

		if (!is_pm2(runtime_packaged_program(m->images[i])))
			continue;
		for (size_t k = 1; k < args->n; k++) {
			if (!str_matches_any(args->at[k],
					     "*.config.js *.config.cjs "
					     "*.config.mjs"))
				continue;
			if (found.len && !str_eq(found, args->at[k]))
				return (struct str){NULL, 0};
			found = args->at[k];
		}
	}
	return found;
}

/* PM2 and supervisord start several programs by one file: the line of the file,
 * or the file. len 0: no such line. */
static struct str line_for_sibling(const struct model *m,
				   const struct reading *r)
{
	const struct image *starter = starter_of(r->image);
	bool is_held = false;

	if (!starter || is_shell(starter) ||
	    !runtime_packaged_program(starter).len)
		return (struct str){NULL, 0};
	for (size_t i = 0; i < m->n_images && i < MOST_LOOKS; i++) {
		const struct image *other = m->images[i];
		struct str line;

		if (!other->handover || starter_of(other) != starter ||
		    !model_is_evidence(other, r->image) ||
		    !holds_value(other, r->name))
			continue;
		line = line_of_change(other->handover, r->name);
		if (line.len)
			return line;
		is_held = true;
	}
	return is_held && is_pm2(runtime_packaged_program(starter))
		       ? file_of_pm2(m)
		       : (struct str){NULL, 0};
}

static void set_fix_of_pm2(const struct model *m, const struct reading *r,
			   struct finding *f, struct str file)
{
	struct str own = {NULL, 0};

	if (has_line_of_victim(f))
		own = str_base(site_file(f->victim_site));
	set_own_fix(m, f,
		    "name %.*s under `env` of this app too%s%.*s%s (under "
		    "`env_production` it needs `--env production`), then "
		    "`pm2 restart %.*s --update-env`; pm2-runtime: end it and "
		    "start it again",
		    STR_FMT(r->name), own.len ? " (the app of " : "",
		    STR_FMT(own), own.len ? ")" : "", STR_FMT(file));
}

/* False: there is no such line. */
static bool describe_sibling(const struct model *m, const struct reading *r,
			     struct finding *f)
{
	struct str line = line_for_sibling(m, r);

	if (!line.len)
		return false;
	line = place_in_words(m->arena, f->culprit, line);
	say_victim(m, f, "asks for %.*s, which %.*s gives to another app alone",
		   STR_FMT(r->name), STR_FMT(line));
	if (is_pm2(runtime_packaged_program(starter_of(r->image))))
		set_fix_of_pm2(m, r, f, site_file(line));
	else
		f->fix = runtime_remedy(m->arena, program_of(r),
					REMEDY_NEVER_SET, r->name);
	return true;
}

/* False: there is no line that a loader leaves out. */
static bool describe_unclosed(const struct model *m, const struct reading *r,
			      struct finding *f)
{
	struct loaded_file file = find_unclosed_line(m, r);
	struct str line;

	if (!file.by)
		return false;
	line = line_of_file(m->arena, r->image, &file);
	say_victim(m, f,
		   "asks for %.*s; the quote of %.*s is not closed, and the "
		   "loader leaves the line out",
		   STR_FMT(r->name), STR_FMT(line));
	set_own_fix(m, f, "close the quote at %.*s, or take it away",
		    STR_FMT(line));
	return true;
}

static struct str with_other_setter(const struct model *m,
				    const struct reading *r, struct str detail)
{
	struct other_setter other = find_other_setter(m, r);

	if (!other.place.len)
		return detail;
	return arena_print(m->arena, "%.*s (%.*s %s)", STR_FMT(detail),
			   STR_FMT(other.place),
			   other.has_ended
				   ? "set it in a process that ended"
				   : "sets it in another process alone");
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	f->detail = with_other_setter(m, r, who_lacked(m->arena, r, f));
	f->detail = with_later_file(m, r, f->detail);
	if (describe_mapping(m, r, f) || describe_sibling(m, r, f) ||
	    describe_unclosed(m, r, f))
		return;
	say_victim(m, f, "asks for %.*s, which %s",
		   STR_FMT(names_of(m->arena, f)),
		   model_holders(r->variable, r->image)
			   ? "only other processes of the run had"
		   : f->n_asked_here ? "were never set"
				     : "was never set");
	add_line_of_start(m, r, f);
	f->asked_at = line_of_job(m, r->image);
	f->fix = runtime_remedy(m->arena, program_of(r), REMEDY_NEVER_SET,
				r->name);
	if (!can_be_set_by_shell(r->name))
		f->fix = arena_print(
			m->arena,
			"ask for a name of letters, digits and "
			"`_` alone: %.*s",
			STR_FMT(limit_of_shells_in_words(m->arena, r->name)));
	if (is_asked_by_client(r, f))
		f->fix = arena_print(m->arena,
				     "%.*s; or pass a key to the client at "
				     "%.*s",
				     STR_FMT(f->fix),
				     STR_FMT(place_of_victim(m->arena, f)));
	if (can_be_set_by_shell(r->name))
		add_fix_of_vain_look(m, r, f);
	add_fix_of_missing_secret(m, r, f);
	set_fix_of_later_file(m, r, f);
}

const struct rule rule_kt101 = {"KT101", "never-present", LOSS_NOWHERE,
				900,	 explains,	  describe};
