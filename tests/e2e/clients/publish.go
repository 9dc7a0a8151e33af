// Publishes with Go's net/http as it is by default.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
)

// Takes the address, and for each request "stated" or "chunked", a media type and a file.
func main() {
	words := os.Args[1:]
	for at := 1; at < len(words); at += 3 {
		content, err := os.ReadFile(words[at+2])
		check(err)
		var body io.Reader = bytes.NewReader(content)
		if words[at] == "chunked" {
			body = io.MultiReader(body) // its length is not known
		}
		answer, err := http.Post(words[0]+"/events", words[at+1], body)
		check(err)
		text, err := io.ReadAll(answer.Body)
		check(err)
		check(answer.Body.Close())
		fmt.Println(answer.StatusCode, string(text))
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
