/* mongo_compat.h: mongo-c-driver 1.23 to 2.x, and what differs between them. Otherwise the store uses functions that
 * both have and neither deprecates. */
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

/* 2.x deprecates the name that 1.23 has */
#ifndef BSON_APPEND_ARRAY_UNSAFE_BEGIN
#define BSON_APPEND_ARRAY_UNSAFE_BEGIN BSON_APPEND_ARRAY_BEGIN
#endif

#endif
