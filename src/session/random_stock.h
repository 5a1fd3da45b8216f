/* random_stock.h: random bytes for the jobs of a batch, drawn in one call. Private to src/session.
 *
 * A call to OpenSSL's generator takes a microsecond, a tenth of a rotation, and hardly longer for a kilobyte. Bytes are
 * wiped as they are taken, so none is used twice; the stock lives no longer than its batch. */
#ifndef SIGNET_SESSION_RANDOM_STOCK_H
#define SIGNET_SESSION_RANDOM_STOCK_H

#include "signet.h"

typedef struct signet_random_stock {
    uint8_t bytes[1024];
    size_t left;   /* how many of `bytes`, from the first on, are unused */
    size_t jobs_n; /* how many jobs may still take some, including the current one */
} signet_random_stock;

void signet_random_stock_init(signet_random_stock *stock);
void signet_random_stock_clear(signet_random_stock *stock);

/* False: OpenSSL failed. */
SIGNET_MUST_CHECK bool signet_random_stock_take(signet_random_stock *stock, uint8_t *out, size_t len);

/* A new session ID or jti: 128 random bits as text. */
SIGNET_MUST_CHECK bool signet_random_stock_take_id(signet_random_stock *stock, char id[SIGNET_SESSION_ID_LEN + 1]);

#endif
