// Verifies an export of a sealed log (format 2) with the libraries of Go's checksum database
// (golang.org/x/mod/sumdb): the checkpoint and its cosignatures, the root over a whole log, and each
// run of one event by its inclusion proof. It shares no code with ours.
//
// Arguments: vkeys of the log and of witnesses. Standard input: the export. Standard output: the
// names of those that signed, the number of events that were verified, or why not.
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// witness verifies a cosignature with its time (c2sp.org/tlog-cosignature).
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 72 {
		return false
	}
	at := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}

func verifierOf(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || key[0] != 4 {
		return note.NewVerifier(vkey)
	}
	hash := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	return witness{parts[0], binary.BigEndian.Uint32(hash[:4]), key[1:]}, nil
}

// leafOf returns the hash of an event: position, microseconds and digest of the record.
func leafOf(line []byte) (int64, tlog.Hash, error) {
	var stated struct{ Sequence, Recordedtime string }
	if err := json.Unmarshal(line, &stated); err != nil {
		return 0, tlog.Hash{}, err
	}
	position, err := strconv.ParseInt(stated.Sequence, 10, 64)
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	recorded, err := time.Parse(time.RFC3339Nano, stated.Recordedtime)
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	record := append([]byte("{"), line[bytes.Index(line, []byte(`"data":`)):]...)
	digest := sha256.Sum256(record)
	leaf := binary.BigEndian.AppendUint64(nil, uint64(position))
	leaf = binary.BigEndian.AppendUint64(leaf, uint64(recorded.UnixMicro()))
	return position, tlog.RecordHash(append(leaf, digest[:]...)), nil
}

func hashesOf(text string) (found []tlog.Hash) {
	joined, _ := base64.StdEncoding.DecodeString(text)
	for ; len(joined) >= 32; joined = joined[32:] {
		var hash tlog.Hash
		copy(hash[:], joined)
		found = append(found, hash)
	}
	return found
}

// around is what is left and right of one leaf; path puts it into the order of an inclusion proof.
type around struct{ left, right []tlog.Hash }

func (a *around) path(index, low, high int64) tlog.RecordProof {
	if high-low < 2 {
		return nil
	}
	half := int64(1)
	for half*2 < high-low {
		half *= 2
	}
	if index < low+half {
		below := a.path(index, low, low+half)
		if len(a.right) == 0 {
			return nil
		}
		next := a.right[0]
		a.right = a.right[1:]
		return append(below, next)
	}
	below := a.path(index, low+half, high)
	if len(a.left) == 0 {
		return nil
	}
	next := a.left[len(a.left)-1]
	a.left = a.left[:len(a.left)-1]
	return append(below, next)
}

func verified() error {
	var verifiers []note.Verifier
	for _, vkey := range os.Args[1:] {
		verifier, err := verifierOf(vkey)
		if err != nil {
			return err
		}
		verifiers = append(verifiers, verifier)
	}
	lines := bufio.NewReader(os.Stdin)
	first, err := lines.ReadBytes('\n')
	if err != nil {
		return err
	}
	var manifest struct {
		Checkpoint string
		Runs       [][4]json.RawMessage
	}
	if err := json.Unmarshal(first, &manifest); err != nil {
		return err
	}
	opened, err := note.Open([]byte(manifest.Checkpoint), note.VerifierList(verifiers...))
	if err != nil {
		return err
	}
	for _, each := range opened.Sigs {
		fmt.Println("signed by", each.Name)
	}
	stated := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(stated[1], 10, 64)
	if err != nil {
		return err
	}
	root, err := tlog.ParseHash(stated[2])
	if err != nil {
		return err
	}
	count := int64(0)
	for _, run := range manifest.Runs {
		var low, high int64
		var left, right string
		for at, to := range []any{&low, &high, &left, &right} {
			if err := json.Unmarshal(run[at], to); err != nil {
				return err
			}
		}
		var stored []tlog.Hash
		for position := low; position <= high; position++ {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return err
			}
			at, leaf, err := leafOf(bytes.TrimRight(line, "\n"))
			if err != nil {
				return err
			}
			if at != position {
				return fmt.Errorf("position %d instead of %d", at, position)
			}
			if low == high {
				path := (&around{hashesOf(left), hashesOf(right)}).path(at-1, 0, size)
				if err := tlog.CheckRecord(path, size, root, at-1, leaf); err != nil {
					return fmt.Errorf("position %d: %w", at, err)
				}
				count++
			} else if low == 1 && high == size {
				reader := tlog.HashReaderFunc(func(indexes []int64) (found []tlog.Hash, err error) {
					for _, index := range indexes {
						found = append(found, stored[index])
					}
					return found, nil
				})
				new, err := tlog.StoredHashesForRecordHash(at-1, leaf, reader)
				if err != nil {
					return err
				}
				stored = append(stored, new...)
				if at == size {
					found, err := tlog.TreeHash(size, reader)
					if err != nil {
						return err
					}
					if found != root {
						return errors.New("another root")
					}
					count += size
				}
			}
		}
	}
	fmt.Println("verified", count)
	return nil
}

func main() {
	if err := verified(); err != nil {
		fmt.Println("wrong:", err)
	}
}
