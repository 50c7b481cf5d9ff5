package sink

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxAnswer     = 4 << 10        // bytes that are read of an answer's body
	patience      = time.Second    // how long a body is waited for once the headers have come
	maxRetryAfter = 24 * time.Hour // what a receiver may ask for: the longest wait of the schedule
)

// beginning reads the beginning of an answer's body, so much as comes soon; cancel ends the request. A body that is
// read to its end leaves the connection for the next request.
func beginning(answer *http.Response, cancel context.CancelFunc) string {
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return "" // the body is the connection itself, which no context ends
	}
	defer time.AfterFunc(patience, cancel).Stop()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	return string(text)
}

// refusal is the error for an answer with another status than 2xx.
func refusal(answer *http.Response, body string) error {
	said := fmt.Sprintf("answered %d", answer.StatusCode)
	if phrase := http.StatusText(answer.StatusCode); phrase != "" {
		said += " " + phrase
	}
	if to, err := answer.Location(); err == nil && answer.StatusCode/100 == 3 {
		return fmt.Errorf("%s, and redirects are not followed: %s://%s", said, to.Scheme, to.Host)
	}
	if body = strings.Join(strings.Fields(body), " "); body != "" {
		said += ": " + body
	}
	return fmt.Errorf("%s", said)
}

// retryAfter returns how long an answer asks its client to wait, from 0 to maxRetryAfter; 0 where it does not, or not
// in a way of RFC 9110, section 10.2.3. A date counts from the answer's own date, so that clocks may differ.
func retryAfter(answer http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(answer.Get("Retry-After"))
	if text != "" && strings.Trim(text, "0123456789") == "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(answer.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
