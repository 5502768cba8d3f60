// decode holds a decoder of requests to Go's own: does what it wrote anew mean what it had read?
//
// Standard input has frames: a kind (one byte), and twice a length (four bytes, the highest first) with a document: the
// original, and what the other decoder made of it. For each frame one line comes out: "same", or what differs.
//
// The types are the engine's own, as Debian packages them (golang-github-docker-docker-dev); they moved between
// versions, and are named in the files kinds_*.go, of which the build takes one by its tag.
//
// The kind T is no document but a method and a target, which net/http reads.
//
// With the argument "examples" it writes one line for each kind instead: the kind, a tab, and a document with something
// in every field that the type has.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"strings"
)

func decoded(kind byte, document []byte) (interface{}, error) {
	value := kinds[kind]()
	return value, json.Unmarshal(document, value)
}

func document(in io.Reader) ([]byte, error) {
	var length uint32
	if err := binary.Read(in, binary.BigEndian, &length); err != nil {
		return nil, err
	}
	bytes := make([]byte, length)
	_, err := io.ReadFull(in, bytes)
	return bytes, err
}

func compare(kind byte, original, anew []byte) string {
	if kind == 'T' {
		return compareTargets(original, anew)
	}
	want, err := decoded(kind, original)
	if err != nil {
		return fmt.Sprintf("the original is refused: %q", err)
	}
	got, err := decoded(kind, anew)
	if err != nil {
		return fmt.Sprintf("what was written anew is refused: %q", err)
	}
	// Not their JSON: that hides whether something is nil or empty.
	if !reflect.DeepEqual(want, got) {
		return fmt.Sprintf("%+q became %+q", text(want), text(got))
	}
	return "same"
}

// version is what the engine's router takes for one (api/server/server.go).
var version = regexp.MustCompile("^/v[0-9.]+(/.*)$")

// target reads a method and a target as the engine does: the path without its version, and what r.FormValue gives.
func target(line []byte) (string, map[string]string, error) {
	head := io.MultiReader(bytes.NewReader(line), strings.NewReader(" HTTP/1.1\r\nHost: docker\r\n\r\n"))
	request, err := http.ReadRequest(bufio.NewReader(head))
	if err != nil {
		return "", nil, err
	}
	if err := request.ParseForm(); err != nil {
		return "", nil, err
	}
	path := request.URL.Path
	if found := version.FindStringSubmatch(path); found != nil {
		path = found[1]
	}
	values := map[string]string{}
	for name := range request.Form {
		values[name] = fmt.Sprintf("%q", request.Form[name])
	}
	return request.Method + " " + path, values, nil
}

func compareTargets(original, anew []byte) string {
	path, values, err := target(original)
	if err != nil {
		return fmt.Sprintf("the original is refused: %q", err)
	}
	pathAnew, valuesAnew, err := target(anew)
	if err != nil {
		return fmt.Sprintf("what was written anew is refused: %q", err)
	}
	if path != pathAnew || !reflect.DeepEqual(values, valuesAnew) {
		return fmt.Sprintf("%q %q became %q %q", path, values, pathAnew, valuesAnew)
	}
	return "same"
}

func text(value interface{}) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// fill puts something into every field, down to a depth; types of lists within themselves end there.
func fill(value reflect.Value, depth int) {
	if depth == 0 {
		return
	}
	switch value.Kind() {
	case reflect.Bool:
		value.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		value.SetInt(1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		value.SetUint(1)
	case reflect.Float32, reflect.Float64:
		value.SetFloat(1.5)
	case reflect.String:
		value.SetString("x")
	case reflect.Ptr:
		value.Set(reflect.New(value.Type().Elem()))
		fill(value.Elem(), depth-1)
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
		fill(value.Index(0), depth-1)
	case reflect.Array:
		for i := 0; i < value.Len(); i++ {
			fill(value.Index(i), depth-1)
		}
	case reflect.Map:
		key, item := reflect.New(value.Type().Key()).Elem(), reflect.New(value.Type().Elem()).Elem()
		fill(key, depth-1)
		fill(item, depth-1)
		value.Set(reflect.MakeMap(value.Type()))
		value.SetMapIndex(key, item)
	case reflect.Struct:
		for i := 0; i < value.NumField(); i++ {
			if value.Field(i).CanSet() {
				fill(value.Field(i), depth-1)
			}
		}
	}
}

func examples(out io.Writer) {
	for kind, empty := range kinds {
		value := empty()
		fill(reflect.ValueOf(value).Elem(), 12)
		tidy(value)
		fmt.Fprintf(out, "%c\t%s\n", kind, text(value))
	}
}

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	if len(os.Args) > 1 && os.Args[1] == "examples" {
		examples(out)
		return
	}
	for {
		kind, err := in.ReadByte()
		if err == io.EOF {
			return
		}
		if kind != 'T' && kinds[kind] == nil {
			fmt.Fprintf(os.Stderr, "no kind %q\n", kind)
			os.Exit(2)
		}
		original, err := document(in)
		if err == nil {
			var anew []byte
			anew, err = document(in)
			fmt.Fprintln(out, compare(kind, original, anew))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
}
