package shop

import (
	"fmt"
	str "strings"
	. "math"
	_ "embed"
)
import "os"

const ( A = iota; B; C int = 3 )
var x, y = 1, "two"
type ( ID int64; Alias = map[string][]*Item )
type Cart[T any, K comparable] struct {
	*Base
	sync.Mutex
	Items []T `json:"items"`
	next, last *Cart[T, K]
	handler func(a int, b ...string) (n int, err error)
}
type Named interface { Name() string; io.Reader; ~int | ~string }

// Total sums.
func (c *Cart[T, K]) Total(rate float64, _ int, more ...string) (sum float64, err error) {
	defer func() { if r := recover(); r != nil { err = fmt.Errorf("x: %w", r) } }()
	for i, item := range c.Items { sum += item.(Priced).Price() * rate; _ = i }
loop:
	for { select { case v, ok := <-c.ch: if !ok { break loop }; default: continue loop } }
	switch t := any(c).(type) { case nil, *Cart[T, K]: go t.run(); fallthrough; default: goto loop }
	a, b := [...]int{1, 2}, map[string]Point{"x": {1, 2}}
	c.ch <- Item{Name: `raw`, Rune: 'x', N: 0x1F + 1i}
	return str.ToUpper(a[1:2:3]), nil
}
func (Cart) New() {}
func New[T any](f func(T) bool) *Cart[T, int] { return &Cart[T, int]{} }
func main() { New[int](nil).Total(1, 2, os.Args...) }
