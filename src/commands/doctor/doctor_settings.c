#include "commands/doctor/doctor_settings.h"

#include "base/nearest.h"
#include "shared/key_file.h"
#include "shared/settings_text.h"

struct reading_of_settings {
	struct checkup *c;
	const struct foreign_root *root;
	const char *cwd;
	struct read_settings *ret;
	const char *keyfile; /* "": DIR.key */
	bool has_key;
	size_t patterns; /* bytes */
};

static const char *text_of(struct reading_of_settings *r,
			   const struct setting *s)
{
	return arena_print(r->c->arena, "%.*s", (int)(s->end - s->at), s->at)
		.at;
}

static void warn(struct reading_of_settings *r, struct str what,
		 const char *advice)
{
	checkup_add(r->c, ANSWER_PART, what, advice);
}

static void refuse(struct reading_of_settings *r, struct str what,
		   const char *advice)
{
	checkup_add(r->c, ANSWER_NO, what, advice);
	r->ret->is_refused = true;
}

/* --- options -------------------------------------------------------------- */

static const char *nearest_option(const char *misspelt)
{
	struct nearest near = {.misspelt = misspelt};

	for (enum setting_id id = SETTING_OFF; id < SETTING_OTHER; id++)
		nearest_try(&near, setting_name(id));
	return near.word;
}

/* Everything behind the "=" stays unsaid: the misspelt option may be a key. */
static void check_unknown(struct reading_of_settings *r, const char *text,
			  size_t len)
{
	enum { LONGEST = 16 };
	const char *equals = memchr(text, '=', len), *near;
	struct arena *a = r->c->arena;
	const char *name;

	if (!len)
		return;
	if (!equals && memchr("/~.$", *text, 4)) {
		warn(r,
		     arena_print(a,
				 "KEYTRAIL: %.*s is no option, and is not "
				 "heeded",
				 (int)len, text),
		     arena_print(a, "a directory has dir= before it: dir=%.*s",
				 (int)len, text)
			     .at);
		return;
	}
	len = equals ? (size_t)(equals + 1 - text) : len;
	name = arena_print(a, "%.*s", (int)(len < LONGEST ? len : LONGEST),
			   text)
		       .at;
	near = nearest_option(name);
	warn(r,
	     arena_print(a, "KEYTRAIL: %s is no option, and is not heeded",
			 len > LONGEST ? "a word" : name),
	     near ? arena_print(a, "did you mean %s?", near).at
		  : "options are dir= max= watch= label= stacks= http= "
		    "keyfile= and off");
}

/* "64", "64k", "8M". */
static bool is_size(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	text += digits;
	return digits && (!*text || (strchr("kKmMgG", *text) && !text[1]));
}

static void check_max(struct reading_of_settings *r, const char *value)
{
	if (is_size(value) && setting_number(value))
		return;
	warn(r,
	     arena_print(r->c->arena,
			 "KEYTRAIL: max=%.24s is read as %llu bytes%s", value,
			 (unsigned long long)setting_number(value),
			 setting_number(value) ? ""
					       : ": the trace is full at once"),
	     "write a number of bytes, with k, m or g behind it: max=64m");
}

static void check_switch(struct reading_of_settings *r, enum setting_id id,
			 const char *value)
{
	char other = id == SETTING_STACKS ? '0' : '1';
	char obeyed = id == SETTING_STACKS ? '1' : '0';

	if ((*value == obeyed || *value == other) && !value[1])
		return;
	warn(r,
	     arena_print(r->c->arena, "KEYTRAIL: %s%.8s is read as %s%c",
			 setting_name(id), value, setting_name(id),
			 *value == obeyed ? obeyed : other),
	     "write 0 or 1");
}

static void check_watch(struct reading_of_settings *r, const char *pattern)
{
	size_t len = strlen(pattern);

	if (!len)
		warn(r, STR("KEYTRAIL: watch= names nothing"),
		     "watch=NAME, or a pattern: watch=MY_*");
	else if (strchr(pattern, ':'))
		warn(r,
		     STR("KEYTRAIL: a pattern of watch= has a colon, and "
			 "matches no name"),
		     "a role is an option of the command: keytrail run -w "
		     "NAME:ROLE");
	else if (r->patterns + len + 2 > PATTERNS_BYTES)
		warn(r,
		     STR("KEYTRAIL: there is no room for all patterns of "
			 "watch="),
		     "use fewer, wider ones: watch=MY_*");
	else
		r->patterns += len + 1;
}

static void check_label(struct reading_of_settings *r, const char *label)
{
	if (strlen(label) >= LABEL_BYTES)
		warn(r, STR("KEYTRAIL: label= is too long, and is not heeded"),
		     "use fewer than 64 bytes");
}

static void check_key(struct reading_of_settings *r, const char *key)
{
	r->has_key = strlen(key) == KEY_DIGITS &&
		     strspn(key, "0123456789abcdefABCDEF") == KEY_DIGITS;
	if (!r->has_key)
		refuse(r,
		       STR("KEYTRAIL: key= is not 32 hex digits: nothing "
			   "is recorded"),
		       "leave key= out: the recorder makes DIR.key");
}

/* --- paths ---------------------------------------------------------------- */

static const char *path_advice(struct reading_of_settings *r, const char *name,
			       const char *path)
{
	if (*path == '~')
		return arena_print(r->c->arena,
				   "no shell expands ~ behind %s; write the "
				   "whole path, or \"%s$HOME%s\" in a shell",
				   name, name, path[1] == '/' ? path + 1 : "")
			.at;
	if (*path == '$' || *path == '%')
		return "nothing has expanded it; write the whole path";
	if (!r->cwd)
		return "write the whole path";
	return arena_print(r->c->arena,
			   "each program would look from its own directory, "
			   "here %s; write %s%s/%s",
			   r->cwd, name, strcmp(r->cwd, "/") ? r->cwd : "",
			   path)
		.at;
}

/* False: the recorder refuses the path. */
static bool is_absolute(struct reading_of_settings *r, enum setting_id id,
			const char *path)
{
	const char *name = setting_name(id);

	if (*path == '/')
		return true;
	refuse(r,
	       arena_print(r->c->arena,
			   "KEYTRAIL: %s%s does not begin with /: nothing is "
			   "recorded",
			   name, path),
	       path_advice(r, name, path));
	return false;
}

static void check_place(struct reading_of_settings *r)
{
	const char *dir = r->ret->dir, *key = NULL, *flaw, *advice = NULL;

	if (!*dir || !is_absolute(r, SETTING_DIR, dir))
		return;
	if (!r->has_key)
		key = *r->keyfile ? r->keyfile
				  : arena_print(r->c->arena, "%s.key", dir).at;
	flaw = recording_flaw(r->c->arena, r->root, dir, key, &advice);
	if (flaw)
		refuse(r,
		       arena_print(r->c->arena,
				   "KEYTRAIL: %s: nothing is recorded", flaw),
		       advice);
}

static void check_dir(struct reading_of_settings *r, const char *path)
{
	r->ret->dir = path;
	if (!*path)
		warn(r,
		     STR("KEYTRAIL: dir= is empty: the recorder writes where "
			 "it does without KEYTRAIL"),
		     "a variable was empty where KEYTRAIL was made; name one: "
		     "dir=/path/of/trace");
}

static void check_keyfile(struct reading_of_settings *r, const char *path)
{
	r->keyfile = path;
	if (*path && *path != '/')
		warn(r,
		     arena_print(r->c->arena,
				 "KEYTRAIL: keyfile=%s does not begin with /",
				 path),
		     path_advice(r, "keyfile=", path));
}

/* --- all of it ------------------------------------------------------------ */

static void check_setting(struct reading_of_settings *r,
			  const struct setting *s, const char *text, size_t len)
{
	static void (*const checks[SETTING_OTHER])(struct reading_of_settings *,
						   const char *) = {
		[SETTING_DIR] = check_dir,
		[SETTING_KEYFILE] = check_keyfile,
		[SETTING_KEY] = check_key,
		[SETTING_MAX] = check_max,
		[SETTING_WATCH] = check_watch,
		[SETTING_LABEL] = check_label};

	if (s->id == SETTING_OFF)
		r->ret->is_off = true;
	else if (s->id == SETTING_OTHER)
		check_unknown(r, text, len);
	else if (s->id == SETTING_STACKS || s->id == SETTING_HTTP ||
		 s->id == SETTING_ENDS)
		check_switch(r, s->id, text_of(r, s));
	else if (checks[s->id])
		checks[s->id](r, text_of(r, s));
}

struct read_settings check_settings(struct checkup *c, const char *text,
				    const struct foreign_root *root,
				    const char *cwd)
{
	struct read_settings ret = {.dir = ""};
	struct reading_of_settings r = {
		.c = c, .root = root, .cwd = cwd, .ret = &ret, .keyfile = ""};
	struct setting s;

	for (const char *at = text; setting_next(&text, &s); at = text)
		check_setting(&r, &s, at, strcspn(at, ","));
	if (!ret.is_off)
		check_place(&r);
	return ret;
}
