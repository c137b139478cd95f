/* The keys that detach a person from a terminal: typed one after another they go nowhere and mean that. */
#include "front.h"

bool keys_read(struct reader *r, struct keys *keys) {
    *keys = (struct keys){0};
    const uint8_t *bytes = read_bytes(r, &keys->count);
    if (r->broken || keys->count > KEYS_MAX) return false;
    if (keys->count) memcpy(keys->bytes, bytes, keys->count);
    return true;
}

bool keys_typed(struct keys *keys, const uint8_t *typed, uint32_t count, uint8_t *to, uint32_t *length) {
    for (uint32_t i = 0; i < count; i++) {
        if (keys->count && typed[i] == keys->bytes[keys->at]) {
            if (++keys->at == keys->count) return true;
            continue;
        }
        memcpy(to + *length, keys->bytes, keys->at);
        *length += keys->at;
        keys->at = 0;
        if (keys->count && typed[i] == keys->bytes[0]) keys->at = 1;
        else to[(*length)++] = typed[i];
    }
    return false;
}
