/* random_stock.c: random bytes for the jobs of a batch, drawn in one call. */
#include "session/random_stock.h"

#include <string.h>

#include "core/crypto.h"
#include "session/derive.h"

void signet_random_stock_init(signet_random_stock *stock)
{
    stock->left = 0;
    stock->jobs_n = 1;
}

void signet_random_stock_clear(signet_random_stock *stock)
{
    signet_wipe(stock->bytes, stock->left);
    stock->left = 0;
}

/* Draws enough for this job and for those after it, if each takes as much. */
static bool fill(signet_random_stock *stock, size_t len)
{
    const size_t most_n = sizeof stock->bytes / len, draws_n = stock->jobs_n < most_n ? stock->jobs_n : most_n;
    const size_t wanted = len * (draws_n ? draws_n : 1);
    if (wanted > sizeof stock->bytes || !signet_random(stock->bytes, wanted))
        return false;
    stock->left = wanted;
    return true;
}

bool signet_random_stock_take(signet_random_stock *stock, uint8_t *out, size_t len)
{
    if (stock->left < len && !fill(stock, len))
        return false;
    stock->left -= len;
    memcpy(out, stock->bytes + stock->left, len);
    signet_wipe(stock->bytes + stock->left, len);
    return true;
}

bool signet_random_stock_take_id(signet_random_stock *stock, char id[SIGNET_SESSION_ID_LEN + 1])
{
    uint8_t bytes[SIGNET_ID_BYTES];
    if (!signet_random_stock_take(stock, bytes, sizeof bytes))
        return false;
    signet_id_encode(bytes, id);
    return true;
}
