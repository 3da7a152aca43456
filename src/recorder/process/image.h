/* First and last words of a process image: who I am, what stands in environ. */
#ifndef RECORDER_IMAGE_H
#define RECORDER_IMAGE_H

/* A new program, from our constructor. */
void image_begin(char *const *argv, char **envp);

/* The child of a fork that a hook sees. */
void image_forked(void);

/* The child of a fork that no hook saw, at its first word. False while
 * another thread is still saying it. */
#include <stdbool.h>
bool image_cloned(void);

#endif
