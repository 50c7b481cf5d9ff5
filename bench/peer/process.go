package peer

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// Process is a process of its own that does the work of hooks in Go, and is asked in JSON over a Unix socket. It is the
// program of the test itself, whose TestMain is Main. A process can be given limits by its system; an answer that takes
// too long is not waited for.
func Process(l Limits) Peer {
	in := processLimits(l)
	return Peer{
		Name: "JSON, Unix socket", Limits: "a process, time", Several: true,
		PrePost: in.prePost, Policy: in.policy, Set: in.set, SetNested: in.setNested, Sum: in.sum,
	}
}

// processLimits are the limits of an answer.
type processLimits Limits

// question and answer are what goes to the process and comes back, a line each.
type (
	question struct {
		Work    string         `json:"work"`
		Fail    bool           `json:"fail,omitempty"`
		Args    any            `json:"args,omitempty"`
		Share   *share.Share   `json:"share,omitempty"`
		Managed *world.Managed `json:"managed,omitempty"`
		Shares  []share.Share  `json:"shares,omitempty"`
	}
	answer struct {
		Error   string         `json:"error,omitempty"`
		May     bool           `json:"may,omitempty"`
		Share   *share.Share   `json:"share,omitempty"`
		Managed *world.Managed `json:"managed,omitempty"`
		Total   int64          `json:"total,omitempty"`
	}
)

const socketVariable = "HOOKRUN_BENCH_SOCKET"

// answerAt is the process: it answers one connection and ends.
func answerAt(path string) error {
	listener, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	if _, err := os.Stdout.WriteString("ready\n"); err != nil {
		return err
	}
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	for in, out := json.NewDecoder(conn), json.NewEncoder(conn); ; {
		var q question
		if err := in.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := out.Encode(q.answer()); err != nil {
			return err
		}
	}
}

// answer does the work that is asked for.
func (q *question) answer() answer {
	if q.Fail {
		return answer{Error: "failed"}
	}
	switch q.Work {
	case "policy":
		return answer{May: q.Share.Size <= 500 && q.Share.Status == "available" && q.Share.Host != ""}
	case "set":
		rename(q.Share)
		return answer{Share: q.Share}
	case "set nested":
		rename(&q.Managed.Share)
		return answer{Managed: q.Managed}
	case "sum":
		var a answer
		for i := range q.Shares {
			if q.Shares[i].Status == "available" {
				a.Total += q.Shares[i].Size
			}
		}
		return a
	}
	return answer{}
}

func rename(s *share.Share) {
	if s.Size >= 0 && s.Status == "available" && s.Host != "" {
		s.Name = "renamed"
	}
}

// asked is the other end of the connection.
type asked struct {
	conn    net.Conn
	in      *json.Decoder
	out     *json.Encoder
	timeout time.Duration
}

// open starts a process that ends with the test.
func (in processLimits) open(tb testing.TB) *asked {
	tb.Helper()
	dir, err := os.MkdirTemp("", "bench") // a socket's path must be short
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "socket")
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), socketVariable+"="+path), os.Stderr
	ready, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	if _, err := io.ReadFull(ready, make([]byte, len("ready\n"))); err != nil {
		tb.Fatalf("the process is not ready: %v", err)
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = conn.Close()
		if err := cmd.Wait(); err != nil {
			tb.Errorf("the process ended with %v", err)
		}
	})
	return &asked{conn, json.NewDecoder(conn), json.NewEncoder(conn), in.Timeout}
}

// ask waits for an answer.
func (p *asked) ask(q question) answer {
	var a answer
	if err := errors.Join(p.conn.SetDeadline(time.Now().Add(p.timeout)), p.out.Encode(q), p.in.Decode(&a)); err != nil {
		panic(err)
	}
	if a.Error != "" {
		panic(a.Error)
	}
	return a
}

// prePost asks twice for any number of hooks: the process has them all.
func (in processLimits) prePost(tb testing.TB, hooks []Bodies) side.Side {
	p := in.open(tb)
	var failsPre, failsPost bool
	for _, h := range hooks {
		failsPre, failsPost = failsPre || h.Pre != "", failsPost || h.Post != ""
	}
	args := share.ExtendShareArgs{Share: world.NewShare(1)}
	return func(n int) {
		for range n {
			p.ask(question{Work: "pre", Fail: failsPre, Args: &args})
			_, _ = world.Extend(tb.Context(), args)
			p.ask(question{Work: "post", Fail: failsPost, Args: &args})
		}
	}
}

func (in processLimits) policy(tb testing.TB) func(*share.Share) bool {
	p := in.open(tb)
	return func(s *share.Share) bool { return p.ask(question{Work: "policy", Share: s}).May }
}

func (in processLimits) set(tb testing.TB) func(*share.Share) share.Share {
	p := in.open(tb)
	return func(s *share.Share) share.Share { return *p.ask(question{Work: "set", Share: s}).Share }
}

func (in processLimits) setNested(tb testing.TB) func(*world.Managed) *world.Managed {
	p := in.open(tb)
	return func(m *world.Managed) *world.Managed { return p.ask(question{Work: "set nested", Managed: m}).Managed }
}

func (in processLimits) sum(tb testing.TB, list []share.Share) func() int64 {
	p := in.open(tb)
	return func() int64 { return p.ask(question{Work: "sum", Shares: list}).Total }
}
