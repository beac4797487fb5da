/*
 * demo.h - tuberryctl seed --demo: a shop to try Tuberry with.
 */
#ifndef CTL_DEMO_H
#define CTL_DEMO_H

#include "ctl/ctl.h"

/*
 * Makes the demo shop in the sandbox and in the database, and prints how its
 * people sign in.  A shop whose sandbox still knows it stays as it is; one
 * whose sandbox has begun anew is replaced with all its dialogs, since the
 * new sandbox gives the same ids once more to other messages.
 */
bool seed_demo(struct ctl *c, struct err *err);

#endif
