// Holds a log to golang.org/x/mod/sumdb: its checkpoint by note, every tile and every entry by tlog,
// that it grew, and our own proofs. As aics.py: FOLDER has log/, key.pub, old and proofs.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(parts ...string) []byte {
	data, err := os.ReadFile(filepath.Join(parts...))
	must(err)
	return data
}

func checkpoint(path string, verifiers note.Verifiers) (string, tlog.Tree) {
	opened, err := note.Open(read(path), verifiers)
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	hash, err := tlog.ParseHash(lines[2])
	must(err)
	return lines[0], tlog.Tree{N: size, Hash: hash}
}

type tiles struct{ log string }

func (t tiles) Height() int                         { return 8 }
func (t tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) ReadTiles(all []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range all {
		// Its paths name the height, those of tlog-tiles don't.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(t.log, path))
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

func entries(log string, size int64) [][]byte {
	var all [][]byte
	for index := int64(0); index < size; index += 256 {
		tile := tlog.Tile{H: 8, L: 0, N: index / 256, W: 256}
		if size-index < 256 {
			tile.W = int(size - index)
		}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		data := read(log, path)
		for len(data) > 0 {
			length := 2 + int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:length])
			data = data[length:]
		}
	}
	return all
}

func main() {
	folder := os.Args[1]
	log := filepath.Join(folder, "log")
	verifier, err := note.NewVerifier(strings.TrimSpace(string(read(folder, "key.pub"))))
	must(err)
	verifiers := note.VerifierList(verifier)
	origin, now := checkpoint(filepath.Join(log, "checkpoint"), verifiers)
	_, old := checkpoint(filepath.Join(folder, "old"), verifiers)
	// It believes no tile that does not lead to the tree's hash.
	hashes := tlog.TileHashReader(now, tiles{log})
	grown, err := tlog.ProveTree(now.N, old.N, hashes)
	must(err)
	must(tlog.CheckTree(grown, now.N, now.Hash, old.N, old.Hash))
	all := entries(log, now.N)
	if int64(len(all)) != now.N {
		must(fmt.Errorf("%d entries of %d", len(all), now.N))
	}
	for start := int64(0); start < now.N; start += 256 {
		var places []int64
		for n := start; n < now.N && n < start+256; n++ {
			places = append(places, tlog.StoredHashIndex(0, n))
		}
		stored, err := hashes.ReadHashes(places)
		must(err)
		for at, hash := range stored {
			if tlog.RecordHash(all[start+int64(at)]) != hash {
				must(fmt.Errorf("entry %d is another", start+int64(at)))
			}
		}
	}
	proofs := strings.Split(strings.TrimSpace(string(read(folder, "proofs"))), "\n")
	for _, line := range proofs {
		words := strings.Fields(line)
		index, err := strconv.ParseInt(words[0], 10, 64)
		must(err)
		var proof tlog.RecordProof
		for _, word := range words[1:] {
			bytes, err := base64.StdEncoding.DecodeString(word)
			must(err)
			proof = append(proof, tlog.Hash(*(*[32]byte)(bytes)))
		}
		must(tlog.CheckRecord(proof, now.N, now.Hash, index, tlog.RecordHash(all[index])))
	}
	fmt.Println(origin, now.N, len(proofs))
}
