#include "diagnosis/evidence/culprit.h"

bool changes_rights(const struct image *image)
{
	return runtime_leads(image) == LEADS_TO_USER ||
	       (image->gap && !strcmp(image->gap, "setuid"));
}

/* They start a program as another user, and many of them are static. */
static const char *const user_changers[] = {
	"gosu",	      "su-exec",	   "setpriv", "setuidgid",
	"s6-setuidgid", "s6-applyuidgid", "chpst",   "start-stop-daemon",
	"busybox",    "toybox",		   "runc",    "crun",
};

static bool goes_over(const struct image *image)
{
	struct str name = str_base(image->exe);

	if (runtime_leads(image) == LEADS_TO_USER)
		return true;
	for (size_t i = 0; i < sizeof user_changers / sizeof *user_changers; i++)
		if (str_eq(name, str_of(user_changers[i])))
			return true;
	return false;
}

bool is_mere_claim(const struct image *image)
{
	return image->claimed && image->claimed->parent &&
	       !goes_over(image->claimed->parent);
}

/* Whose birth was lost may have told of it since: that is not one of those
 * that nobody can look into. */
static bool is_closed(const struct image *image)
{
	return !image->observed && image->gap &&
	       strcmp(image->gap, "lost-events") != 0;
}

bool is_lost_in_unobserved(const struct reading *r)
{
	const struct loss *l = r->loss;
	const struct value *value = NULL;

	return l && l->kind == LOST_UNSEEN && l->image != l->receiver &&
	       is_closed(l->image) &&
	       model_inherited(l->image, r->name, &value) == PRESENT;
}

bool is_external_launch(const struct reading *r)
{
	return r->loss && r->loss->kind == LOST_AT_EXTERNAL_LAUNCH;
}

static bool is_of_name(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* As a whole word: -e NAME, --env=NAME=***, SendEnv=NAME,OTHER. */
static bool names(struct str text, struct str name)
{
	const char *at = text.at, *end = text.at + text.len;

	while (text.len && name.len &&
	       (at = memmem(at, (size_t)(end - at), name.at, name.len))) {
		const char *behind = at + name.len;

		if ((at == text.at || !is_of_name(at[-1])) &&
		    (behind == end || !is_of_name(*behind)))
			return true;
		at++;
	}
	return false;
}

bool arguments_mention(const struct image *image, struct str name)
{
	const struct strs *args = image_arguments(image);

	for (size_t i = 1; i < args->n; i++)
		if (names(args->at[i], name))
			return true;
	return false;
}

static bool begins_with_one(struct str text, const char *words)
{
	while (*words) {
		size_t n = strcspn(words, " ");

		if (text.len >= n && !memcmp(text.at, words, n))
			return true;
		words += n + (words[n] == ' ');
	}
	return false;
}

bool has_argument(const struct image *image, const char *words)
{
	const struct strs *args = image_arguments(image);

	for (size_t i = 1; i < args->n; i++)
		if (args->at[i].len && begins_with_one(args->at[i], words))
			return true;
	return false;
}
