/* The catalogue of credential names: whose each name is, what a client needs it
 * for, and which packages read it. Read in the sources of the clients.
 *
 * Rows, in models.def, clouds.def, databases.def and services.def:
 *
 *   PROVIDER(provider, KIND)   KIND: enum provider_kind
 *   NAME(name, provider, ROLE, alternatives, clients)
 *
 * ROLE is KEY, ALTERNATIVE, OPTIONAL or SETTING (enum role). `alternatives`:
 * names of which any will do instead, with blanks between; the parts of one
 * credential, an id and its secret, are no alternatives. `clients`: packages
 * that read the name, with blanks between: of Python the path of the import, of
 * npm the package or the scope, and the names of programs. */
#ifndef CATALOGUE_CATALOGUE_H
#define CATALOGUE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum role {
	ROLE_KEY,	  /* a client of the provider needs it */
	ROLE_ALTERNATIVE, /* one of several sources, of which any will do */
	ROLE_OPTIONAL,	  /* the client works without it */
	ROLE_SETTING,	  /* where a key goes, or how to connect */
	ROLE_NONE,	  /* in no row */
};

/* Providers of one kind can stand in for one another in a program that looks
 * which of them its user pays for. */
enum provider_kind {
	MODELS,
	CLOUDS,
	CODE,
	PACKAGES,
	PAYMENT,
	MAIL,
	MESSAGES,
	DATABASES,
	SEARCH,
	WEB,
	MONITORING,
	SECRETS,
	LOGIN,
};

struct credential {
	struct str name;
	const char *provider;
	enum role role;
	const char *alternatives, *clients;
};

extern const struct credential credentials[];
extern const size_t n_credentials;

/* The row of a name, or null. */
const struct credential *find_credential(struct str name);

/* The role of a name; ROLE_NONE when it is in no row. */
enum role role_of(struct str name);

/* "key", "alternative", "optional", "setting" or "-". */
const char *role_word(enum role);

/* True when a program that has the one can do without the other. */
bool are_alternatives(struct str name, struct str other);

/* True when both names are in rows of one provider. */
bool are_of_one_provider(struct str name, struct str other);

/* True when both names are in rows, of two providers of one kind. */
bool are_of_one_kind(struct str name, struct str other);

/* True when `package` is in a list of clients, as the rows have them. */
bool is_among_clients(struct str package, const char *clients);

/* True when `package` is a client of the name, or of its provider. */
bool is_client_of(struct str package, struct str name);

/* The provider by which the recorder knows values of `name`; null: such values
 * have no form. */
const char *form_of(struct str name);

/* True when a value which the recorder took for one of `provider` does not
 * belong under `name`. */
bool is_foreign_form(struct str name, struct str provider);

/* True for a setting that decides where requests of `provider` go. */
bool is_base_url_of(struct str name, const char *provider);

#endif
