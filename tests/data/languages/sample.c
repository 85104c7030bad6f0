#include <stdio.h>
#include "list.h"
#define LIMIT 10
#define SQUARE(x) ((x) * (x))
enum colour { RED, GREEN };
struct point { int x, y; };
typedef struct { char *text; } token;
static const int table[] = {1, 2};
int parse_list(const char *text);
/* Adds one. */
static int *add_one(int value) { int local = value + LIMIT; return parse_list(local) ? 0 : &table[0]; }
int parse_list(const char *text) { puts(text); return SQUARE(2); }
