/* Long, empty and broken strings through every function, under the address sanitizer. The argument
   is how many rounds; the seed is fixed. Every output buffer lies alone in its own memory, so that
   one byte too many is seen. */

#include "minkacard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long state = 20260101;

static unsigned long next(unsigned long below) {
    state = state * 6364136223846793005UL + 1442695040888963407UL;
    return (state >> 33) % below;
}

static char *text(void) {
    static const size_t lengths[] = {0, 1, 32, 33, 255, 1024, 4096, 65535, 65536, 70000};
    static const char likely[] = "0123456789ABCDEF|$SDFE\xb2\xe2\xca\xd4\x81\xff\n\r";
    size_t length = lengths[next(sizeof lengths / sizeof *lengths)];
    char *made = malloc(length + 1);
    if (made == NULL)
        abort();
    for (size_t i = 0; i < length; i++)
        made[i] = next(8) == 0 ? (char)(1 + next(255)) : likely[next(sizeof likely - 1)];
    made[length] = '\0';
    return made;
}

static void drive(unsigned long which, char *a, char *b, char *c, char *out) {
    int type = (int)next(6) - 1;
    switch (which) {
    case 0: iReadCardBas(type, out); break;
    case 1: iReadCardBas_HSM_Step1(type, out); break;
    case 2: iReadCardBas_HSM_Step2(a, out); break;
    case 3: iReadCard(type, type, a, b, out); break;
    case 4: iReadCard_HSM_Step1(type, a, b, out); break;
    case 5: iReadCard_HSM_Step2(a, out); break;
    case 6: iWriteCard(type, a, b, c, out); break;
    case 7: iWriteCard_HSM_Step1(type, a, b, out); break;
    case 8: iWriteCard_HSM_Step2(a, b, out); break;
    case 9: iReloadPIN(type, a, out); break;
    case 10: iUnblockPIN_HSM_Step1(type, a, out); break;
    case 11: iUnblockPIN_HSM_Step3(a, out); break;
    case 12: iDoDebit(type, a, b, out); break;
    case 13: iDoDebit_HSM_Step2(a, out); break;
    case 14: iReadDebitRecord(type, out); break;
    case 15: iGetCardType(type, out); break;
    case 16: ICC_Reader_Open(a); break;
    default: iReadCard(type, type, NULL, a, out); break;
    }
}

static void level(void) {
    unsigned char command[261];
    unsigned char *response = malloc(MINKA_RESPONSE);
    unsigned char slot = (unsigned char)next(256);
    if (response == NULL)
        abort();
    for (size_t i = 0; i < sizeof command; i++)
        command[i] = (unsigned char)next(256);
    command[0] = 0;
    ICC_Reader_Application((long)next(3), slot, (long)next(300), command, response);
    ICC_Reader_GetStatus((long)next(3), slot);
    free(response);
}

int main(int count, char **words) {
    long rounds = count > 1 ? strtol(words[1], NULL, 10) : 100;
    for (long i = 0; i < rounds; i++) {
        unsigned long which = next(18);
        size_t room = which == 3 || which == 5 || which > 16 ? MINKA_OUT_LONG : MINKA_OUT_SHORT;
        char *a = text(), *b = text(), *c = text(), *out = malloc(which == 14 ? MINKA_OUT_LONG : room);
        if (out == NULL)
            abort();
        drive(which, a, b, c, out);
        if (i % 8 == 0)
            level();
        free(a);
        free(b);
        free(c);
        free(out);
    }
    printf("%ld rounds\n", rounds);
    return 0;
}
