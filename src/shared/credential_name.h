/* Which names look like the name of a credential, as
 * include/keytrail/credentials.def lists names, endings and brands. */
#ifndef SHARED_CREDENTIAL_NAME_H
#define SHARED_CREDENTIAL_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True for a full name of the catalogue: OPENAI_API_KEY. */
bool is_known_credential_name(const char *name, size_t n);

/* True for a full name of the catalogue, and for any name with the ending of a
 * credential behind at least one more character: ACME_TOKEN. */
bool is_credential_name(const char *name, size_t n);

/* True for a name which begins with a brand and mentions a key, token or
 * secret, so that misspelt names are found: OPENAI_API_KYE. False for a
 * setting of the brand, such as OPENAI_API_VERSION. */
bool is_near_credential_name(const char *name, size_t n);

/* True for a full name that is watched beside the credentials: where a key goes
 * (OPENAI_BASE_URL), how to connect, another source of a credential. */
bool is_known_setting_name(const char *name, size_t n);

#endif
