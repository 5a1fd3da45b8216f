/* random_stock.h: random bytes for the jobs of a batch, drawn together. Private to src/session.
 *
 * OpenSSL's generator takes a microsecond a request, a tenth of a rotation, and hardly more for a kilobyte. What has
 * been taken is wiped here, so that no byte is given twice; the stock lives no longer than its batch. */
#ifndef SIGNET_SESSION_RANDOM_STOCK_H
#define SIGNET_SESSION_RANDOM_STOCK_H

#include "signet.h"

typedef struct signet_random_stock {
    uint8_t bytes[1024];
    size_t left;   /* the first so many of `bytes` */
    size_t jobs_n; /* that may still ask, the one at hand included */
} signet_random_stock;

void signet_random_stock_init(signet_random_stock *stock);
void signet_random_stock_clear(signet_random_stock *stock);

/* False: OpenSSL has none. */
SIGNET_MUST_CHECK bool signet_random_stock_take(signet_random_stock *stock, uint8_t *out, size_t len);

/* A new session's id, or a jti: 128 random bits as text. */
SIGNET_MUST_CHECK bool signet_random_stock_take_id(signet_random_stock *stock, char id[SIGNET_SESSION_ID_LEN + 1]);

#endif
