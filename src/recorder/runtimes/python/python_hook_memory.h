/* Memory for CPython's entry of one audit hook.
 *
 * PySys_AddAuditHook allocates the entry before the interpreter has chosen an
 * allocator, and frees the entry at the end through the chosen allocator:
 * under -X dev that aborts the program. So the entry lies here, and the free
 * is skipped. */
#ifndef RECORDER_PYTHON_HOOK_MEMORY_H
#define RECORDER_PYTHON_HOOK_MEMORY_H

/* Around PySys_AddAuditHook: allocations come from here, then as before. */
void python_hook_memory_begin(void);
void python_hook_memory_restore(void);

/* Before the interpreter frees the entries of its audit hooks. */
void python_hook_memory_end(void);

#endif
