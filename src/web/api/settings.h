/*
 * settings.h - the installation's settings, as API and cabinet share them.
 */
#ifndef WEB_API_SETTINGS_H
#define WEB_API_SETTINGS_H

#include "core/problems.h"
#include "web/req.h"

/* As they are; no secret is among them.  False: rq->err. */
bool settings_json(struct req *rq, struct json_object **out);

/* Reads the body's master_bot_token, master_bot_name and sign_up, those that
 * are there, and sets them.  False: rq->err, and `problems` of core. */
bool settings_change(struct req *rq, struct problems *problems);

#endif
