/*
 * audit.h - a page of the audit, as the visitor's query asks for it.
 *
 * For the API and for people alike; the filters are client_id, user_id,
 * object, action, limit and cursor.
 */
#ifndef WEB_AUDIT_H
#define WEB_AUDIT_H

#include "store/audit.h"
#include "web/req.h"

struct audit_found {
	struct audit_filter asked;
	struct audit_row *list;
	size_t n;
	bool more; /* behind the last of them */
};

/* False: rq->err says why.  `asked` is filled in any case. */
bool req_audit_find(struct req *rq, struct audit_found *found);

#endif
