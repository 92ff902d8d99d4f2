/* SPDX-License-Identifier: Apache-2.0 */
/* The fastest oracle there is: yes to everything. Answers are written when no question is left in
 * what was read. Used to measure how many questions a second the engine can ask. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char in[1 << 20], out[1 << 20];

int main(void)
{
    size_t held = 0;
    ssize_t n;
    while ((n = read(0, in + held, sizeof in - held)) > 0) {
        char *line = in, *end = in + held + n, *lf;
        size_t len = 0;
        while ((lf = memchr(line, '\n', (size_t)(end - line))) != NULL) {
            char *q = line + strlen("{\"q\":");
            int digits = (int)strspn(q, "0123456789");
            len += (size_t)sprintf(out + len, "{\"q\":%.*s,\"ok\":true}\n", digits, q);
            line = lf + 1;
        }
        held = (size_t)(end - line);
        memmove(in, line, held);
        for (size_t from = 0; from < len; from += (size_t)n)
            if ((n = write(1, out + from, len - from)) <= 0)
                return 1;
    }
    return 0;
}
