#include "rules/rule.h"

#include "base/path.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/files/missed_file.h"
#include "diagnosis/evidence/sentence.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

static bool is_miss(const struct reading *r)
{
	if (r->outcome == READ_NONE)
		return r->unloaded;
	return was_never_held(r);
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct missed_file f;

	if (!is_miss(r))
		return false;
	f = find_missed_file(m, r->image, r->name,
			     r->event ? r->event->t : UINT64_MAX);
	if (!f.file)
		return false;
	set_opening_culprit(ret, f.by, f.open);
	ret->is_meant = !f.is_loaded_beside;
	ret->is_meant_for_client = f.is_loaded_beside;
	ret->was_looked_for = f.open && f.by == r->image;
	if (r->outcome == READ_NONE)
		ret->loss = LOSS_OUT_OF_SIGHT;
	ret->confidence = f.open ? LIKELY : POSSIBLE;
	return true;
}

/* Below the working directory, else the whole path: two files are compared, and
 * both are called .env. */
static struct str path_in_words(struct arena *a, const struct image *image,
				struct str path)
{
	struct str words = place_in_words(a, image, path),
		   base = str_base(path);
	size_t folder = path.len - base.len;

	if (words.len > base.len ||
	    (folder && str_eq(image->cwd, (struct str){path.at, folder - 1})))
		return words;
	return path;
}

static struct str line_of(struct arena *a, const struct missed_file *f)
{
	return f->variable->line
		       ? arena_print(a, "%.*s:%llu", STR_FMT(f->file->path),
				     (unsigned long long)f->variable->line)
		       : f->file->path;
}

static struct str in_other_trace(struct arena *a, const struct image *image)
{
	return arena_print(a, "%.*s of another trace",
			   STR_FMT(process_in_sentence(a, image)));
}

static struct str who_opened(const struct model *m, const struct missed_file *f)
{
	struct file_opening other = find_other_load(m, f);
	struct str who, line;

	if (!other.by)
		return f->file->file->why == KT_FILE_OPENED
			       ? STR("only a library opened that file, for "
				     "itself")
			       : STR("nobody opened that file");
	line = own_line_of(other.open);
	who = other.by->source != f->by->source
		      ? in_other_trace(m->arena, other.by)
	      : line.len ? place_in_words(m->arena, other.by, line)
			 : process_in_sentence(m->arena, other.by);
	return arena_print(m->arena, "only %.*s opened that file",
			   STR_FMT(who));
}

/* The package which looked beside its own files: `crewai` of crewai/project/.
 * len 0: the program looked. */
static struct str library_of(const struct missed_file *file)
{
	struct str part = {NULL, 0};
	const char *end;

	if (file->open && !own_line_of(file->open).len)
		part = place_library(file->open->path);
	end = part.len && *part.at != '@' ? memchr(part.at, '/', part.len)
					  : NULL;
	return end ? (struct str){part.at, (size_t)(end - part.at)} : part;
}

/* A library looked beside its own code, and not beside the program's. */
static struct str fix_of_library(const struct model *m, const struct reading *r,
				 const struct finding *f,
				 const struct missed_file *file)
{
	struct str path = path_in_words(m->arena, file->by, file->file->path);
	struct str call = arena_print(m->arena, "load %.*s", STR_FMT(path));
	struct str where = STR("before what needs it");

	if (runtime_of(r->image)->id == RUNTIME_PYTHON)
		call = arena_print(m->arena,
				   "call `load_dotenv(\"%.*s\")` (`from dotenv "
				   "import load_dotenv`)",
				   STR_FMT(path));
	if (has_line_of_victim(f))
		where = arena_print(m->arena, "above %.*s",
				    STR_FMT(place_of_victim(m->arena, f)));
	return arena_print(m->arena,
			   "%.*s looks for the file beside its own code: %.*s "
			   "in yours, %.*s, or set %.*s where the run begins",
			   STR_FMT(library_of(file)), STR_FMT(call),
			   STR_FMT(where), STR_FMT(r->name));
}

/* prod.env was looked for, where production.env lies. */
static bool has_another_name(const struct missed_file *f)
{
	return f->open && (is_of_same_stage(f->open->path, f->file->path) ||
			   (str_eq(path_parent(f->open->path),
				   path_parent(f->file->path)) &&
			    !str_eq(f->open->path, f->file->path)));
}

static struct str dotenv_call(struct arena *a, struct str path)
{
	return str_eq(path, STR(".env"))
		       ? STR("`import 'dotenv/config'` (with require: "
			     "`require('dotenv/config')`)")
		       : arena_print(a,
				     "`require('dotenv').config({ path: "
				     "'%.*s' })`",
				     STR_FMT(path));
}

/* Python's load_dotenv() finds .env itself, in the directories above the file
 * that calls. */
static struct str fix_of_unloaded(const struct model *m,
				  const struct reading *r,
				  const struct finding *f,
				  const struct missed_file *file)
{
	struct arena *a = m->arena;
	struct str path = path_from(a, file->by->cwd, file->file->path),
		   quoted = arena_print(a, "\"%.*s\"", STR_FMT(path)),
		   in_shell = memchr(path.at, '/', path.len)
				      ? path
				      : arena_print(a, "./%.*s", STR_FMT(path)),
		   fix = runtime_remedy(a, user_of_loader(f, NULL),
					REMEDY_NOT_LOADED, r->name);

	if (str_eq(str_base(path), STR(".env")))
		quoted = STR("");
	fix = arena_replace(a, fix, "{./file}", in_shell);
	fix = arena_replace(a, fix, "{dotenv}", dotenv_call(a, path));
	fix = arena_replace(a, fix, "{path}", quoted);
	return arena_replace(a, fix, "{file}", path);
}

static struct str fix_for(const struct model *m, const struct reading *r,
			  const struct finding *f,
			  const struct missed_file *file)
{
	if (library_of(file).len)
		return fix_of_library(m, r, f, file);
	if (has_another_name(file))
		return arena_print(
			m->arena,
			"let both names agree: look for %.*s, as with another "
			"value of `NODE_ENV` or the like, or call the file "
			"%.*s",
			STR_FMT(path_in_words(m->arena, file->by,
					      file->file->path)),
			STR_FMT(path_in_words(m->arena, file->by,
					      file->open->path)));
	if (str_eq(str_base(file->file->path), STR(".envrc")))
		return STR("`direnv allow` in the directory of .envrc, and "
			   "direnv's hook in the shell that starts the "
			   "program; without a person: `direnv exec DIR "
			   "COMMAND`");
	if (!file->open)
		return fix_of_unloaded(m, r, f, file);
	return runtime_remedy(m->arena, user_of_loader(f, file->open),
			      REMEDY_WRONG_PLACE, r->name);
}

/* One line did both: Settings() of pydantic. */
static bool is_read_where_looked(const struct finding *f)
{
	return f->culprit == f->victim && has_line_of_victim(f) &&
	       str_eq(f->culprit_site, f->victim_site);
}

/* Without the line that looked for a file, the reader's line is the place. */
static void describe_missed(const struct model *m, const struct reading *r,
			    struct finding *f, const struct missed_file *file,
			    struct str line)
{
	struct str missed = path_in_words(m->arena, file->by, file->open->path);

	if (!has_line_of_culprit(f) && has_line_of_victim(f))
		say_victim(m, f,
			   "asks for %.*s, which %.*s assigns; what was looked "
			   "for is %.*s, which is not there",
			   STR_FMT(r->name), STR_FMT(line), STR_FMT(missed));
	else if (is_read_where_looked(f))
		say_actor(m, f,
			  "looks for %.*s, which is not there, and misses "
			  "%.*s; %.*s assigns it",
			  STR_FMT(missed), STR_FMT(r->name), STR_FMT(line));
	else
		say_culprit(m, r, f,
			    "looks for %.*s, which is not there; %.*s assigns "
			    "%.*s",
			    STR_FMT(missed), STR_FMT(line), STR_FMT(r->name));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct missed_file file = find_missed_file(
		m, r->image, r->name, r->event ? r->event->t : UINT64_MAX);
	struct str line = line_of(m->arena, &file);

	if (file.open) {
		describe_missed(m, r, f, &file,
				path_in_words(m->arena, file.by, line));
	} else {
		say_victim(m, f, "%s %.*s, which %.*s assigns; %.*s",
			   r->outcome == READ_NONE ? "does not have"
						   : "asks for",
			   STR_FMT(r->name),
			   STR_FMT(path_in_words(m->arena, file.by, line)),
			   STR_FMT(who_opened(m, &file)));
	}
	f->fix = fix_for(m, r, f, &file);
}

const struct rule rule_kt103 = {"KT103",	"env-file-not-loaded",
				LOSS_ELSEWHERE, 870,
				explains,	describe};
