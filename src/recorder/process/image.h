/* The birth of an image: process, user, arguments, environment. */
#ifndef RECORDER_IMAGE_H
#define RECORDER_IMAGE_H

/* A new program, called by the constructor. */
void image_begin(char *const *argv, char **envp);

/* The child of a fork, when a hook called fork. */
void image_forked(void);

/* The child of a fork made without a hook, at its first event. False while
 * another thread is still recording the birth. */
#include <stdbool.h>
bool image_cloned(void);

#endif
