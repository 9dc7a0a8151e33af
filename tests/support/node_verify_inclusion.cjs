// Verifies inclusion proofs with the verifier of Sigstore (npm @sigstore/verify), which shares no
// code with ours. Standard input: [{index, size, root, hashes, leaf}], bytes as base64; standard
// output: a list of "right" or the reason.
const { verifyMerkleInclusion } = require("./node_modules/@sigstore/verify/dist/tlog/merkle.js");
const bytes = (text) => Buffer.from(text, "base64");
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const verdicts = asked.map(({ index, size, root, hashes, leaf }) => {
  const proof = { logIndex: String(index), hashes: hashes.map(bytes) };
  const entry = { canonicalizedBody: bytes(leaf), inclusionProof: proof };
  try {
    verifyMerkleInclusion(entry, { logSize: BigInt(size), logHash: bytes(root) });
    return "right";
  } catch (error) {
    return error.message;
  }
});
process.stdout.write(JSON.stringify(verdicts));
