/* mongo_compat.h: mongo-c-driver 1.23 to 2.x. The functions used here are the same in both; only what surrounds them is not. */
#ifndef SIGNET_STORE_MONGO_COMPAT_H
#define SIGNET_STORE_MONGO_COMPAT_H

/* The driver's headers are its authors' own: our warnings stop at their door. */
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#endif
#include <mongoc/mongoc.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#if !MONGOC_CHECK_VERSION(1, 23, 0)
#error "mongo-c-driver 1.23 or later is needed: apt-get install libmongoc-dev"
#endif

#endif
