#ifndef EA_FIELD_H
#define EA_FIELD_H

/* Names the field that a value initialises, where the language allows it: C does, C++17 does not. */
#if defined(__cplusplus)
#define EA_FIELD(name)
#else
#define EA_FIELD(name) .name =
#endif

#endif
