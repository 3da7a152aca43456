/* The stack, by the unwinder that the program itself has for its exceptions:
 * _Unwind_Backtrace of libgcc_s or libunwind. Call only where the program has
 * just used its unwinder in this thread, or is about to: then the recorder adds
 * no wait for a lock of the loader. */
#ifndef RECORDER_PROGRAM_UNWINDER_H
#define RECORDER_PROGRAM_UNWINDER_H

#include <stddef.h>
#include <stdint.h>

enum { PROGRAM_FRAMES = 32 };

/* Addresses within the calls, the innermost first, less those of the recorder.
 * Returns the number of addresses; 0 in a program without an unwinder. */
size_t program_frames(uintptr_t frames[PROGRAM_FRAMES]);

#endif
