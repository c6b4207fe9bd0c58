/* What a library for this computer needs that is built without a C library. */
#ifndef EA_NATIVE_H
#define EA_NATIVE_H

#include <stdint.h>

#if defined(_WIN32)
#define EXPORTED __declspec(dllexport)
int DllMainCRTStartup(void *module, uint32_t reason, void *reserved);
int DllMainCRTStartup(void *module, uint32_t reason, void *reserved)
{
    (void)module, (void)reason, (void)reserved;
    return 1;
}
#else
#define EXPORTED __attribute__((visibility("default")))
#endif

#endif
