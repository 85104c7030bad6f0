// What tree-sitter-yaml's source package lacks: its scanner asks this file what a plain scalar is, character by
// character. Ours tells numbers in decimals and lower-case words of the YAML 1.2 core schema; the rest are strings.
// Source: YAML 1.2.2, section 10.3.2.
#define SCH_STT_FRZ -1

typedef enum { RS_STR, RS_NULL, RS_BOOL, RS_INT, RS_FLOAT } ResultSchema;

// States: 0 start, 1 sign, 2 integer, 3 point without digits, 4 fraction, 5 exponent, 6 its sign, 7 its digits, then
// one for each letter of a word, in the order of kWords.
enum { kFirstWordState = 10, kWordStates = 6 };

static const char *const kWords[] = {"null", "true", "false", "~"};

static int8_t advanceWord(int8_t state, int32_t character, ResultSchema *result) {
    const int word = state == 0 ? -1 : (state - kFirstWordState) / kWordStates;
    const int read = state == 0 ? 0 : (state - kFirstWordState) % kWordStates;
    for (int i = 0; i < (int)(sizeof(kWords) / sizeof(kWords[0])); i++) {
        if ((word >= 0 && word != i) || kWords[i][read] == 0 || kWords[i][read] != character) continue;
        if (kWords[i][read + 1] == 0) *result = i == 1 || i == 2 ? RS_BOOL : RS_NULL;
        return (int8_t)(kFirstWordState + i * kWordStates + read + 1);
    }
    return SCH_STT_FRZ;
}

static int8_t advanceNumber(int8_t state, int32_t character, ResultSchema *result) {
    if (character >= '0' && character <= '9') {
        *result = state <= 2 ? RS_INT : RS_FLOAT;
        return state <= 2 ? 2 : state <= 4 ? 4 : 7;
    }
    if ((character == '-' || character == '+') && (state == 0 || state == 5)) return (int8_t)(state + 1);
    if (character == '.' && state <= 2) {
        if (state == 2) *result = RS_FLOAT;
        return state == 2 ? 4 : 3;
    }
    if ((character == 'e' || character == 'E') && (state == 2 || state == 4)) return 5;
    return SCH_STT_FRZ;
}

static int8_t adv_sch_stt(int8_t state, int32_t character, ResultSchema *result) {
    *result = RS_STR;
    if (state == SCH_STT_FRZ) return SCH_STT_FRZ;
    int8_t next = SCH_STT_FRZ;
    if (state < kFirstWordState) next = advanceNumber(state, character, result);
    if (next == SCH_STT_FRZ && (state == 0 || state >= kFirstWordState)) next = advanceWord(state, character, result);
    return next;
}
