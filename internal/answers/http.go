package answers

import (
	"encoding/json"
	"errors"
	"maps"
	"unicode/utf8"

	"github.com/hookrun/hookrun/effect"
)

// response is the value of an answer to a request.
type response struct {
	Status int               `json:"status"`
	Header map[string]string `json:"headers,omitempty"`
	Body   string            `json:"body,omitempty"`
	Bytes  []byte            `json:"bytes,omitempty"` // the body where that is no text
	// HeaderBytes are the headers that are no text, such as those in ISO 8859-1.
	HeaderBytes map[string][]byte `json:"header_bytes,omitempty"`
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
	v := response{Status: resp.Status, Header: resp.Header, Body: resp.Body}
	if !utf8.ValidString(resp.Body) {
		v.Body, v.Bytes = "", []byte(resp.Body)
	}
	for name, value := range resp.Header {
		if utf8.ValidString(value) {
			continue
		}
		if v.HeaderBytes == nil {
			v.Header, v.HeaderBytes = maps.Clone(resp.Header), map[string][]byte{}
		}
		delete(v.Header, name)
		v.HeaderBytes[name] = []byte(value)
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
	if v.Bytes != nil {
		v.Body = string(v.Bytes)
	}
	if v.Header == nil {
		v.Header = map[string]string{}
	}
	for name, value := range v.HeaderBytes {
		v.Header[name] = string(value)
	}
	return &effect.Response{Status: v.Status, Header: v.Header, Body: v.Body}, nil, nil
}
