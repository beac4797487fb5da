/*
 * doctor.h - the parts of tuberryctl doctor.
 */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include "ctl/ctl.h"
#include "ctl/finding.h"

/* What the database knows: schema, bots, accounts, queue. */
void doctor_data(struct ctl *c, struct findings *f);

#endif
