package attack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookrun/hookrun/engine"
)

// request is what the calls are made with: a bit of everything that scripts see as views.
type request struct {
	ID      string         `json:"id"`
	Size    int64          `json:"size"`
	Exact   int64          `json:"exact"` // beyond what a double holds
	Created time.Time      `json:"created"`
	Items   []item         `json:"items"`
	Numbers []int64        `json:"numbers"`
	Words   []string       `json:"words"`
	Empty   []string       `json:"empty"`
	Tree    *tree          `json:"tree"`
	Extra   map[string]any `json:"extra"`
	Labels  map[string]int `json:"labels"`
	hidden  string
}

type item struct {
	Name  string         `json:"name"`
	Count int            `json:"count"`
	Meta  map[string]any `json:"meta"`
}

type tree struct {
	Name string `json:"name"`
	Next *tree  `json:"next"`
}

// response is the result: what the bystanders saw, and the request again.
type response struct {
	Seen map[string]any `json:"seen"`
	Echo request        `json:"echo"`
}

func newRequest() request {
	r := request{
		ID: "s-1", Size: 10, Exact: 1<<53 + 1, Created: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), hidden: "unseen",
		Numbers: []int64{3, 1, 2}, Words: []string{"alpha", "beta"}, Tree: &tree{"root", &tree{"leaf", nil}},
		Extra:  map[string]any{"list": []any{1, "two", nil, 4.5}, "map": map[string]any{"deep": map[string]any{"er": true}}},
		Labels: map[string]int{"one": 1, "two": 2},
	}
	for i := range 100 {
		r.Items = append(r.Items, item{fmt.Sprintf("item-%d", i), i, map[string]any{"n": i}})
	}
	return r
}

var errDriver = errors.New("the disk is full")

// callAttack makes one attacked call.
func callAttack(ctx context.Context, e *engine.Engine, args request, fails bool) (response, error) {
	return engine.Call(ctx, e, "attack", args, func(_ context.Context, r request) (response, error) {
		if fails {
			return response{}, errDriver
		}
		return response{Seen: map[string]any{}, Echo: r}, nil
	})
}

// callProbe makes a call that only the bystanders hook.
func callProbe(ctx context.Context, e *engine.Engine) (response, error) {
	return engine.Call(ctx, e, "probe", request{ID: "probe"}, func(_ context.Context, r request) (response, error) {
		return response{Seen: map[string]any{}, Echo: r}, nil
	})
}

// callPlain makes a call that no hook sees.
func callPlain(ctx context.Context, e *engine.Engine) (int, error) {
	return engine.Call(ctx, e, "plain", 20, func(_ context.Context, n int) (int, error) { return n + 1, nil })
}
