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

/* A helper that many layers call: once in the machine code. */
#if defined(__GNUC__)
#define EA_SHARED static __attribute__((noinline, unused))
#else
#define EA_SHARED static
#endif

/* A layer: a function of its own in the machine code as well, so that debuggers and profilers tell layers apart. */
#if defined(__clang__)
#define EA_LAYER static __attribute__((noinline)) void
#elif defined(__GNUC__) && __GNUC__ >= 8
#define EA_LAYER static __attribute__((noipa)) void
#elif defined(__GNUC__)
#define EA_LAYER static __attribute__((noinline, noclone)) void
#else
#define EA_LAYER static void
#endif

#endif
