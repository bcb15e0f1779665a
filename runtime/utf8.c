#include "utf8.h"

#include <stdint.h>
#include <string.h>

/* The length of the character at p; 0 where there is none. */
static size_t character(const unsigned char *p, size_t left)
{
    unsigned char lead = p[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    if ((lead == 0xE0 && p[1] < 0xA0) || (lead == 0xED && p[1] > 0x9F) || (lead == 0xF0 && p[1] < 0x90) || (lead == 0xF4 && p[1] > 0x8F))
        return 0;
    return length;
}

size_t stele_utf8_valid(const char *text, size_t length)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t at = 0, size = 1;
    while (at < length && size > 0) {
        uint64_t eight = UINT64_C(0x8080808080808080);
        if (length - at >= sizeof eight)
            memcpy(&eight, p + at, sizeof eight);
        size = (eight & UINT64_C(0x8080808080808080)) == 0 ? sizeof eight : character(p + at, length - at);
        at += size;
    }
    return at;
}
