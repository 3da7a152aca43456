/* Which paths look like those of env and secret files: files that loaders and
 * SDKs read in place of the environment. */
#ifndef SHARED_ENV_FILE_NAME_H
#define SHARED_ENV_FILE_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum env_file_kind {
	ENV_FILE_NONE,
	ENV_FILE_ASSIGNS, /* NAME=value: .env, .env.local, prod.env, .dev.vars
			   */
	ENV_FILE_SECRET,  /* a mounted secret: the whole file is one value */
	ENV_FILE_LOGIN,	  /* a tool's own credentials: ~/.aws, .netrc */
};

/* By the text of the path alone. */
enum env_file_kind env_file_kind_of(const char *path, size_t n);

/* Folders of a project in which env files lie, too: config/.env. */
#define ENV_FILE_FOLDERS "config env .config"

/* False for files that show others what to write (.env.example), and for keys
 * of dotenvx. */
bool env_file_is_real(const char *path, size_t n);

/* True for a variable whose value is the path of a credential file:
 * GOOGLE_APPLICATION_CREDENTIALS, and any name that ends in _FILE. */
bool is_name_of_file(const char *name, size_t n);

#endif
