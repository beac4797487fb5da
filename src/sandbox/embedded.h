/*
 * embedded.h - the page's files and the samples.
 */
#ifndef SANDBOX_EMBEDDED_H
#define SANDBOX_EMBEDDED_H

#include "base/embedded.h"

extern const struct embedded sandbox_files[];

#endif
