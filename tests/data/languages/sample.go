package shop

import "fmt"

const Limit = 10

type Cart struct{ items []int }

type Adder interface{ Add(item int) }

func (c *Cart) Add(item int) { c.items = append(c.items, item); report(item) }

func report(item int) { fmt.Println(item, Limit) }
