/*
 * page_files.h - templates/ and texts/, inside the program.
 */
#ifndef WEB_PAGE_FILES_H
#define WEB_PAGE_FILES_H

#include "base/embedded.h"

extern const struct embedded page_files[];

/* NULL: there is none of that name. */
const struct embedded *page_file(const char *name);

#endif
