/* Entering and leaving the recorder. A thread already inside the recorder does
 * not enter a second time: in a signal handler, or in a function of libc which
 * calls another hook. The event is then counted as skipped. */
#ifndef RECORDER_REENTRY_H
#define RECORDER_REENTRY_H

#include <stdbool.h>

/* May this thread record now? False inside the recorder, and when recording is
 * off. Records the birth of a child when no hook saw the fork. Each true must
 * be paired with recorder_leave(). */
bool recorder_enter(void);
void recorder_leave(void);

/* Enters even before the birth of a fork's child is recorded. For the fork
 * hooks. */
bool recorder_enter_unborn(void);

#endif
