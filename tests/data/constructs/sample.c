#include <stdio.h>
#include "list.h"
#define LIST_MAX 8
#define each(l, x) for (x = (l)->head; x; x = x->next)
#ifdef __linux__
# define A 1
#else
# error none
#endif
typedef struct list { struct node *head, *tail; int (*compare)(const void*, const void*); unsigned n : 4; } list_t, *list_p;
enum kind { plain, gift = 1 << 2 };
union u { int i; float f[2]; };
static const char* const names[] = { [plain] = "plain", "gift" };
extern int count; int other(void), *third;
struct node* list_find(list_t* list, const void* key, ...);
static inline struct node* __attribute__((hot)) list_find(list_t *list, const void *key, ...) {
    struct node* node = NULL; int i = 0, a[3] = {1, 2};
    each(list, node) { if (!list->compare(node->key, key)) return node; else continue; }
    do { i += (int)sizeof(*list) ? a[i++] : -1; } while (i < LIST_MAX);
    switch (i) { case 1: goto out; default: break; }
    ((struct point){ .x = 1, .y = 2 }).x = names[0][1];
out:
    printf("%d\n" "more", list->head->value(1)(2));
    return 0;
}
int old(a, b) int a; char b; { return a; }
int (*pick(int which))(int) { return which ? other : 0; }
SYSCALL_DEFINE3(read, int, fd) { return 0; }
