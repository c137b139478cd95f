#include "core.h"

/* The compiler calls these four by itself; the flag keeps it from turning them into calls of themselves. */
void *memcpy(void *restrict to, const void *restrict from, size_t count) {
    uint8_t *t = to;
    const uint8_t *f = from;
#if defined(__x86_64__)
    __asm__ volatile("rep movsb" : "+D"(t), "+S"(f), "+c"(count)::"memory");
#else
    while (count--) *t++ = *f++;
#endif
    return to;
}

void *memmove(void *to, const void *from, size_t count) {
    uint8_t *t = to;
    const uint8_t *f = from;
    if (t < f || t >= f + count) return memcpy(to, from, count);
    while (count--) t[count] = f[count];
    return to;
}

void *memset(void *to, int value, size_t count) {
    uint8_t *t = to;
#if defined(__x86_64__)
    __asm__ volatile("rep stosb" : "+D"(t), "+c"(count) : "a"(value) : "memory");
#else
    while (count--) *t++ = (uint8_t)value;
#endif
    return to;
}

int memcmp(const void *a, const void *b, size_t count) {
    const uint8_t *x = a, *y = b;
    for (; count; count--, x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}

size_t text_length(const char *text) {
    size_t length = 0;
    while (text[length]) length++;
    return length;
}

bool text_equal(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

uint32_t text_decimal(char *to, int64_t value) {
    char reversed[20];
    uint32_t digits = 0, at = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do reversed[digits++] = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (value < 0) to[at++] = '-';
    while (digits) to[at++] = reversed[--digits];
    return at;
}
