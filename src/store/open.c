/* open.c: which store a place names. A new store is a new file, and a row here. */
#include "store/open.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/fail.h"

static const struct store_row {
    const char *scheme;
    const signet_store_ops *ops;
} stores[] = {
    {"mongodb://", &mongo_ops}, {"mongodb+srv://", &mongo_ops}, {"", &sqlite_ops}, /* a path */
};

const char *signet_store_places(void)
{
    return "mongodb://… or mongodb+srv://…, the path of a file such as \"./signet.db\", or \":memory:\"";
}

/* The first row whose scheme the place begins with, in either case (RFC 3986 section 3.1); the last one has none. */
static const signet_store_ops *ops_of(const char *place)
{
    const struct store_row *row = stores;
    while (strncasecmp(place ? place : "", row->scheme, strlen(row->scheme)) != 0)
        row++;
    return row->ops;
}

/* Two letters or more before a colon: one letter is a drive of Windows. `file:` is no path either, as its options
 * could weaken SQLite. */
static bool has_scheme(const char *place)
{
    size_t len = 0;
    while (isalnum((unsigned char)place[len]) || (len > 0 && strchr("+.-", place[len]) && place[len]))
        len++;
    return len > 1 && place[len] == ':';
}

const signet_store_traits *signet_store_traits_of(const char *place)
{
    return &ops_of(place)->traits;
}

signet_status signet_store_open(const signet_store_options *options, signet_store **store, signet_error *err)
{
    const char *const place = options->place;
    const signet_store_ops *const ops = ops_of(place);
    if (!place || !*place || (ops == &sqlite_ops && has_scheme(place)))
        return signet_fail_detail(err, SIGNET_ERR_OPTION, "store", "the store must be %s", signet_store_places());
    return ops->open(options, store, err);
}
