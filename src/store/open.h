/* open.h: the stores that open.c chooses from. Private to src/store. */
#ifndef SIGNET_STORE_OPEN_H
#define SIGNET_STORE_OPEN_H

#include "session/store.h"

extern const signet_store_ops sqlite_ops; /* sqlite.c */
extern const signet_store_ops mongo_ops;  /* mongo.c, or mongo_absent.c */

#endif
