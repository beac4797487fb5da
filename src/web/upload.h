/*
 * upload.h - a form that brings one file, read bit by bit.
 */
#ifndef WEB_UPLOAD_H
#define WEB_UPLOAD_H

#include "core/media_draft.h"
#include "web/req.h"

struct upload_form {
	struct media_draft *draft; /* NULL: there is no file */
	const char *name;          /* as it was told; "": none */
};

/*
 * The field "file" goes to disk, all others into rq->body, whose readers note
 * what is wrong with them; what is wrong with the file is noted here.  0: the
 * form has been read; otherwise the refusal has been filled in.
 */
enum http_status upload_form_read(struct req *rq, struct upload_form *f);

/* Why a file could not be stored, in rq->err. */
enum http_status reply_not_stored(struct req *rq);

#endif
