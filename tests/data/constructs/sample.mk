include a.mk
-include b.mk
export CC ?= gcc
SRC := $(wildcard *.c) $(patsubst %.c,%.o,$(SRC:.c=.o))
define RULE
$(1): $(2)
	echo $$x
endef
ifeq ($(X),1)
Y = 1
else ifdef Z
Y += 2
endif
.PHONY: all clean
all: $(SRC) | dir ; @echo x
%.o: %.c
	$(CC) -c $< -o $@
	-rm -f x \
	  y
private_ : private X = 1
$(eval $(call RULE,a,b))
