#ifndef EA_LANGUAGE_H
#define EA_LANGUAGE_H

/* Names the field that a value initialises, where the language allows it: C does, C++17 does not. */
#if defined(__cplusplus)
#define EA_FIELD(name)
#else
#define EA_FIELD(name) .name =
#endif

/* A helper that a network may do without. */
#if defined(__GNUC__)
#define EA_INLINE static inline __attribute__((unused))
#else
#define EA_INLINE static inline
#endif

#endif
