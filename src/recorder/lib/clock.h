/* Clocks without a system call, for a read is recorded without a system call.
 */
#ifndef RECORDER_CLOCK_H
#define RECORDER_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

void clock_start(void); /* finds the vDSO's clock */

uint64_t now(void);	    /* CLOCK_MONOTONIC in ns */
uint64_t wall_ms(void);	    /* CLOCK_REALTIME in ms */
uint64_t boot_second(void); /* CLOCK_REALTIME when CLOCK_BOOTTIME was 0 */

/* From this call on, in forked children too, the clocks do not read the time
 * stamp counter. A clock then advances every few ms, but now() still never
 * returns the same time twice. */
void clock_coarsen(void);
bool clock_is_coarse(void);

#endif
