/* What happens when there is nothing more to do. */
#ifndef EA_EXIT_H
#define EA_EXIT_H

enum ea_outcome { EA_DONE, EA_FAILED };

_Noreturn void ea_exit(enum ea_outcome outcome);

#endif
