/* Cells of a notebook: Jupyter compiles a cell under a name with the hash of
 * the text. So the cell is certain, in whatever notebook has such a cell. */
#ifndef COMMAND_SITES_TOOLS_NOTEBOOK_H
#define COMMAND_SITES_TOOLS_NOTEBOOK_H

#include "command_sites/written_files.h"

/* Puts FILE.ipynb:cell N:LINE in the place of the sites of a kernel, N counting
 * the cells of code. Notebooks are looked for in the arguments of the programs
 * that started the kernel, and in the kernel's directory. */
void find_notebook_cells(struct written_files *, const struct image *);

#endif
