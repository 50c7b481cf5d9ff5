package answers

import (
	"encoding/json"
	"errors"

	"github.com/hookrun/hookrun/effect"
)

// response is the value of an answer to a request. Its texts are as they are noted.
type response struct {
	Status int               `json:"status"`
	Header map[string]string `json:"headers,omitempty"`
	Body   string            `json:"body,omitempty"`
}

// OfHTTP is what came of a request as an answer.
func OfHTTP(resp *effect.Response, err error) effect.Answer {
	if err != nil {
		failed := &effect.AnswerError{Message: err.Error()}
		if of, ok := err.(*effect.HTTPError); ok {
			failed.Kind, failed.Message = string(of.Kind), of.Message
		}
		return effect.Answer{Error: failed}
	}
	return effect.Answer{Value: Value(response{Status: resp.Status, Header: headersWith(resp.Header, noted), Body: noted(resp.Body)})}
}

// HTTP is what an answer says of a request. Missing is set where that cannot be read.
func HTTP(a effect.Answer) (resp *effect.Response, missing *effect.Error, err error) {
	if e := a.Error; e != nil && e.Kind == "" {
		return nil, nil, errors.New(e.Message)
	} else if e != nil {
		return nil, nil, &effect.HTTPError{Kind: effect.HTTPErrorKind(e.Kind), Message: e.Message}
	}
	var v response
	if json.Unmarshal(a.Value, &v) != nil {
		return nil, Missing(a.Kind, a.Ask), nil
	}
	return &effect.Response{Status: v.Status, Header: headersWith(v.Header, told), Body: told(v.Body)}, nil, nil
}

// headersWith returns headers with other texts for their values.
func headersWith(headers map[string]string, text func(string) string) map[string]string {
	all := make(map[string]string, len(headers))
	for name, value := range headers {
		all[name] = text(value)
	}
	return all
}
