/*
 * fault.h - named points at which a test can kill the process.
 *
 * In builds with --enable-test-hooks the environment TUBERRY_FAULT names one
 * point ("delivery.attempted", or "delivery.attempted:3" for its third
 * passing) and the process ends there as by SIGKILL.  In other builds the
 * points are not there.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#ifdef TEST_HOOKS
void fault(const char *point);
#else
#define fault(point) ((void)0)
#endif

#endif
