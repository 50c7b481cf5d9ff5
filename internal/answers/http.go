package answers

import (
	"encoding/json"
	"errors"
	"maps"

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
	v := response{Status: resp.Status, Header: resp.Header, Body: noted(resp.Body)}
	cloned := false
	for name, value := range resp.Header {
		if text := noted(value); text != value {
			if !cloned {
				v.Header, cloned = maps.Clone(resp.Header), true
			}
			v.Header[name] = text
		}
	}
	return effect.Answer{Value: Value(v)}
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
	headers := make(map[string]string, len(v.Header))
	for name, text := range v.Header {
		headers[name] = told(text)
	}
	return &effect.Response{Status: v.Status, Header: headers, Body: told(v.Body)}, nil, nil
}
