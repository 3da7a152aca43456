#include "catalogue/catalogue.h"

#include <string.h>

const struct credential credentials[] = {
#define PROVIDER(provider, kind)
#define NAME(name, provider, role, alternatives, clients)                      \
	{{name, sizeof name - 1}, provider, ROLE_##role, alternatives, clients},
#include "catalogue/rows.def"
#undef NAME
#undef PROVIDER
};
const size_t n_credentials = sizeof credentials / sizeof *credentials;

static const struct {
	const char *provider;
	enum provider_kind kind;
} providers[] = {
#define PROVIDER(provider, kind) {provider, kind},
#define NAME(name, provider, role, alternatives, clients)
#include "catalogue/rows.def"
#undef NAME
#undef PROVIDER
};

/* Slots for twice as many rows, by a hash of the name. */
enum { SLOTS = 2048 };

static size_t slot_of(struct str name)
{
	size_t hash = name.len;

	for (size_t i = 0; i < name.len; i++)
		hash = hash * 31 + (unsigned char)name.at[i];
	return hash % SLOTS;
}

static const struct credential **fill_slots(void)
{
	static const struct credential *slots[SLOTS];

	for (size_t i = 0; i < n_credentials; i++) {
		size_t at = slot_of(credentials[i].name);

		while (slots[at])
			at = (at + 1) % SLOTS;
		slots[at] = &credentials[i];
	}
	return slots;
}

const struct credential *find_credential(struct str name)
{
	static const struct credential **slots;

	if (!slots)
		slots = fill_slots();
	for (size_t at = slot_of(name); slots[at]; at = (at + 1) % SLOTS)
		if (str_eq(slots[at]->name, name))
			return slots[at];
	return NULL;
}

enum role role_of(struct str name)
{
	const struct credential *c = find_credential(name);

	return c ? c->role : ROLE_NONE;
}

const char *role_word(enum role role)
{
	static const char *const words[] = {
		[ROLE_KEY] = "key",
		[ROLE_ALTERNATIVE] = "alternative",
		[ROLE_OPTIONAL] = "optional",
		[ROLE_SETTING] = "setting",
		[ROLE_NONE] = "-",
	};

	return words[role];
}

bool are_alternatives(struct str name, struct str other)
{
	const struct credential *a = find_credential(name),
				*b = find_credential(other);

	return (a && str_is_listed(other, a->alternatives)) ||
	       (b && str_is_listed(name, b->alternatives));
}

bool are_of_one_provider(struct str name, struct str other)
{
	const struct credential *a = find_credential(name),
				*b = find_credential(other);

	return a && b && !strcmp(a->provider, b->provider);
}

static int kind_of(const char *provider)
{
	for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
		if (!strcmp(providers[i].provider, provider))
			return (int)providers[i].kind;
	return -1;
}

bool are_of_one_kind(struct str name, struct str other)
{
	const struct credential *a = find_credential(name),
				*b = find_credential(other);

	return a && b && strcmp(a->provider, b->provider) &&
	       kind_of(a->provider) == kind_of(b->provider);
}

/* A client is given by its package, or by the scope of its packages. A package
 * of Python is the path of a file: google/genai/client matches google.genai. */
static bool is_package(struct str package, const char *client, size_t len)
{
	if (package.len < len || (package.len > len && package.at[len] != '/'))
		return false;
	for (size_t i = 0; i < len; i++)
		if (package.at[i] != client[i] &&
		    (package.at[i] != '/' || client[i] != '.'))
			return false;
	return true;
}

bool is_among_clients(struct str package, const char *clients)
{
	while (*clients) {
		size_t len = strcspn(clients, " ");

		if (is_package(package, clients, len))
			return true;
		clients += len + (clients[len] == ' ');
	}
	return false;
}

bool is_client_of(struct str package, struct str name)
{
	const struct credential *row = find_credential(name);

	if (!row || !package.len)
		return false;
	for (size_t i = 0; i < n_credentials; i++)
		if (!strcmp(credentials[i].provider, row->provider) &&
		    is_among_clients(package, credentials[i].clients))
			return true;
	return false;
}

bool is_base_url_of(struct str name, const char *provider)
{
	static const char *const endings[] = {"_BASE_URL", "_API_BASE",
					      "_API_URL",  "_BASE",
					      "_ENDPOINT", "_BASEURL"};
	const struct credential *row = find_credential(name);

	if (!row || row->role != ROLE_SETTING ||
	    strcmp(row->provider, provider))
		return false;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (str_has_suffix(name, str_of(endings[i])))
			return true;
	return false;
}

/* --- forms of values -------------------------------------------------------
 */

static const struct {
	struct str name;
	const char *provider;
} forms[] = {
#define FORM(name, provider) {{name, sizeof name - 1}, provider},
#include "catalogue/names_with_form.def"
#undef FORM
};

const char *form_of(struct str name)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (str_eq(forms[i].name, name))
			return forms[i].provider;
	return NULL;
}

/* Many providers' keys begin with sk-, and many tokens are JWTs. */
static bool is_common_form(struct str provider)
{
	return str_is_listed(provider, "openai jwt");
}

bool is_foreign_form(struct str name, struct str provider)
{
	const struct credential *row = find_credential(name);
	const char *form = form_of(name);

	if (!provider.len || !row || row->role == ROLE_SETTING ||
	    str_eq(provider, STR("jwt")))
		return false;
	if (form)
		return !str_eq(provider, str_of(form));
	return !is_common_form(provider) &&
	       strncmp(row->provider, provider.at,
		       provider.len < strlen(row->provider)
			       ? provider.len
			       : strlen(row->provider));
}
