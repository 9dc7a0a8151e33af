// Verifies a log that is served as C2SP tiles, with the libraries of Go's checksum database
// (golang.org/x/mod/sumdb): notes, tiles, inclusion and consistency. It shares no code with ours.
//
// Standard input: {"vkey", "root", "checkpoint", "older": [...], "proofs": [{"proof", "leaf"}],
// "indexes": [...]}, bytes as base64; `root` is a folder or an address that has tile/….
// Standard output: what each was found to be, and the proofs that Go makes of our tiles.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Vkey       string   `json:"vkey"`
	Root       string   `json:"root"`
	Checkpoint []byte   `json:"checkpoint"`
	Older      [][]byte `json:"older"`
	Proofs     []struct {
		Proof []byte `json:"proof"`
		Leaf  []byte `json:"leaf"`
	} `json:"proofs"`
	Indexes []int64 `json:"indexes"`
}

type answer struct {
	Checkpoint  string     `json:"checkpoint"`
	Size        int64      `json:"size"`
	Proofs      []string   `json:"proofs"`
	Inclusion   [][]string `json:"inclusion"`
	Consistency [][]string `json:"consistency"`
	Older       []string   `json:"older"`
}

const right = "right"

func verdict(err error) string {
	if err != nil {
		return err.Error()
	}
	return right
}

// opened returns the size and root of a checkpoint whose signature is right.
func opened(written []byte, verifiers note.Verifiers) (tlog.Tree, error) {
	var tree tlog.Tree
	opened, err := note.Open(written, verifiers)
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 {
		return tree, errors.New("not three lines")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// served reads tiles from a folder or an address, under the paths of C2SP.
type served struct{ root string }

func (s served) Height() int { return 8 }

func (s served) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		at := s.root + "/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		var data []byte
		var err error
		if strings.HasPrefix(at, "http") {
			var got *http.Response
			if got, err = http.Get(at); err == nil {
				data, err = io.ReadAll(got.Body)
				got.Body.Close()
				if got.StatusCode != 200 {
					err = fmt.Errorf("%s: %s", at, got.Status)
				}
			}
		} else {
			data, err = os.ReadFile(at)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (s served) SaveTiles([]tlog.Tile, [][]byte) {}

// proved verifies a tlog-proof file for a leaf.
func proved(written, leaf []byte, verifiers note.Verifiers) error {
	head, signed, found := strings.Cut(string(written), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a proof")
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		return err
	}
	var path tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		path = append(path, hash)
	}
	tree, err := opened([]byte(signed), verifiers)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(leaf))
}

func texts(hashes []tlog.Hash) []string {
	said := []string{}
	for _, hash := range hashes {
		said = append(said, base64.StdEncoding.EncodeToString(hash[:]))
	}
	return said
}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	verifier, err := note.NewVerifier(asked.Vkey)
	if err != nil {
		panic(err)
	}
	verifiers := note.VerifierList(verifier)
	var said answer
	tree, err := opened(asked.Checkpoint, verifiers)
	said.Checkpoint, said.Size = verdict(err), tree.N
	for _, each := range asked.Proofs {
		said.Proofs = append(said.Proofs, verdict(proved(each.Proof, each.Leaf, verifiers)))
	}
	if said.Checkpoint == right && asked.Root != "" {
		reader := tlog.TileHashReader(tree, served{asked.Root})
		for _, index := range asked.Indexes {
			path, err := tlog.ProveRecord(tree.N, index, reader)
			if err != nil {
				panic(err)
			}
			said.Inclusion = append(said.Inclusion, texts(path))
		}
		for _, written := range asked.Older {
			older, err := opened(written, verifiers)
			var path tlog.TreeProof
			if err == nil {
				path, err = tlog.ProveTree(tree.N, older.N, reader)
			}
			if err == nil {
				err = tlog.CheckTree(path, tree.N, tree.Hash, older.N, older.Hash)
			}
			said.Older = append(said.Older, verdict(err))
			said.Consistency = append(said.Consistency, texts(path))
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		panic(err)
	}
}
