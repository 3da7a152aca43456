/* The root of the package or workspace in which a program lies. */
#ifndef HOST_WORKSPACE_ROOT_H
#define HOST_WORKSPACE_ROOT_H

#include "base/arena.h"

/* The highest directory, from `directory` upwards, with a file that marks a
 * package or a workspace (package.json, pyproject.toml, .git), below the home
 * directory and the root; `directory` itself when there is none. A view. */
struct str workspace_root(struct arena *, struct str directory);

#endif
